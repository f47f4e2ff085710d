"""Calls a node's PeerService over python3-grpcio (gRPC's C core) and mutual TLS. Takes one order a line as JSON: a call,
answered with one line of JSON as soon as it ends, or {"cancel": id of a call}. Arguments: a folder with own.pem, own.key,
other.pem and federation.desc; the node's port; "anonymous" for no certificate; "receive=" with the most bytes of a message
that is taken. Twin: peer_client.js."""
import hashlib
import json
import os
import sys
import threading
import time

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

folder, port = sys.argv[1:3]


def read(name):
    with open(os.path.join(folder, name), "rb") as source:
        return source.read()


pool = descriptor_pool.DescriptorPool()
pool.Add(descriptor_pb2.FileDescriptorProto.FromString(read("federation.desc")))
service = pool.FindServiceByName("athens.federation.v1.PeerService")
get_class = getattr(message_factory, "GetMessageClass", None) or message_factory.MessageFactory(pool).GetPrototype
own = (None, None) if "anonymous" in sys.argv else (read("own.key"), read("own.pem"))
receive = next((int(argument[8:]) for argument in sys.argv if argument.startswith("receive=")), -1)
# The C core checks a name; the certificates of nodes have one for all.
options = [("grpc.ssl_target_name_override", "athens-federation"), ("grpc.max_receive_message_length", receive),
           ("grpc.max_send_message_length", -1)]
channel = grpc.secure_channel("127.0.0.1:" + port, grpc.ssl_channel_credentials(read("other.pem"), *own), options=options)
printing = threading.Lock()
calls = {}


def run(order):
    started = time.monotonic()
    answer = {"id": order["id"], "frames": 0, "bytes": 0, "largest": 0}
    digest = hashlib.sha256()
    kwargs = {"timeout": order["deadline"] / 1000 if "deadline" in order else None,
              "metadata": [tuple(pair) for pair in order.get("metadata", [])],
              "compression": grpc.Compression.Gzip if order.get("gzip") else None}
    if order["method"] in service.methods_by_name:
        method = service.methods_by_name[order["method"]]
        request = json_format.ParseDict(order.get("request", {}), get_class(method.input_type)()).SerializeToString()
        parse = get_class(method.output_type).FromString
    else:
        request, parse = b"", lambda data: data
    if "padding" in order:
        # A field that no version knows, to make the request as long as the test wants it.
        request += b"\xfa\x06" + encode_varint(order["padding"]) + bytes(order["padding"])
    path = "/athens.federation.v1.PeerService/" + order["method"]
    stream = order["method"] == "Fetch"
    make = channel.unary_stream if stream else channel.unary_unary
    stub = make(path, request_serializer=lambda data: data, response_deserializer=parse)
    call = stub(request, **kwargs) if stream else stub.future(request, **kwargs)
    calls[order["id"]] = call
    try:
        if stream:
            for frame in call:
                answer["frames"] += 1
                answer["bytes"] += len(frame.data)
                answer["largest"] = max(answer["largest"], len(frame.data))
                answer["size"] = str(max(frame.size, int(answer.get("size", 0))))
                digest.update(frame.data)
                if answer["frames"] % order.get("tellEvery", sys.maxsize) == 0:
                    tell({"id": order["id"], "told": answer["frames"]})
                if answer["frames"] == order.get("cancelAfter"):
                    call.cancel()
            answer["sha256"] = digest.hexdigest()
        else:
            answer["response"] = json_format.MessageToDict(call.result(), preserving_proto_field_name=True)
    except (grpc.RpcError, grpc.FutureCancelledError):
        pass
    answer.update(code=call.code().value[0], words=call.details() or "", seconds=time.monotonic() - started,
                  trailers=[[k, v if isinstance(v, str) else v.hex()] for k, v in call.trailing_metadata() or ()])
    tell(answer)


def encode_varint(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def tell(answer):
    with printing:
        print(json.dumps(answer), flush=True)


for line in sys.stdin:
    taken = json.loads(line)
    if "cancel" in taken:
        calls[taken["cancel"]].cancel()
    else:
        threading.Thread(target=run, args=(taken,), daemon=True).start()
os._exit(0)
