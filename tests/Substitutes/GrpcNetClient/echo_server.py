"""The test service over python3-grpcio (gRPC's C core). Messages are bytes; orders to the service are JSON.
Prints its port, serves until its standard input ends. Twin: echo_server.js."""
import base64
import json
import os
import sys
import threading
from concurrent import futures

import grpc

SERVICE = "athens.test.Echo"
cancelled = threading.Semaphore(0)


def echo(request, context):
    """The request back, with the call's x- metadata as headers and again as trailers."""
    mine = tuple((k, v) for k, v in context.invocation_metadata() if k.startswith("x-"))
    context.send_initial_metadata(mine)
    context.set_trailing_metadata(tuple(("t" + k, v) for k, v in mine))
    return request


def headers(request, context):
    """What the server saw: metadata as JSON, bytes in base64."""
    seen = [[k, base64.b64encode(v).decode() if isinstance(v, bytes) else v] for k, v in context.invocation_metadata()]
    return json.dumps({"metadata": seen, "remaining": context.time_remaining()}).encode()


def fail(request, context):
    order = json.loads(request)
    details = base64.b64decode(order.get("details", ""))
    if details:
        context.set_trailing_metadata((("grpc-status-details-bin", details),))
    code = next(c for c in grpc.StatusCode if c.value[0] == order["code"])
    context.abort(code, order["message"])


def large(request, context):
    return bytes(json.loads(request)["size"])


def hang(request, context):
    over = threading.Event()
    for told in over.set, cancelled.release:
        context.add_callback(told) or told()
    over.wait()
    return b""


def cancellations(request, context):
    """Answers when the server has seen a cancellation since it was last asked."""
    return b"yes" if cancelled.acquire(timeout=20) else b"no"


def stream(request, context):
    """count messages of size bytes, each with its number in front; then, if told, an error or the end of the process."""
    order = json.loads(request)
    body = bytes(order["size"])
    for i in range(order["count"]):
        yield i.to_bytes(4, "big") + body
    if order.get("die"):
        os._exit(1)
    if "code" in order:
        fail(request, context)


def endless(request, context):
    context.add_callback(cancelled.release)
    body = bytes(1 << 16)
    while context.is_active():
        yield body


def raw(data):
    return data


def unary(handler):
    return grpc.unary_unary_rpc_method_handler(handler, raw, raw)


def streaming(handler):
    return grpc.unary_stream_rpc_method_handler(handler, raw, raw)


server = grpc.server(futures.ThreadPoolExecutor(16), options=[("grpc.max_receive_message_length", 1 << 20), ("grpc.max_send_message_length", -1)],
                     compression=grpc.Compression.Gzip if "gzip" in sys.argv else None)
server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, {
    "Echo": unary(echo), "Headers": unary(headers), "Fail": unary(fail), "Large": unary(large), "Hang": unary(hang),
    "Cancellations": unary(cancellations), "Stream": streaming(stream), "Endless": streaming(endless),
}),))
port = server.add_insecure_port("127.0.0.1:0")
server.start()
print(port, flush=True)
sys.stdin.read()
os._exit(0)
