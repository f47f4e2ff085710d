"""A peer over python3-grpcio (gRPC's C core): serves athens.federation.v1.PeerService over mutual TLS, as its tests want it.
Argument: a folder with identity, own.pem, own.key, other.pem, federation.desc and content. Prints its port, then a line for
each call that its caller cancels. Any line of input has it finish what is under way and take no more; it ends with its
input. Twin: peer_server.js."""
import os
import sys
import threading
from concurrent import futures

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

FRAME = 256 << 10
GRACE = 30
folder = sys.argv[1]


def read(name):
    with open(os.path.join(folder, name), "rb") as source:
        return source.read()


pool = descriptor_pool.DescriptorPool()
pool.Add(descriptor_pb2.FileDescriptorProto.FromString(read("federation.desc")))
service = pool.FindServiceByName("athens.federation.v1.PeerService")
get_class = getattr(message_factory, "GetMessageClass", None) or message_factory.MessageFactory(pool).GetPrototype


def message(name):
    return get_class(pool.FindMessageTypeByName("athens.federation.v1." + name))()


def who_are_you(request, context):
    answer = message("WhoAreYouResponse")
    answer.software = "grpcio for " + request.software
    answer.name = request.name + " ☃"
    answer.identity_key, answer.log_key, answer.witness_key = read("identity"), read("identity"), b"\xff" * 32
    answer.log_name = "log.example"
    answer.heads.add().note = b"a note\n"
    answer.held = 2**64 - 1
    return answer


def locate(request, context):
    if request.wait_ms:
        over = threading.Event()
        context.add_callback(over.set)
        if over.wait(request.wait_ms / 1000):
            print("cancelled", flush=True)
            return message("LocateResponse")
    answer = message("LocateResponse")
    for module in request.modules:
        location = answer.locations.add()
        if module.path.endswith("/held"):
            location.state = 2
            location.record = b"a record"
            location.zip_sha256 = b"\x01" * 32
            location.zip_size = 500 << 20
            location.chunks = b"\x02" * 32 * 500
            location.info_size, location.mod_size = 2**32 - 1, 1
        elif module.path.endswith("/fetching"):
            location.state = 4
            location.rank = 2**64 - 1
        elif module.path.endswith("/future"):
            location.state = 77
        else:
            location.state = 1
    return answer


def versions(request, context):
    answer = message("VersionsResponse")
    count = 100_000 if request.path.endswith("/many") else 3
    answer.versions.extend("v1.%d.0-%s" % (i, "pre" * (20 if count > 3 else 1)) for i in range(count))
    return answer


def resolve(request, context):
    if request.query != "latest":
        context.set_trailing_metadata((("grpc-retry-pushback-ms", "1500"),))
        context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "genug für heute: " + request.query)
    answer = message("ResolveResponse")
    answer.version, answer.record, answer.info = "v1.2.3", b"a record", b"{}"
    return answer


def fetch(request, context):
    if request.module.path.endswith("/fat"):
        yield message("FetchFrame").__class__(data=bytes(5 << 20))
        return
    over = []
    context.add_callback(lambda: over.append(1))
    endless = request.module.path.endswith("/endless")
    with open(os.path.join(folder, "content"), "rb") as content:
        size = os.fstat(content.fileno()).st_size
        content.seek(request.offset)
        left = request.length or size - request.offset
        first = True
        while left > 0 and not over:
            data = content.read(min(FRAME, left))
            frame = message("FetchFrame")
            frame.data = data
            if first:
                frame.size = size
            first = False
            left -= len(data)
            if endless and left == 0:
                content.seek(0)
                left = size
            yield frame
            if request.module.path.endswith("/dies") and left < size - (1 << 20):
                os._exit(1)


def handler(name, function):
    method = service.methods_by_name[name]

    def serialize(answer):
        # A field that this version does not know (111, bytes): additive evolution.
        return answer.SerializeToString() + b"\xfa\x06\x02hi"

    make = grpc.unary_stream_rpc_method_handler if name == "Fetch" else grpc.unary_unary_rpc_method_handler
    return make(function, get_class(method.input_type).FromString, serialize)


def fetch_and_tell(request, context):
    ended = []

    def tell():
        if not ended:
            print("cancelled", flush=True)

    context.add_callback(tell)
    yield from fetch(request, context)
    ended.append(1)


handlers = {"WhoAreYou": who_are_you, "Locate": locate, "Versions": versions, "Resolve": resolve, "Fetch": fetch_and_tell}
if "old" in sys.argv:
    del handlers["Resolve"]
server = grpc.server(futures.ThreadPoolExecutor(16), options=[("grpc.max_send_message_length", -1)])
server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(
    "athens.federation.v1.PeerService", {name: handler(name, function) for name, function in handlers.items()}),))
credentials = grpc.ssl_server_credentials(
    [(read("own.key"), read("own.pem"))], root_certificates=read("other.pem"), require_client_auth=True)
port = server.add_secure_port("127.0.0.1:0", credentials)
server.start()
print(port, flush=True)
for line in sys.stdin:
    server.stop(GRACE).wait()
    print("stopped", flush=True)
os._exit(0)
