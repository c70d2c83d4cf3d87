#!/usr/bin/env python3
"""An HTTP or HTTPS server that serves key sets and metadata, and misbehaves as it is told.

    from faults import FaultServer      in a test: every path has a Route, which may be changed while it serves
    faults.py [--tls CERT KEY]          by hand: prints {"port": N}; POST /control takes {"path", "behaviour", ...}, and
                                        GET /control says how many requests each path had

The server listens on loopback, on a port of the system's choice which it keeps over down() and up().
"""
import dataclasses
import gzip
import http.server
import json
import socket
import ssl
import struct
import sys
import threading
import time

HTML = b"<!doctype html><title>Service temporarily unavailable</title><h1>Back soon</h1>\n" * 20
BOMB = gzip.compress(b'{"keys":[' + b" " * (64 << 20) + b"]}", 9)
DRIP_S = 0.2


@dataclasses.dataclass
class Route:
    """What a path answers: `behaviour` is the name of a method of Handler."""
    body: bytes = b"{}"
    behaviour: str = "good"
    etag: str = ""
    cache_control: str = ""
    location: str = ""
    content_type: str = "application/json"

    def __setattr__(self, name, value):
        if name == "body" and not isinstance(value, bytes):
            value = json.dumps(value).encode()
        if name == "behaviour" and not hasattr(Handler, f"answer_{value}"):
            raise ValueError(f"no such behaviour: {value}")
        super().__setattr__(name, value)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        self.server.owner.connections.add(self.request)
        if self.server.owner.tls is not None:
            self.request = self.server.owner.tls.wrap_socket(self.request, server_side=True)
            self.server.owner.connections.add(self.request)
        super().setup()

    def finish(self):
        try:
            super().finish()
        except OSError:
            pass
        self.server.owner.connections.discard(self.request)
        if self.server.owner.tls is not None:
            self.request.close()  # the server closes the socket under it alone

    def log_message(self, format, *arguments):  # the name is of the base class
        pass

    def do_GET(self):
        self.close_connection = True
        owner = self.server.owner
        if self.path == "/control":
            return self.send(200, json.dumps(owner.counts()).encode())
        owner.note(self.path, dict(self.headers))
        route = owner.routes.get(self.path)
        if route is None:
            return self.send(404, b"nothing here\n", content_type="text/plain")
        return getattr(self, f"answer_{route.behaviour}")(route)

    def do_POST(self):
        self.close_connection = True
        order = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        route = self.server.owner.routes.setdefault(order.pop("path"), Route())
        for name, value in order.items():
            setattr(route, name, value)
        self.send(200, b"{}")

    def send(self, status, body, **fields):
        self.send_response(status)
        fields = {"content_type": "application/json", "content_length": str(len(body)), **fields}
        for name, value in fields.items():
            if value:
                self.send_header(name.replace("_", "-"), value)
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def drip(self, pieces):
        """Piece after piece, slowly, for as long as the client and the server want."""
        for piece in pieces:
            if self.server.owner.closing.wait(DRIP_S):
                return
            self.wfile.write(piece)
            self.wfile.flush()

    def answer_good(self, route):
        fields = {"etag": route.etag, "cache_control": route.cache_control}
        if route.etag and self.headers.get("If-None-Match") == route.etag:
            return self.send(304, b"", content_length="", content_type="", **fields)
        return self.send(200, route.body, content_type=route.content_type, **fields)

    def answer_slow_loris(self, route):
        self.send_response(200)
        self.send_header("Content-Length", str(len(route.body)))
        self.end_headers()
        self.drip(bytes([byte]) for byte in route.body)

    def answer_slow_header(self, route):
        self.drip(bytes([byte]) for byte in b"HTTP/1.1 200 OK\r\nX-Padding: " + b"x" * 4096)

    def answer_hang(self, route):
        self.server.owner.closing.wait(60)

    def answer_status_500(self, route):
        self.send(500, b'{"error":"server_error"}')

    def answer_status_404(self, route):
        self.send(404, b"{}")

    def answer_html(self, route):
        self.send(200, HTML, content_type="text/html")

    def answer_truncated_json(self, route):
        self.send(200, route.body[:len(route.body) // 2])

    def answer_cut_off(self, route):
        """Fewer bytes than Content-Length says."""
        self.send_response(200)
        self.send_header("Content-Length", str(len(route.body)))
        self.end_headers()
        self.wfile.write(route.body[:len(route.body) // 2])

    def answer_empty_body(self, route):
        self.send(200, b"")

    def answer_empty_json(self, route):
        self.send(200, b"{}")

    def answer_empty_keys(self, route):
        self.send(200, b'{"keys":[]}')

    def answer_unusable_keys(self, route):
        self.send(200, b'{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA"},{"kty":"XY"}]}')

    def answer_endless(self, route):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"keys":[')
        while not self.server.owner.closing.is_set():
            self.wfile.write(b" " * 65536)

    def answer_endless_chunks(self, route):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while not self.server.owner.closing.is_set():
            self.wfile.write(b"10000\r\n" + b" " * 65536 + b"\r\n")

    def answer_endless_header(self, route):
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not self.server.owner.closing.is_set():
            self.wfile.write(b"X-More: " + b"x" * 1000 + b"\r\n")

    def answer_huge_length(self, route):
        self.send_response(200)
        self.send_header("Content-Length", str(1 << 40))
        self.end_headers()
        self.server.owner.closing.wait(60)

    def answer_bomb(self, route):
        """A content coding that nobody asked for: 64 MiB in 64 KiB."""
        self.send(200, BOMB, content_encoding="gzip")

    def answer_redirect(self, route):
        """To `location`: a path of this server, the same path for ever, or anywhere."""
        self.send(302, b"", location=route.location)

    def answer_redirect_nowhere(self, route):
        self.send(302, b"")

    def answer_reset(self, route):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def answer_not_http(self, route):
        self.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n" * 10)


class _Server(http.server.ThreadingHTTPServer):
    request_queue_size = 1024
    allow_reuse_address = True
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # a client that gives up on a bad answer does what is hoped of it


class FaultServer:
    """A server; `routes` maps a path to its Route. Thread-safe for changes of single members of a Route."""

    def __init__(self, certificate=None):
        """`certificate` is (certificate file, key file) for TLS."""
        self.routes = {}
        self.requests = []  # (time, path, headers), in order
        self.connections = set()
        self.closing = threading.Event()
        self.port = 0
        self.tls = None
        self._certificate = certificate
        if certificate:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(*certificate)
        self._server = None
        self.up()

    @property
    def origin(self):
        return f"{'https' if self.tls else 'http'}://{'localhost' if self.tls else '127.0.0.1'}:{self.port}"

    def up(self):
        """Listens (again), on the port it had."""
        self.closing = threading.Event()
        self._server = _Server(("127.0.0.1", self.port), Handler)
        self._server.owner = self
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def down(self):
        """Listens no longer: connections are refused, and those there are end."""
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        for connection in list(self.connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.connections.clear()

    close = down

    def note(self, path, headers):
        self.requests.append((time.monotonic(), path, headers))

    def counts(self):
        """path -> requests."""
        counted = {}
        for _, path, _ in list(self.requests):
            counted[path] = counted.get(path, 0) + 1
        return counted

    def times(self, path):
        """When the requests of a path came, on the monotonic clock."""
        return [when for when, requested, _ in list(self.requests) if requested == path]


def main():
    if len(sys.argv) not in (1, 4) or (len(sys.argv) == 4 and sys.argv[1] != "--tls"):
        sys.exit(__doc__)
    server = FaultServer(tuple(sys.argv[2:4]) or None)
    print(json.dumps({"port": server.port}), flush=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        server.close()


if __name__ == "__main__":
    main()
