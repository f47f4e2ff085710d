"""Calls the test service over python3-grpcio (gRPC's C core). Takes one call a line as JSON, answers each with one line of JSON.
Arguments: path of a serialized FileDescriptorProto, port. Twin: interop_client.js."""
import base64
import hashlib
import json
import sys

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

with open(sys.argv[1], "rb") as source:
    file = descriptor_pb2.FileDescriptorProto.FromString(source.read())
pool = descriptor_pool.DescriptorPool()
pool.Add(file)
service = pool.FindServiceByName("athens.tests.Interop")
factory = message_factory.MessageFactory(pool)
channel = grpc.insecure_channel(
    "127.0.0.1:" + sys.argv[2], options=[("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)])


def pairs(metadata):
    return [[k, base64.b64encode(v).decode() if isinstance(v, bytes) else v] for k, v in metadata or ()]


def run(order):
    method = service.methods_by_name[order["method"]]
    request = factory.GetPrototype(method.input_type)()
    for key, value in order.get("request", {}).items():
        setattr(request, key, base64.b64decode(value) if key in ("data", "details") else value)
    metadata = [(k, base64.b64decode(v) if k.endswith("-bin") else v) for k, v in order.get("metadata") or ()]
    deadline = order.get("deadline")
    options = {"metadata": metadata, "timeout": deadline / 1000 if deadline else None}
    if order.get("encoding") == "gzip":
        options["compression"] = grpc.Compression.Gzip
    answer = {"code": -1, "messages": 0, "bytes": 0, "text": ""}
    digest = hashlib.sha256()

    def take(message):
        answer["messages"] += 1
        answer["bytes"] += len(message.data)
        answer["text"] = message.text
        digest.update(message.data)

    make = channel.unary_stream if order.get("stream") else channel.unary_unary
    stub = make("/athens.tests.Interop/" + order["method"], request_serializer=lambda m: m.SerializeToString(),
                response_deserializer=factory.GetPrototype(method.output_type).FromString)
    call = stub(request, **options) if order.get("stream") else stub.future(request, **options)
    try:
        if order.get("stream"):
            for message in call:
                take(message)
                if answer["messages"] == order.get("cancelAfter"):
                    call.cancel()
        else:
            take(call.result())
    except (grpc.RpcError, grpc.FutureCancelledError):
        pass
    answer.update(code=call.code().value[0], words=call.details(), headers=pairs(call.initial_metadata()),
                  trailers=pairs(call.trailing_metadata()), hash=digest.hexdigest())
    return answer


for line in sys.stdin:
    print(json.dumps(run(json.loads(line))), flush=True)
