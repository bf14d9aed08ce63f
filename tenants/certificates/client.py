"""Speaks ACME (RFC 8555): signed requests, nonces, problems. Knows nothing of domains and the database.

acme's ClientNetwork signs; what it lacks for a service that must not fail by itself is here: it tries a bad
nonce again once only and drops the fresh one, loses the status and Retry-After of problems, hides what a 409
says, takes a proxy from the environment, has no limit on the whole time of an answer, and shares its nonces
between threads without care.
"""

import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from acme import client, errors, messages
from josepy.interfaces import JSONDeSerializable
from josepy.jwa import ES256
from josepy.jwk import JWK

from tenants.certificates.answers import Answer, Problem, problem_of

CONNECT_SECONDS = 2
TOTAL_SECONDS = 10
NONCE_TRIES = 10
MOST_NONCES = 32
LARGEST_ANSWER = 1_000_000
USER_AGENT = "Portico (custom domains)"


class Payload(JSONDeSerializable):
    """What a request says, as acme wants it: signed, never empty (that is what reading looks like)."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self.content = dict(content)

    def to_partial_json(self) -> dict[str, Any]:
        return self.content

    @classmethod
    def from_json(cls, jobj: Any) -> "Payload":
        return cls(jobj)


class Nonces(list[str]):
    """What acme keeps in a set: the newest is used first, because the old ones have run out at the CA."""

    def add(self, nonce: str) -> None:
        """Keep one more; the oldest goes when there are many."""
        self.append(nonce)
        del self[:-MOST_NONCES]


class Net(client.ClientNetwork):
    """acme's network, mended. Threads may share one. Raises Problem only."""

    def __init__(self, key: JWK | None, *, account: str = "", ca_file: str = "") -> None:
        super().__init__(key, alg=ES256, user_agent=USER_AGENT)
        self.verify_ssl = ca_file or True  # type: ignore[assignment]  # requests takes a file, too
        self._nonces = Nonces()  # type: ignore[assignment]
        # Neither a proxy nor a .netrc of the environment stands between us and the CA.
        self.session.trust_env = False
        if account:
            self.sign_as(account)

    def sign_as(self, account: str) -> None:
        """Sign with this account's URL instead of the key itself (RFC 8555 §6.2)."""
        self.account = messages.RegistrationResource(body=messages.Registration(), uri=account)

    def post(self, *args: Any, **kwargs: Any) -> requests.Response:
        """Send, again with a new nonce as often as the CA likes none of ours."""
        for left in reversed(range(NONCE_TRIES)):
            try:
                return self._post_once(*args, **dict(kwargs))
            except Problem as problem:
                if problem.code != "badNonce" or not left:
                    raise
        raise AssertionError("unreachable")

    def _get_nonce(self, url: str, new_nonce_url: str) -> str:
        for _ in range(NONCE_TRIES):
            # Another thread may be quicker with the one that we fetched.
            with suppress(IndexError):
                return super()._get_nonce(url, new_nonce_url)
        raise Problem("nonsense", "the CA gives no nonces")

    def _add_nonce(self, response: requests.Response) -> None:
        # One that is missing or broken is fetched before the next request.
        with suppress(errors.NonceError):
            super()._add_nonce(response)

    @classmethod
    def _check_response(
        cls, response: requests.Response, content_type: str | None = None
    ) -> requests.Response:
        if not response.ok:
            raise problem_of(response)
        return response

    def _send_request(self, method: str, url: str, *args: Any, **kwargs: Any) -> requests.Response:
        until = time.monotonic() + TOTAL_SECONDS
        headers = {"User-Agent": self.user_agent, **kwargs.pop("headers", {})}
        kwargs |= {
            "headers": headers,
            "stream": True,
            "verify": self.verify_ssl,
            "timeout": (CONNECT_SECONDS, TOTAL_SECONDS),
            "allow_redirects": method == "GET",
        }
        try:
            response = self._sent(until, method, url, *args, **kwargs)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            # Not chained: its frames hold the whole request.
            raise _no_answer(url, error) from None
        if not response.ok:
            # A refusal carries a good nonce (RFC 8555 §6.5).
            self._add_nonce(response)
        return response

    def _sent(self, until: float, method: str, *args: Any, **kwargs: Any) -> requests.Response:
        try:
            return self._sent_once(until, method, *args, **kwargs)
        except requests.ConnectionError as error:
            if not _was_closed(error):
                raise
        # A kept connection that the CA has closed. The very same request again is safe: had the CA read it, its
        # nonce would be used up.
        again = self._sent_once(until, method, *args, **kwargs)
        if method == "POST" and again.status_code == 400 and b"badNonce" in again.content:
            raise requests.ConnectionError("the first one was read, its answer is lost")
        return again

    def _sent_once(self, until: float, *args: Any, **kwargs: Any) -> requests.Response:
        with self.session.request(*args, **kwargs) as response:
            response._content = _read(response, until)
        return response


