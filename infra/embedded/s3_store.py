"""Buckets and objects as files in a folder. Bodies are streamed: an object never has to fit into memory."""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
import time
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import BinaryIO

from infra.embedded.sigv4 import Refused

BLOCK = 256 * 1024
SMALLEST_PART = 5 * 1024 * 1024


@dataclass(frozen=True)
class Incoming:
    """A body that has arrived on the disk but belongs to no object yet."""

    path: Path
    size: int
    md5: bytes


@dataclass(frozen=True)
class Stored:
    """An object's description; its bytes lie in the file `content`."""

    key: str
    size: int
    etag: str
    headers: dict[str, str] = field(default_factory=dict)
    modified: float = 0.0
    content: str = ""


class Store:
    """All buckets under one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._arriving = folder / ".arriving"
        self._uploads = folder / ".uploads"
        for path in (self._arriving, self._uploads):
            path.mkdir(parents=True, exist_ok=True)
        # An object is two files; a reader must see both of one version.
        self._lock = threading.Lock()
        self._joining = threading.Lock()

    def bucket(self, name: str) -> Path:
        """The bucket's folder. Raises Refused when there is none."""
        if not name or name.startswith(".") or "/" in name or not (self.folder / name).is_dir():
            raise Refused("NoSuchBucket", 404)
        return self.folder / name

    def make_bucket(self, name: str) -> None:
        """Makes a bucket; nothing happens when it is there."""
        if not name or name.startswith(".") or "/" in name:
            raise Refused("InvalidBucketName", 400)
        (self.folder / name).mkdir(exist_ok=True)

    def remove_bucket(self, name: str) -> None:
        """Removes an empty bucket."""
        if self.listing(name):
            raise Refused("BucketNotEmpty", 409)
        shutil.rmtree(self.bucket(name))

    def receive(self, blocks: Iterable[bytes]) -> Incoming:
        """Writes a body to the disk as it comes."""
        path = self._arriving / uuid.uuid4().hex
        digest, size = hashlib.md5(usedforsecurity=False), 0
        try:
            with path.open("xb") as file:
                for block in blocks:
                    file.write(block)
                    digest.update(block)
                    size += len(block)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return Incoming(path, size, digest.digest())

    def put(self, bucket: str, key: str, body: Incoming, headers: dict[str, str], etag: str = "") -> Stored:
        """Makes a body an object, in place of an older one of that key."""
        folder = self.bucket(bucket)
        stored = Stored(key, body.size, etag or body.md5.hex(), headers, time.time(), uuid.uuid4().hex)
        with self._lock:
            before = self._read(self._description(folder, key))
            body.path.rename(folder / stored.content)
            unfinished = self._arriving / uuid.uuid4().hex
            unfinished.write_text(json.dumps(asdict(stored)))
            unfinished.rename(self._description(folder, key))
            if before:
                (folder / before.content).unlink(missing_ok=True)
        return stored

    def get(self, bucket: str, key: str) -> tuple[Stored, BinaryIO]:
        """An object and its bytes, opened. Raises Refused when there is none."""
        folder = self.bucket(bucket)
        with self._lock:
            stored = self._read(self._description(folder, key))
            if stored is None:
                raise Refused("NoSuchKey", 404)
            return stored, (folder / stored.content).open("rb")

    def exists(self, bucket: str, key: str) -> bool:
        """Whether there is an object of that key."""
        return self._description(self.bucket(bucket), key).exists()

    def remove(self, bucket: str, key: str) -> None:
        """Removes an object; nothing happens when there is none."""
        folder = self.bucket(bucket)
        with self._lock:
            if stored := self._read(self._description(folder, key)):
                self._description(folder, key).unlink()
                (folder / stored.content).unlink(missing_ok=True)

    def listing(self, bucket: str) -> list[Stored]:
        """Every object, by key."""
        found = [self._read(path) for path in self.bucket(bucket).glob("*.json")]
        return sorted((stored for stored in found if stored), key=lambda stored: stored.key.encode())

    def begin_upload(self, bucket: str, key: str, headers: dict[str, str]) -> str:
        """Begins an upload in parts; returns its identifier."""
        self.bucket(bucket)
        identifier = uuid.uuid4().hex
        (self._uploads / identifier).mkdir()
        (self._uploads / identifier / "about").write_text(json.dumps([bucket, key, headers]))
        return identifier

    def put_part(self, identifier: str, bucket: str, key: str, number: int, body: Incoming) -> str:
        """Keeps one part (1 to 10,000); returns its ETag."""
        folder, _ = self._upload(identifier, bucket, key)
        if not 1 <= number <= 10_000:
            raise Refused("InvalidArgument", 400)
        body.path.rename(folder / f"{number:05d}")
        (folder / f"{number:05d}.md5").write_bytes(body.md5)
        return body.md5.hex()

    def check_parts(
        self, identifier: str, bucket: str, key: str, parts: list[tuple[int, str]]
    ) -> list[bytes]:
        """The MD5 of each named part. Raises Refused for missing, changed, small or unordered ones."""
        folder, _ = self._upload(identifier, bucket, key)
        numbers = [number for number, _ in parts]
        if not numbers or numbers != sorted(set(numbers)):
            raise Refused("InvalidPartOrder", 400)
        digests = []
        for number, etag in parts:
            path = folder / f"{number:05d}"
            if not path.exists() or (digest := (folder / f"{number:05d}.md5").read_bytes()).hex() != etag:
                raise Refused("InvalidPart", 400)
            if number != numbers[-1] and path.stat().st_size < SMALLEST_PART:
                raise Refused("EntityTooSmall", 400)
            digests.append(digest)
        return digests

    def finish_upload(self, identifier: str, bucket: str, key: str, parts: list[tuple[int, str]]) -> Stored:
        """Makes the named parts one object. Raises Refused as check_parts does; who comes second finds none."""
        with self._joining:
            digests = self.check_parts(identifier, bucket, key, parts)
            folder, headers = self._upload(identifier, bucket, key)
            body = self.receive(
                block for number, _ in parts for block in blocks_of((folder / f"{number:05d}").open("rb"))
            )
            whole = hashlib.md5(b"".join(digests), usedforsecurity=False).hexdigest()
            stored = self.put(bucket, key, body, headers, f"{whole}-{len(parts)}")
            shutil.rmtree(folder)
        return stored

    def parts(self, identifier: str, bucket: str, key: str) -> list[tuple[int, str, int]]:
        """Number, ETag and size of each part that has arrived."""
        folder, _ = self._upload(identifier, bucket, key)
        return [
            (int(path.stem), path.read_bytes().hex(), path.with_suffix("").stat().st_size)
            for path in sorted(folder.glob("*.md5"))
        ]

    def abandon_upload(self, identifier: str, bucket: str, key: str) -> None:
        """Forgets the parts."""
        shutil.rmtree(self._upload(identifier, bucket, key)[0])

    def _upload(self, identifier: str, bucket: str, key: str) -> tuple[Path, dict[str, str]]:
        folder = self._uploads / identifier
        if not identifier.isalnum() or not folder.is_dir():
            raise Refused("NoSuchUpload", 404)
        its_bucket, its_key, headers = json.loads((folder / "about").read_text())
        if (its_bucket, its_key) != (bucket, key):
            raise Refused("NoSuchUpload", 404)
        return folder, headers

    @staticmethod
    def _description(folder: Path, key: str) -> Path:
        # By hash: a key may hold anything, and be longer than a file name.
        return folder / f"{hashlib.sha256(key.encode()).hexdigest()}.json"

    @staticmethod
    def _read(path: Path) -> Stored | None:
        try:
            return Stored(**json.loads(path.read_text()))
        except FileNotFoundError:
            return None


def blocks_of(file: BinaryIO, size: int = -1) -> Iterable[bytes]:
    """A file's bytes from where it stands, `size` of them or all, block by block; closes it."""
    with file:
        while size and (block := file.read(BLOCK if size < 0 else min(BLOCK, size))):
            size -= len(block) if size > 0 else 0
            yield block
