"""What the agent answers on the loopback: its health, and certificates to Caddy (`get_certificate http`)."""

from __future__ import annotations

import hmac
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

Health = Callable[[], tuple[bool, dict[str, object]]]
PemOf = Callable[[str], bytes | None]


def serve(port: int, *, token: str, health: Health, pem_of: PemOf) -> ThreadingHTTPServer:
    """Answer on 127.0.0.1 in threads of its own; the server, for shutdown().

    Whoever can connect and knows the token is given private keys. The token keeps out whatever else on this machine
    may be led to fetch an address; an empty one gives no certificate to anybody.
    """

    class Answers(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 5

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            if url.path == "/health":
                is_well, words = health()
                self._answer(200 if is_well else 503, json.dumps(words).encode(), "application/json")
            elif token and hmac.compare_digest(url.path.encode(), f"/{token}/certificate".encode()):
                asked = parse_qs(url.query).get("server_name", [""])[0]
                pem = pem_of(asked)
                self._answer(200 if pem else 204, pem or b"", "application/x-pem-file")
            else:
                self._answer(404, b"", "text/plain")

        def _answer(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            if status != 204:
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Its lines would hold the token."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Answers)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
