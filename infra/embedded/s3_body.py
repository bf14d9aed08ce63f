"""Bodies as S3 clients send them: plain, in HTTP chunks, in aws-chunks with a checksum, as a form."""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from collections.abc import Iterator, Mapping
from io import BufferedIOBase
from typing import Protocol

from infra.embedded.s3_store import BLOCK
from infra.embedded.sigv4 import UNSIGNED, Refused

TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
LARGEST_FIELD = 20 * 1024


class Digest(Protocol):
    """What hashlib's objects and our CRC have in common."""

    def update(self, data: bytes, /) -> None: ...

    def digest(self) -> bytes: ...


class Crc32:
    """CRC32 in the shape of a hashlib object."""

    def __init__(self) -> None:
        self._value = 0

    def update(self, data: bytes, /) -> None:
        """Takes more bytes in."""
        self._value = zlib.crc32(data, self._value)

    def digest(self) -> bytes:
        """Four bytes, the highest first, as S3 writes it."""
        return self._value.to_bytes(4)


def blocks(stream: BufferedIOBase, headers: Mapping[str, str], payload: str) -> Iterator[bytes]:
    """The body's own bytes. Raises Refused at its end when they do not agree with what the request promised.

    `payload` is the x-amz-content-sha256 that was signed; header names are in lower case.
    """
    if payload.startswith("STREAMING-") and payload != TRAILER:
        raise Refused("NotImplemented", 501, "Signed chunks are not understood here")
    wire = (
        _http_chunks(stream) if "chunked" in headers.get("transfer-encoding", "") else _plain(stream, headers)
    )
    promised = {name: value for name, value in headers.items() if name.startswith("x-amz-checksum-")}
    checks: dict[str, Digest] = {
        "crc32": Crc32(),
        "sha1": hashlib.sha1(usedforsecurity=False),
        "sha256": hashlib.sha256(),
    }
    own = hashlib.sha256()
    source = _aws_chunks(wire, promised) if payload == TRAILER else wire
    for block in source:
        own.update(block)
        for check in checks.values():
            check.update(block)
        yield block
    if payload not in (UNSIGNED, TRAILER) and own.hexdigest() != payload:
        raise Refused("XAmzContentSHA256Mismatch", 400)
    for name, check in checks.items():
        value = promised.get(f"x-amz-checksum-{name}")
        if value is not None and value != base64.b64encode(check.digest()).decode():
            raise Refused("BadDigest", 400)


def _plain(stream: BufferedIOBase, headers: Mapping[str, str]) -> Iterator[bytes]:
    left = int(headers.get("content-length") or 0)
    while left:
        block = stream.read(min(BLOCK, left))
        if not block:
            raise Refused("IncompleteBody", 400)
        left -= len(block)
        yield block


def _http_chunks(stream: BufferedIOBase) -> Iterator[bytes]:
    while size := int(stream.readline().split(b";")[0], 16):
        while size:
            block = stream.read(min(BLOCK, size))
            if not block:
                raise Refused("IncompleteBody", 400)
            size -= len(block)
            yield block
        stream.readline()
    while stream.readline().strip():
        pass


def _aws_chunks(wire: Iterator[bytes], promised: dict[str, str]) -> Iterator[bytes]:
    """Takes the frames off; what stands behind the last one goes into `promised`."""
    waiting = _Waiting(wire)
    while size := int(waiting.line().split(b";")[0] or b"0", 16):
        yield from waiting.exactly(size)
        waiting.line()
    while line := waiting.line():
        name, _, value = line.decode("latin-1").partition(":")
        promised[name.strip().lower()] = value.strip()


class _Waiting:
    """Lines and lengths out of blocks that are cut anywhere."""

    def __init__(self, wire: Iterator[bytes]) -> None:
        self._wire = wire
        self._held = b""

    def _more(self) -> bool:
        block = next(self._wire, b"")
        self._held += block
        return bool(block)

    def line(self) -> bytes:
        while b"\r\n" not in self._held and len(self._held) < LARGEST_FIELD and self._more():
            pass
        line, _, self._held = self._held.partition(b"\r\n")
        return line

    def exactly(self, size: int) -> Iterator[bytes]:
        while size:
            if not self._held and not self._more():
                raise Refused("IncompleteBody", 400)
            block, self._held = self._held[:size], self._held[size:]
            size -= len(block)
            yield block

    def until(self, mark: bytes) -> Iterator[bytes]:
        """Everything before the mark, which is taken away too."""
        while mark not in self._held:
            # The mark may be cut in two: hold its length back.
            free = max(0, len(self._held) - len(mark))
            block, self._held = self._held[:free], self._held[free:]
            if block:
                yield block
            if not self._more():
                raise Refused("MalformedPOSTRequest", 400)
        block, _, self._held = self._held.partition(mark)
        yield block


class Form:
    """A browser's multipart form: its fields, then, streamed, the file. Later fields do not count."""

    def __init__(self, stream: BufferedIOBase, headers: Mapping[str, str]) -> None:
        boundary = re.search(r'boundary="?([^";]+)', headers.get("content-type", ""))
        if not boundary:
            raise Refused("MalformedPOSTRequest", 400)
        self._wire = _plain(stream, headers)
        self._waiting = _Waiting(self._wire)
        self._mark = f"\r\n--{boundary[1]}".encode()
        self.fields: dict[str, str] = {}
        self.file_name = ""
        self._waiting.line()
        while not self._at_file():
            pass

    def _at_file(self) -> bool:
        disposition = ""
        while line := self._waiting.line().decode("utf-8", "replace"):
            if line.lower().startswith("content-disposition:"):
                disposition = line
        name = re.search(r'\bname="([^"]*)"', disposition)
        if not name:
            raise Refused("MalformedPOSTRequest", 400)
        if name[1].lower() == "file":
            given = re.search(r'filename="([^"]*)"', disposition)
            self.file_name = given[1] if given else ""
            return True
        value = b""
        for block in self._waiting.until(self._mark):
            value += block
            if len(value) > LARGEST_FIELD:
                raise Refused("MaxPostPreDataLengthExceeded", 400)
        self.fields[name[1].lower()] = value.decode("utf-8", "replace")
        if self._waiting.line().startswith(b"--"):
            raise Refused("InvalidArgument", 400, "POST requires exactly one file upload per request.")
        return False

    def file(self, smallest: int, largest: int | None) -> Iterator[bytes]:
        """The file's bytes. Raises Refused as soon as they are too many, or at the end when too few."""
        size = 0
        for block in self._waiting.until(self._mark):
            size += len(block)
            if largest is not None and size > largest:
                raise Refused("EntityTooLarge", 400)
            yield block
        if size < smallest:
            raise Refused("EntityTooSmall", 400)
        for _ in self._wire:
            pass
