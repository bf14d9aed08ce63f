"""The HTTP server: the API, the pages that people see, stripe.js, and the control for tests. Loopback only."""

from __future__ import annotations

import json
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from http.server import ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from infra.embedded.local_page import LocalPage
from infra.stripe_simulator import answers, faults, judge, pages
from infra.stripe_simulator.answers.connect import found_platform
from infra.stripe_simulator.api import Api, Request
from infra.stripe_simulator.control import Control
from infra.stripe_simulator.errors import StripeError
from infra.stripe_simulator.settling import Clerk
from infra.stripe_simulator.webhooks import Postman
from infra.stripe_simulator.world import World

LARGEST_BODY = 1024 * 1024
SAVE_SECONDS = 1.0


@dataclass(frozen=True)
class Keys:
    """What the platform's programs are given, too."""

    secret: str = "sk_test_simulator"
    publishable: str = "pk_test_simulator"
    platform: str = "whsec_simulator_platform"
    connect: str = "whsec_simulator_connect"


class Server(ThreadingHTTPServer):
    """The simulator on a port; `state` is the file that it goes on from."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self, port: int, keys: Keys, *, state: Path | None = None, delayed_seconds: float | None = None
    ) -> None:
        assert answers  # imported for its routes
        super().__init__(("127.0.0.1", port), Handler)
        self.world = World(f"http://localhost:{self.server_port}", delayed_seconds=delayed_seconds)
        self.keys = keys
        self.state = state
        self._unsaved = threading.Event()
        self._clerk = Clerk(self.world)
        if state and state.exists():
            self.world.load(state)
        else:
            found_platform(self.world)
        self.postman = Postman(self.world)
        self.world.posts = self.postman
        self.world.at_change = self._changed
        self.api = Api(self.world, keys.secret)
        self.control = Control(self.world, self.api, self.postman)
        judge.endpoints()
        if state:
            threading.Thread(target=self._save_now_and_then, daemon=True).start()

    def _changed(self) -> None:
        self._clerk.look()
        self._unsaved.set()

    def _save_now_and_then(self) -> None:
        while self._unsaved.wait():
            self._unsaved.clear()
            self.save()
            threading.Event().wait(SAVE_SECONDS)

    def save(self) -> None:
        """Writes the state, whole."""
        if self.state:
            with self.world.lock:
                text = self.world.as_json()
            unfinished = self.state.with_suffix(".new")
            unfinished.write_text(text, encoding="utf-8")
            unfinished.chmod(0o600)
            unfinished.rename(self.state)


class Handler(LocalPage):
    """Answers the client, a browser, or a test."""

    server: Server
    server_version = "stripe-simulator"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self) -> None:
        """Reads, pages, scripts."""
        self._answer("GET")

    def do_POST(self) -> None:
        """Changes, forms, commands."""
        self._answer("POST")

    def do_DELETE(self) -> None:
        """Deletions."""
        self._answer("DELETE")

    def body(self) -> bytes:
        """What came along."""
        return self.rfile.read(min(int(self.headers.get("Content-Length") or 0), LARGEST_BODY))

    def _answer(self, verb: str) -> None:
        address = urlsplit(self.path)
        first = address.path.split("/")[1]
        answer: Callable[[str], None] = {"v1": self._api, "v2": self._api, "_control": self._control}.get(
            first, self._page
        )
        try:
            answer(verb)
        except faults.Cut:
            self.close_connection = True
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        except Exception:
            words = f"The Stripe simulator broke: {traceback.format_exc()}"
            self.server.world.mistakes.append(words)
            self._json(500, json.dumps({"error": {"type": "api_error", "message": words}}))

    def _api(self, verb: str) -> None:
        address = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(verb, address.path, address.query, headers, self.body())
        answer = self.server.api.answer(request)
        self._json(answer.status, answer.body, answer.headers)

    def _control(self, verb: str) -> None:
        text = self.body()
        # A web page cannot send JSON to us without asking first, which is not answered.
        if (
            verb != "POST"
            or self.headers.get("Content-Type") != "application/json"
            or not self.is_from_here()
        ):
            self._json(403, '{"error": {"message": "POST application/json"}}')
            return
        try:
            answer = self.server.control.obey(
                urlsplit(self.path).path.removeprefix("/_control/"), json.loads(text or b"{}")
            )
        except StripeError as error:
            self._json(error.status, json.dumps(error.body))
            return
        self._json(200, json.dumps(answer))

    def _page(self, verb: str) -> None:
        if not self.is_from_here():
            return
        fields = self.form() if verb == "POST" else {}
        with self.server.world.lock:
            reply = pages.reply(self.server.world, verb, urlsplit(self.path), fields)
            self.server.world.at_change()
        headers = {"Content_Security_Policy": pages.POLICY, **({"Location": reply.to} if reply.to else {})}
        self.answer(reply.body.encode(), reply.media_type, HTTPStatus(reply.status), **headers)

    def _json(self, status: int, body: str, headers: dict[str, str] | None = None) -> None:
        content = body.encode()
        self.send_response(status)
        fixed = {"Content-Type": "application/json", "Content-Length": str(len(content))}
        for name, value in {**fixed, **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
