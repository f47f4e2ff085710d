"""Somebody outside: outside.py ADDRESS PORT FILE. A collector that takes all that it is sent and keeps it in the file; a proxy that has no module at all."""
import http.server
import sys
import threading

lock = threading.Lock()


class Outside(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def body(self):
        if self.headers.get("Transfer-Encoding", "") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def answer(self, status):
        body = self.body()
        with lock, open(sys.argv[3], "ab") as kept:
            kept.write(self.requestline.encode() + b"\n" + bytes(self.headers) + body + b"\n")
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self):
        self.answer(404)

    def do_POST(self):
        self.answer(200)

    def log_message(self, *words):
        pass


server = http.server.ThreadingHTTPServer((sys.argv[1], int(sys.argv[2])), Outside)
server.daemon_threads = True
print("ready", flush=True)
server.serve_forever()
