"""A small document from an address that a stranger named: https only, bounded, never inside our own network."""

import asyncio
import http.client
import io
import json
import re
import ssl
from typing import Any
from urllib.parse import urlsplit

from tenants.domains.asking import Asker
from tenants.domains.finding import may_be_asked, resolvers

PORT = 443
CONNECT_SECONDS, READ_SECONDS = 2.0, 4.0
LARGEST = 64 * 1024
LONGEST_ADDRESS = 500
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?\Z")
_PATH = re.compile(r"[A-Za-z0-9._~%/-]*\Z")


class NotFetched(Exception):
    """There is no such document, or none that may be read."""


def is_fetchable(address: str) -> bool:
    """Whether an address is a plain https one: no port, no name and password, no query."""
    try:
        parts = urlsplit(address)
        is_plain = parts.netloc == parts.hostname and not parts.query and not parts.fragment
    except ValueError:
        return False
    is_named = bool(_HOST.match(parts.netloc)) and "." in parts.netloc
    return (
        parts.scheme == "https"
        and is_plain
        and is_named
        and bool(_PATH.match(parts.path))
        and len(address) <= LONGEST_ADDRESS
    )


async def fetch(asker: Asker, address: str) -> bytes:
    """The document at an https address. Redirects are not followed.

    Raises:
        NotFetched: whatever the reason.
    """
    if not is_fetchable(address):
        raise NotFetched(address)
    parts = urlsplit(address)
    try:
        return _body(await _answer(await _place(asker, parts.netloc), parts.netloc, parts.path or "/"))
    except (OSError, EOFError, ValueError, http.client.HTTPException) as error:
        raise NotFetched(address) from error


async def fetch_json(asker: Asker, address: str) -> dict[str, Any]:
    """The JSON object at an https address.

    Raises:
        NotFetched: whatever the reason.
    """
    try:
        found = json.loads(await fetch(asker, address))
    except (ValueError, RecursionError) as error:
        raise NotFetched(address) from error
    if not isinstance(found, dict):
        raise NotFetched(address)
    return found


async def _place(asker: Asker, host: str) -> str:
    # Looked up once and connected to exactly that: a second look-up could lead elsewhere (DNS rebinding).
    four = await asker.first(resolvers(), host, "A")
    addresses = four.texts() or (await asker.first(resolvers(), host, "AAAA")).texts()
    if not addresses or not all(map(may_be_asked, addresses)):
        raise NotFetched(host)
    return addresses[0]


async def _answer(place: str, host: str, path: str) -> bytes:
    async with asyncio.timeout(CONNECT_SECONDS):
        incoming, outgoing = await asyncio.open_connection(place, PORT, ssl=trust(), server_hostname=host)
    try:
        async with asyncio.timeout(READ_SECONDS):
            outgoing.write(
                f"GET {path} HTTP/1.0\r\nHost: {host}\r\nAccept: application/json\r\n\r\n".encode()
            )
            found = b""
            while more := await incoming.read(8192):
                found += more
                if len(found) > LARGEST:
                    raise NotFetched(host)
            return found
    finally:
        outgoing.transport.abort()


def trust() -> ssl.SSLContext:
    """The system's trust; the peer's certificate and name are checked."""
    return ssl.create_default_context()


def _body(octets: bytes) -> bytes:
    answer = http.client.HTTPResponse(_Received(octets))  # type: ignore[arg-type]
    answer.begin()
    if answer.status != 200:
        raise NotFetched(str(answer.status))
    return answer.read()


class _Received:
    """What http.client needs of a socket, for an answer that has arrived."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets

    def makefile(self, *_: object) -> io.BytesIO:
        return io.BytesIO(self._octets)