class Ca:
    """One certificate authority, as one account or none (then it only reads)."""

    def __init__(self, directory: str, net: Net) -> None:
        self.url, self.net = directory, net
        self._directory: Mapping[str, Any] = {}
        self._read_at = 0.0

    @property
    def directory(self) -> Mapping[str, Any]:
        """What it offers (RFC 8555 §7.1.1), read again every hour."""
        if not self._directory or time.monotonic() - self._read_at > 3600:
            self._directory, self._read_at = self.get(self.url).json, time.monotonic()
        return self._directory

    @property
    def meta(self) -> Mapping[str, Any]:
        """What it says of itself; empty when it says nothing."""
        meta = self.directory.get("meta")
        return meta if isinstance(meta, dict) else {}

    def place(self, name: str) -> str:
        """The URL of an operation, e.g. newOrder; raises Problem when it has none."""
        url = self.directory.get(name)
        if not isinstance(url, str):
            raise Problem("nonsense", f"its directory has no {name}")
        return self.absolute(url)

    def absolute(self, url: str) -> str:
        """A URL that it named, whole: some name them from their root only."""
        return urljoin(self.url, url)

    def get(self, url: str) -> Answer:
        """Read what anybody may read. Raises Problem."""
        return Answer(self.net.get(self.absolute(url)), self.url)

    def read(self, url: str) -> Answer:
        """Read as our account: POST-as-GET (RFC 8555 §6.3). Raises Problem."""
        return self._post(url, None)

    def post(self, url: str, content: Mapping[str, Any]) -> Answer:
        """Say something as our account. Raises Problem."""
        return self._post(url, Payload(content))

    def _post(self, url: str, payload: Payload | None) -> Answer:
        nonce_url = self.place("newNonce")
        return Answer(self.net.post(self.absolute(url), payload, new_nonce_url=nonce_url), self.url)


def _read(response: requests.Response, until: float) -> bytes:
    content = b""
    # A part at a time: the time-out of a socket begins anew with every byte.
    while part := response.raw.read1(65_536, decode_content=True):
        content += part
        if len(content) > LARGEST_ANSWER:
            raise ValueError("its answer is too large")
        if time.monotonic() > until:
            raise requests.Timeout
    return content


def _was_closed(error: requests.ConnectionError) -> bool:
    cause = error.args[0] if error.args else None
    if isinstance(cause, urllib3.exceptions.MaxRetryError):
        cause = cause.reason
    if isinstance(cause, urllib3.exceptions.SSLError) and cause.args:
        # Without TLS's own goodbye; by requests' lights that is an SSLError like a certificate nobody knows.
        return isinstance(cause.args[0], ssl.SSLEOFError | ssl.SSLZeroReturnError)
    return isinstance(cause, urllib3.exceptions.ProtocolError)


def _no_answer(url: str, error: Exception) -> Problem:
    where = urlsplit(url).netloc
    timeouts = (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError)
    if isinstance(error, timeouts) or "timed out" in str(error):
        return Problem("timeout", f"{where} did not answer within {TOTAL_SECONDS} seconds")
    if isinstance(error, requests.exceptions.SSLError) and not _was_closed(error):
        return Problem("unreachable", f"the TLS certificate of {where} cannot be trusted")
    return Problem("unreachable", f"{where} cannot be reached ({type(error).__name__})")
