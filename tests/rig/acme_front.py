"""A stand-in of ours, in front of the real Pebble: what that lacks and big certificate authorities do.

It adds renewal information with `alreadyReplaced`, profiles, rate limits with Retry-After, the 409 for a challenge
answered twice, lost answers, refusals on demand; it writes down every call. All else is Pebble's. URLs are the
front's own, because Pebble builds them from the Host that it is asked for.
"""

import base64
import http.client
import json
import ssl
import threading
from collections.abc import Callable, Iterable
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from infra.embedded.pebble import Pebble

KINDS = {
    "/dir": "directory",
    "/nonce-plz": "newNonce",
    "/sign-me-up": "newAccount",
    "/my-account": "account",
    "/order-plz": "newOrder",
    "/list-orderz": "orders",
    "/my-order": "order",
    "/authZ": "authorization",
    "/chalZ": "challenge",
    "/finalize-order": "finalize",
    "/certZ": "certificate",
    "/ari": "renewalInfo",
}
HOP_BY_HOP = ("content-length", "connection", "transfer-encoding", "date", "server")
Headers = list[tuple[str, str]]
Answer = tuple[int, Headers, bytes]


class AcmeFront(ThreadingHTTPServer):
    """Serves while inside; its attributes may be changed at any time."""

    daemon_threads = True

    def __init__(self, pebble: Pebble) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.pebble = pebble
        self.calls: list[str] = []
        self.orders: list[dict[str, Any]] = []  # what newOrder said, of those accepted
        self.windows: dict[str, tuple[datetime, datetime]] = {}  # by certificate id; "*" for all others
        self.retry_after = "21600"  # of renewal information
        self.profiles: dict[str, str] = {}
        self.limited: dict[str, tuple[str, str]] = {}  # name: (detail, Retry-After)
        self.refused: dict[str, tuple[int, str, str]] = {}  # kind: (status, ACME type, detail)
        self.lost: set[str] = set()  # kinds whose next answer is lost on its way
        self.has_renewals, self.has_meta, self.is_relative, self.keeps_alive = True, True, False, True
        self.delay: Callable[[str], None] = lambda kind: None
        self.answered: set[str] = set()
        own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        own.load_cert_chain(pebble.folder / "listener.pem", pebble.folder / "listener.key")
        self.socket = own.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.upstream = ssl.create_default_context(cafile=str(pebble.ca_file))

    @property
    def directory(self) -> str:
        """What a client calls ACME_DIRECTORY."""
        return f"https://127.0.0.1:{self.server_port}/dir"

    @property
    def ca_file(self) -> Path:
        """What a client must trust to speak to it."""
        return self.pebble.ca_file

    def count(self, kind: str) -> int:
        """How many calls of that kind there were."""
        return self.calls.count(kind)

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is none of our business."""


class _Conversation(BaseHTTPRequestHandler):
    server: AcmeFront
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # otherwise 40 ms for every call
    wbufsize = -1

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_HEAD(self) -> None:
        self._converse(b"")

    def do_GET(self) -> None:
        self._converse(b"")

    def do_POST(self) -> None:
        self._converse(self.rfile.read(int(self.headers["Content-Length"])))

    def _converse(self, body: bytes) -> None:
        kind = next((kind for path, kind in KINDS.items() if self.path.startswith(path)), "unknown")
        self.server.calls.append(kind)
        self.server.delay(kind)
        said = _payload(body)
        answer = self._refusal(kind, said) or self._forwarded(kind, said, body)
        if kind in self.server.lost:
            self.server.lost.discard(kind)
            self.close_connection = True
            return
        self._send(*answer)

    def _refusal(self, kind: str, said: dict[str, Any] | None) -> Answer | None:
        if kind in self.server.refused:
            status, code, detail = self.server.refused[kind]
            return self._problem(status, code, detail)
        if kind == "newOrder" and said is not None:
            return self._order_refusal(said)
        if kind == "challenge" and said is not None and self.path in self.server.answered:
            return self._problem(409, "conflict", "the authorization is being validated already")
        if kind == "renewalInfo":
            return self._renewal_info()
        return None

    def _order_refusal(self, said: dict[str, Any]) -> Answer | None:
        for name in (identifier["value"] for identifier in said["identifiers"]):
            if name in self.server.limited:
                detail, retry_after = self.server.limited[name]
                return self._problem(429, "rateLimited", detail, [("Retry-After", retry_after)])
        if (profile := said.get("profile")) and profile not in self.server.profiles:
            return self._problem(400, "invalidProfile", f"there is no profile {profile}")
        if said.get("replaces") in {order.get("replaces", "-") for order in self.server.orders}:
            return self._problem(409, "alreadyReplaced", "that certificate has been replaced already")
        return None

    def _renewal_info(self) -> Answer:
        windows = self.server.windows
        window = windows.get(self.path.rpartition("/")[2]) or windows.get("*")
        if not window or not self.server.has_renewals:
            return self._problem(404, "malformed", "no such certificate")
        start, end = (moment.isoformat().replace("+00:00", "Z") for moment in window)
        told = {"suggestedWindow": {"start": start, "end": end}, "explanationURL": "https://ca.test/why"}
        headers = [("Content-Type", "application/json"), ("Retry-After", self.server.retry_after)]
        return 200, headers, json.dumps(told).encode()

    def _forwarded(self, kind: str, said: dict[str, Any] | None, body: bytes) -> Answer:
        status, headers, content = self._ask(self.command, self.path, body)
        if kind == "directory" and status == 200:
            content = self._directory(content)
        if status < 300 and said is not None and kind == "newOrder":
            self.server.orders.append(said)
        if status < 300 and said is not None and kind == "challenge":
            self.server.answered.add(self.path)
        return status, headers, content

    def _directory(self, content: bytes) -> bytes:
        said = json.loads(content)
        own = f"https://{self.headers['Host']}"
        if self.server.has_renewals:
            said["renewalInfo"] = f"{own}/ari"
        said["meta"]["profiles"] = self.server.profiles
        if not self.server.has_meta:
            del said["meta"]
        if self.server.is_relative:
            said = {k: v.removeprefix(own) if isinstance(v, str) else v for k, v in said.items()}
        return json.dumps(said).encode()

    def _ask(self, method: str, path: str, body: bytes = b"") -> Answer:
        line = http.client.HTTPSConnection(
            "127.0.0.1", self.server.pebble.port, context=self.server.upstream, timeout=30
        )
        headers = {name: self.headers.get(name, "") for name in ("Host", "Content-Type", "User-Agent")}
        try:
            line.request(method, path, body or None, headers)
            answer = line.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            line.close()

    def _problem(self, status: int, code: str, detail: str, more: Iterable[tuple[str, str]] = ()) -> Answer:
        _, headers, _ = self._ask("HEAD", "/nonce-plz")
        nonce = [(name, value) for name, value in headers if name.lower() == "replay-nonce"]
        said = {"type": f"urn:ietf:params:acme:error:{code}", "detail": detail, "status": status}
        return (
            status,
            [("Content-Type", "application/problem+json"), *nonce, *more],
            json.dumps(said).encode(),
        )

    def _send(self, status: int, headers: Headers, content: bytes) -> None:
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        # Closes without having said so: what many front ends do after a while.
        self.close_connection = self.close_connection or not self.server.keeps_alive
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


def _payload(body: bytes) -> dict[str, Any] | None:
    """What a signed request says; None when it only reads."""
    text = json.loads(body).get("payload", "") if body else ""
    if not text:
        return None
    said: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return said
