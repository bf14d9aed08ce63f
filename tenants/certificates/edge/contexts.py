"""TLS contexts by name: the shelf of the edge in process. Random names cost neither a query nor a context."""

import os
import ssl
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

import structlog
from django.core.exceptions import ImproperlyConfigured

from tenants.certificates.edge.following import Row
from tenants.certificates.edge.names import canonical, is_platform_host
from tenants.certificates.edge.wildcard import WildcardFiles
from tenants.certificates.sealing import SealBroken, open_sealed

log = structlog.get_logger()
# A context takes some 50 kB; a bundle that waits sealed, 3 kB.
MOST_CONTEXTS = 512
UNKNOWN = int(ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME)


def loaded(pem: bytes) -> ssl.SSLContext:
    """A server's context with this chain and key. Raises ssl.SSLError when they are none or do not fit."""
    context = server_context()
    with _as_file(pem) as path:
        context.load_cert_chain(path)
    return context


def server_context() -> ssl.SSLContext:
    """TLS 1.2 and newer, one handshake for each connection: nobody resumes a session of a certificate gone since."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_TICKET | ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    context.num_tickets = 0
    context.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")
    context.set_alpn_protocols(["http/1.1"])
    return context


class Contexts:
    """Every bundle, sealed, and the contexts of the names asked for lately."""

    def __init__(self, platform: str, wildcard: WildcardFiles | None = None) -> None:
        self._platform = platform
        self._wildcard = wildcard
        self._of_platform: ssl.SSLContext | None = None
        self._rows: dict[str, Row] = {}
        self._ready: OrderedDict[str, tuple[int, ssl.SSLContext]] = OrderedDict()
        self._lock = threading.Lock()

    def versions(self) -> Mapping[str, int]:
        return {host: row.version for host, row in list(self._rows.items())}

    def put(self, rows: Sequence[Row]) -> None:
        self._rows.update({row.host: row for row in rows})

    def drop(self, hosts: Sequence[str]) -> None:
        for host in hosts:
            self._rows.pop(host, None)
            with self._lock:
                self._ready.pop(host, None)

    def knows(self, name: str) -> bool:
        """Whether there is a certificate for this canonical name."""
        return name in self._rows or self._is_wildcards(name)

    def of(self, asked: str | None) -> ssl.SSLContext | None:
        """The context for a name as a client sent it, or None: then the handshake has to be refused."""
        name = canonical(asked)
        if name is None:
            return None
        if self._is_wildcards(name):
            return self._platforms()
        row = self._rows.get(name)
        return self._context(row) if row else None

    def _is_wildcards(self, name: str) -> bool:
        return self._wildcard is not None and is_platform_host(name, self._platform)

    def _context(self, row: Row) -> ssl.SSLContext | None:
        with self._lock:
            version, context = self._ready.get(row.host, (None, None))
            if context and version == row.version:
                self._ready.move_to_end(row.host)
                return context
        try:
            fresh = loaded(open_sealed(row.host, row.sealed, row.key_name))
        except (SealBroken, ImproperlyConfigured, ssl.SSLError) as error:
            log.error("edge.bundle_unusable", host=row.host, error=str(error))
            return context
        with self._lock:
            self._ready[row.host] = (row.version, fresh)
            self._ready.move_to_end(row.host)
            while len(self._ready) > MOST_CONTEXTS:
                self._ready.popitem(last=False)
        return fresh

    def _platforms(self) -> ssl.SSLContext | None:
        if self._wildcard and (pem := self._wildcard.changed()):
            try:
                self._of_platform = loaded(pem)
            except ssl.SSLError as error:
                # Mostly a new chain whose key is still being written; the next handshake looks again.
                log.error("edge.wildcard_unusable", error=str(error))
        return self._of_platform


@contextmanager
def _as_file(pem: bytes) -> Iterator[str]:
    """Python's ssl loads keys from files only: one in memory where there is such a thing (Linux)."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("tls", os.MFD_CLOEXEC)
        try:
            os.write(descriptor, pem)
            yield f"/proc/self/fd/{descriptor}"
        finally:
            os.close(descriptor)
        return
    descriptor, path = tempfile.mkstemp()  # mode 0600
    try:
        os.write(descriptor, pem)
        yield path
    finally:
        os.close(descriptor)
        with suppress(OSError):
            os.unlink(path)
