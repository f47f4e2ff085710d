"""Sends multicast DNS packets as fast as it can: flood.py SECONDS FIRST COUNT, from the addresses 10.77.0.FIRST and COUNT - 1 after it. Prints how many."""
import os
import random
import socket
import struct
import sys
import time

random.seed(20261121)
seconds, first, count = float(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
GROUP = ("224.0.0.251", 5353)


def name(*labels):
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def record(owner, kind, klass, data):
    return owner + struct.pack(">HHIH", kind, klass, 4500, len(data)) + data


def announcement():
    label = b"athens-%08x" % random.getrandbits(32)
    service = name(b"_athens-pool", b"_tcp", b"local")
    instance, host = name(label, b"_athens-pool", b"_tcp", b"local"), name(label, b"local")
    key = b"k=" + bytes(random.choice(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ") for _ in range(42)) + b"A"
    records = [
        record(service, 12, 1, instance),
        record(instance, 33, 0x8001, struct.pack(">HHH", 0, 0, 3443) + host),
        record(instance, 16, 0x8001, b"\3v=1" + bytes([len(key)]) + key),
        record(host, 1, 0x8001, socket.inet_aton("10.77.0.%d" % random.randrange(1, 250))),
    ]
    return struct.pack(">HHHHHH", 0, 0x8400, 0, len(records), 0, 0) + b"".join(records)


def query():
    return struct.pack(">HHHHHH", 0, 0, 1, 0, 0, 0) + name(b"_athens-pool", b"_tcp", b"local") + struct.pack(">HH", 12, 1)


def nonsense():
    return struct.pack(">HHHHHH", 0, random.choice((0, 0x8400)), 1, random.randrange(300), 0, 0) + os.urandom(random.randrange(8000))


def pointers():
    long = b"".join(b"\1a" for _ in range(126)) + b"\0"
    return struct.pack(">HHHHHH", 0, 0, 1400, 0, 0, 0) + long + struct.pack(">HH", 1, 1) + b"\xc0\x0c\0\1\0\1" * 1399


packets = [make() for _ in range(500) for make in (announcement, announcement, query, nonsense)] + [pointers()] * 200
random.shuffle(packets)
sockets = []
for last in range(first, first + count):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("10.77.0.%d" % last))
    s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
    s.bind(("10.77.0.%d" % last, 5353))
    sockets.append(s)
sent, end = 0, time.monotonic() + seconds
while time.monotonic() < end:
    for packet in random.sample(packets, 200):
        try:
            sockets[sent % len(sockets)].sendto(packet, GROUP)
            sent += 1
        except OSError:
            pass
print(sent)
