"""OpenID Connect providers for tests: a real one, and one that lies."""

import hmac
import json
import re
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from joserfc import jwt
from joserfc.jwk import RSAKey

from infra.embedded.processes import free_port
from tests.processes import program, wait_until

CLIENT_ID, CLIENT_SECRET = "portico-of-the-tests", "a secret of the tests only"


def person(name: str, email: str, *, is_verified: bool = True) -> dict[str, Any]:
    """An account at the provider; the password is the name backwards."""
    return {"username": name, "password": name[::-1], "email": email, "email_verified": is_verified}


class RealProvider:
    """django-oauth-toolkit in a process of its own; people sign in on its pages."""

    def __init__(self, port: int) -> None:
        self.issuer = f"http://127.0.0.1:{port}/o"
        self._origin = f"http://127.0.0.1:{port}"

    def consent(self, authorization_url: str, name: str) -> str:
        """Sign in there as `name` and say yes; the address that the browser is sent back to."""
        with requests.Session() as browser:
            browser.trust_env = False
            page = browser.get(authorization_url, timeout=10)
            fields = {
                key: unescape(value)
                for key, value in re.findall(r"type=hidden name=(\w+) value='([^']*)'", page.text)
            }
            fields |= {"username": name, "password": name[::-1]}
            answer = browser.post(page.url, data=fields, timeout=10, allow_redirects=False)
            while (there := answer.headers["Location"]).startswith(("/", self._origin)):
                address = there if "://" in there else self._origin + there
                answer = browser.get(address, timeout=10, allow_redirects=False)
            return str(there)


@contextmanager
def real_provider(folder: Path, redirect_uri: str, *people: dict[str, Any]) -> Iterator[RealProvider]:
    """The real provider with these people."""
    asked = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "redirect_uri": redirect_uri}
    (folder / "people.json").write_text(json.dumps({**asked, "people": people}))
    port = free_port()
    with program("-m", "tests.rig.openid_server", str(port), str(folder)) as child:

        def answers() -> bool:
            assert child.poll() is None, f"the provider ended: {sys.executable}"
            with suppress(requests.RequestException):
                return requests.get(f"http://127.0.0.1:{port}/ready/", timeout=1).ok
            return False

        wait_until(answers, 60, "the provider answers")
        yield RealProvider(port)


class LyingProvider:
    """Answers what a test tells it to: tokens with any claims, any key, any description."""

    def __init__(self, port: int) -> None:
        self.issuer = f"http://127.0.0.1:{port}"
        self.key = RSAKey.generate_key(2048, {"kid": "right"})
        self.claims: dict[str, Any] = {}
        self.without: set[str] = set()
        self.description: dict[str, Any] = {}
        self.make_token: Callable[[dict[str, Any]], str] = self.signed
        self.answer: Callable[[BaseHTTPRequestHandler], bool] = lambda handler: False
        self.asked_for_keys = 0
        self.verifiers: list[str] = []

    def signed(self, claims: dict[str, Any]) -> str:
        """A token with the right key."""
        return jwt.encode({"alg": "RS256", "kid": "right"}, claims, self.key)

    def consent(self, authorization_url: str, **more: str) -> dict[str, str]:
        """Say yes at once; the parameters of the way back."""
        asked = {name: value[0] for name, value in parse_qs(urlsplit(authorization_url).query).items()}
        self._asked = asked
        return {"state": asked["state"], "code": "the-code", **more}

    def id_token(self) -> str:
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "sub": "1", "iat": now, "exp": now + 300}
        claims |= {"nonce": self._asked["nonce"], "email": "maria@client.example", "email_verified": True}
        claims |= self.claims
        return self.make_token({name: value for name, value in claims.items() if name not in self.without})

    def get(self, path: str) -> dict[str, Any]:
        if path == "/.well-known/openid-configuration":
            return {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                **self.description,
            }
        self.asked_for_keys += 1
        return {"keys": [self.key.as_dict(private=False)]}


@contextmanager
def lying_provider() -> Iterator[LyingProvider]:
    """The lying provider, telling the truth until it is told otherwise."""
    port = free_port()
    made = LyingProvider(port)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(made.get(self.path))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            made.verifiers.append(parse_qs(body).get("code_verifier", [""])[0])
            if not made.answer(self):
                self._send({"access_token": "x", "token_type": "Bearer", "id_token": made.id_token()})

        def _send(self, found: Any, status: int = 200) -> None:
            body = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()


def by_secret(secret: bytes) -> Callable[[dict[str, Any]], str]:
    """Tokens signed by a shared secret, for those who take a public key for one. (joserfc refuses to make them.)"""

    def make(claims: dict[str, Any]) -> str:
        signed = f"{part({'alg': 'HS256', 'kid': 'right'})}.{part(claims)}"
        return f"{signed}.{_base64(hmac.digest(secret, signed.encode(), 'sha256'))}"

    return make


def part(words: dict[str, Any]) -> str:
    """A part of a token by hand."""
    return _base64(json.dumps(words).encode())


def _base64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")
