"""POST to an address that an agency typed: only the public internet, only https, never our own network."""

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

from django.conf import settings

from kit.refused import Refused

CONNECT_SECONDS = 2.0
TOTAL_SECONDS = 10.0


class BadAddress(Refused):
    """Not an address that messages may go to."""


class Unreachable(Refused):
    """Nobody answered as a web server does."""


def check_address(url: str) -> str:
    """The address as it is asked. Looks no name up.

    Raises:
        BadAddress: no https, a password in it, or a name or number of an inner network.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadAddress("This is no web address.") from None
    schemes = ("https", "http") if settings.WEBHOOKS_TO_LOOPBACK else ("https",)
    if parts.scheme not in schemes or not parts.hostname:
        raise BadAddress("It must begin with https://.")
    if parts.username or parts.password or not url.isascii() or any(c.isspace() or ord(c) < 32 for c in url):
        raise BadAddress("This is no web address that can be used: leave out names, passwords and spaces.")
    if port == 0:
        raise BadAddress("This is no web address.")
    _refuse_inner(parts.hostname)
    return url


def post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """The status that the other side answers with; a redirect is an answer, it is not followed.

    Raises:
        BadAddress: the name leads into an inner network.
        Unreachable: no connection, no certificate that fits, or no answer in time.
    """
    parts = urlsplit(check_address(url))
    host, is_tls = str(parts.hostname), parts.scheme == "https"
    port = parts.port or (443 if is_tls else 80)
    address = _address_of(host, port)
    # Connected to the very address that was looked at: a second look-up might answer something else.
    connection = http.client.HTTPConnection(host, port, timeout=TOTAL_SECONDS)
    try:
        plain = socket.create_connection((address, port), timeout=CONNECT_SECONDS)
        plain.settimeout(TOTAL_SECONDS)
        connection.sock = (
            ssl.create_default_context().wrap_socket(plain, server_hostname=host) if is_tls else plain
        )
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body=body, headers={**headers, "User-Agent": "webhooks/1"})
        return connection.getresponse().status
    except ssl.SSLError as error:
        raise Unreachable("Its certificate is not valid.") from error
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable("It did not answer in time.") from error
    finally:
        connection.close()


def _address_of(host: str, port: int) -> str:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Unreachable("There is no such name.") from error
    addresses = [str(row[4][0]) for row in found]
    for address in addresses:
        _refuse_inner(address)
    return addresses[0]


def _refuse_inner(host: str) -> None:
    """Refuse numbers and names that do not lie on the public internet."""
    name = host.rstrip(".").lower()
    try:
        number = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        # Browsers and libraries read 127.1 and 0x7f000001 as numbers, too: a public name ends in letters.
        ending = name.rpartition(".")[2]
        is_public = "." in name and not ending.isdigit() and not ending.startswith("0x")
        is_inner = name.endswith((".local", ".localhost", ".internal", ".lan", ".home.arpa"))
        if (not is_public or is_inner) and not (settings.WEBHOOKS_TO_LOOPBACK and name == "localhost"):
            raise BadAddress("This name is not on the public internet.") from None
        return
    mapped = getattr(number, "ipv4_mapped", None) or number
    if settings.WEBHOOKS_TO_LOOPBACK and mapped.is_loopback:
        return
    if not mapped.is_global or mapped.is_multicast:
        raise BadAddress("This address is not on the public internet.")
