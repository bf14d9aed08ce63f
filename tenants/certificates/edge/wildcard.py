"""The platform's own certificate from files (EDGE_WILDCARD_CERT, EDGE_WILDCARD_KEY), read again when they change."""

import os
from pathlib import Path

import structlog

log = structlog.get_logger()
Stamp = tuple[int, int, int]


class WildcardFiles:
    """Chain and key as one PEM. A file that is away or half written leaves what was read before."""

    def __init__(self, certificate: str, key: str) -> None:
        self._paths = [Path(path) for path in dict.fromkeys((certificate, key or certificate))]
        self._read: list[Stamp] = []

    def changed(self) -> bytes | None:
        """The PEM if it differs from the last one given; None when it does not or cannot be read."""
        try:
            stamps = [_stamp(path) for path in self._paths]
            if stamps == self._read:
                return None
            pem = b"\n".join(path.read_bytes().strip() for path in self._paths) + b"\n"
        except OSError as error:
            log.error("edge.wildcard_unreadable", error=str(error))
            return None
        self._read = stamps
        return pem


def _stamp(path: Path) -> Stamp:
    found = os.stat(path)
    return found.st_mtime_ns, found.st_size, found.st_ino
