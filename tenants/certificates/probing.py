"""Asks every edge, by real TLS, which certificate it serves."""

import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import structlog
from cryptography import x509
from django.conf import settings

log = structlog.get_logger()
CONNECT_SECONDS = 2.0
HANDSHAKE_SECONDS = 2.0
MOST_AT_ONCE = 16


def edges() -> list[tuple[str, int]]:
    """Address and port of every edge: EDGE_PROBES, else the first EDGE_IPV4 at EDGE_HTTPS_PORT."""
    if settings.EDGE_PROBES:
        return [_address(probe) for probe in settings.EDGE_PROBES]
    return [(address, settings.EDGE_HTTPS_PORT) for address in settings.EDGE_IPV4[:1]]


def serves(host: str, serial: str) -> bool:
    """Whether every edge serves the certificate with this serial (hexadecimal) for the host.

    Takes four seconds at most. An edge that does not answer does not serve it; without any edge nobody does.
    """
    asked = edges()
    if not asked:
        log.error("edge.none_to_ask", hint="set EDGE_IPV4 or EDGE_PROBES")
        return False
    wanted = int(serial, 16)
    with ThreadPoolExecutor(min(len(asked), MOST_AT_ONCE)) as pool:
        return all(found == wanted for found in pool.map(lambda edge: served_serial(host, edge), asked))


def served_serial(host: str, edge: tuple[str, int]) -> int | None:
    """Serial of the certificate that this edge presents for the host; None when it presents none.

    Nothing is verified: the answer is compared with what we stored, and an expired one is an answer, too.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with socket.create_connection(edge, CONNECT_SECONDS) as plain:
            plain.settimeout(HANDSHAKE_SECONDS)
            with context.wrap_socket(plain, server_hostname=host) as secure:
                presented = secure.getpeercert(binary_form=True) or b""
        return x509.load_der_x509_certificate(presented).serial_number
    except (OSError, ValueError) as error:
        log.info("edge.no_answer", host=host, edge=f"{edge[0]}:{edge[1]}", error=str(error))
        return None


def _address(probe: str) -> tuple[str, int]:
    at = urlsplit(f"//{probe}")
    return at.hostname or "", at.port or settings.EDGE_HTTPS_PORT
