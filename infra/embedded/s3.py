"""An S3 server for tests: real signatures, real limits, files in a folder. Loopback only, path style.

Knows buckets, objects, ranges, copies, listings (version 2), uploads in parts, links (GET and PUT) and
browser forms. What it does not know it answers with 501, so that no test passes by accident.
"""

from __future__ import annotations

import argparse
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self
from urllib.parse import parse_qsl, unquote, urlsplit
from xml.etree import ElementTree

from infra.embedded import s3_answers as answers
from infra.embedded import s3_body
from infra.embedded.s3_store import Incoming, Store, Stored, blocks_of
from infra.embedded.sigv4 import Keys, Refused, check_form, check_request

# What an object keeps of the request that made it.
KEPT_HEADERS = ("content-type", "content-disposition", "cache-control", "content-language")
LARGEST_DRAIN = 16 * 1024 * 1024
BLANK_SECONDS = 1


class S3Server(ThreadingHTTPServer):
    """The server; a context that serves while inside. Port 0 takes a free one."""

    daemon_threads = True

    def __init__(self, folder: Path, port: int = 0, keys: Keys | None = None) -> None:
        super().__init__(("127.0.0.1", port), Conversation)
        self.store = Store(folder)
        self.keys = keys or Keys("portico-test", "portico-test-secret")
        self.clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    @property
    def address(self) -> str:
        """What a client calls endpoint_url."""
        return f"http://127.0.0.1:{self.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.1,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class Conversation(BaseHTTPRequestHandler):
    """One connection."""

    server: S3Server
    protocol_version = "HTTP/1.1"
    server_version = "s3-for-tests"
    sys_version = ""

    def _converse(self) -> None:
        parts = urlsplit(self.path)
        self.query = dict(parse_qsl(parts.query, keep_blank_values=True))
        self.lower = {name.lower(): value for name, value in self.headers.items()}
        self.bucket, _, self.key = unquote(parts.path).lstrip("/").partition("/")
        try:
            if self.command == "POST" and self.headers.get("Content-Type", "").startswith(
                "multipart/form-data"
            ):
                self._take_form()
                return
            keys, now = self.server.keys, self.server.clock()
            self.payload = check_request(self.command, self.path, self.lower, keys, now)
            self._operation()()
        except Refused as refusal:
            self._refuse(refusal)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _converse

    def do_OPTIONS(self) -> None:
        """Lets a browser's script send to us from another origin."""
        allowed = {
            "Access-Control-Allow-Methods": "GET, HEAD, PUT, POST",
            "Access-Control-Allow-Headers": "*",
        }
        self._answer(200, b"", allowed)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: tests speak for themselves."""

    def _operation(self) -> Callable[[], None]:
        asked = {"uploads", "uploadId", "delete", "list-type"} & set(self.query)
        word = "copy" if "x-amz-copy-source" in self.headers else (asked.pop() if asked else "")
        known: dict[tuple[bool, str, str], Callable[[], None]] = {
            (False, "PUT", ""): self._make_bucket,
            (False, "HEAD", ""): self._find_bucket,
            (False, "DELETE", ""): self._remove_bucket,
            (False, "GET", "list-type"): self._list,
            (False, "POST", "delete"): self._remove_many,
            (True, "GET", ""): self._get,
            (True, "HEAD", ""): self._get,
            (True, "PUT", ""): self._put,
            (True, "PUT", "copy"): self._copy,
            (True, "DELETE", ""): self._remove,
            (True, "POST", "uploads"): self._begin_upload,
            (True, "PUT", "uploadId"): self._put_part,
            (True, "POST", "uploadId"): self._finish_upload,
            (True, "GET", "uploadId"): self._list_parts,
            (True, "DELETE", "uploadId"): self._abandon_upload,
        }
        operation = known.get((bool(self.key), self.command, word))
        if operation is None:
            raise Refused("NotImplemented", 501)
        return operation

    def _make_bucket(self) -> None:
        self._receive_small()
        self.server.store.make_bucket(self.bucket)
        self._answer(200)

    def _find_bucket(self) -> None:
        self.server.store.bucket(self.bucket)
        self._answer(200)

    def _remove_bucket(self) -> None:
        self.server.store.remove_bucket(self.bucket)
        self._answer(204)

    def _list(self) -> None:
        self._answer(200, answers.listing(self.bucket, self.server.store.listing(self.bucket), self.query))

    def _remove_many(self) -> None:
        asked = ElementTree.fromstring(self._receive_small())
        keys = [found.text or "" for found in asked.iter() if found.tag.rpartition("}")[2] == "Key"]
        for key in keys:
            self.server.store.remove(self.bucket, key)
        self._answer(200, answers.removed(keys))

    def _put(self) -> None:
        store = self.server.store
        store.bucket(self.bucket)
        if self.headers.get("If-None-Match") == "*" and store.exists(self.bucket, self.key):
            raise Refused("PreconditionFailed", 412)
        stored = store.put(self.bucket, self.key, self._receive(), self._kept_headers())
        self._answer(200, b"", {"ETag": f'"{stored.etag}"'})

    def _copy(self) -> None:
        bucket, _, key = unquote(self.headers["x-amz-copy-source"]).lstrip("/").partition("/")
        stored, file = self.server.store.get(bucket, key)
        replaced = self.headers.get("x-amz-metadata-directive") == "REPLACE"
        body = self.server.store.receive(blocks_of(file))
        made = self.server.store.put(
            self.bucket, self.key, body, self._kept_headers() if replaced else stored.headers
        )
        self._answer(200, answers.copied(made))

    def _get(self) -> None:
        stored, file = self.server.store.get(self.bucket, self.key)
        with file:
            first, last = answers.wanted_range(self.headers.get("Range", ""), stored.size)
            part = (first, last) != (0, stored.size - 1)
            headers = self._headers_of(stored) | {"Content-Length": str(last - first + 1)}
            if part:
                headers["Content-Range"] = f"bytes {first}-{last}/{stored.size}"
            self._begin(206 if part else 200, headers)
            if self.command == "GET":
                file.seek(first)
                for block in blocks_of(file, last - first + 1):
                    self.wfile.write(block)

    def _remove(self) -> None:
        self.server.store.remove(self.bucket, self.key)
        self._answer(204)

    def _begin_upload(self) -> None:
        identifier = self.server.store.begin_upload(self.bucket, self.key, self._kept_headers())
        self._answer(200, answers.upload_begun(self.bucket, self.key, identifier))

    def _put_part(self) -> None:
        number = self.query.get("partNumber", "")
        part = int(number) if number.isdecimal() else 0
        store = self.server.store
        etag = store.put_part(self.query["uploadId"], self.bucket, self.key, part, self._receive())
        self._answer(200, b"", {"ETag": f'"{etag}"'})

    def _list_parts(self) -> None:
        parts = self.server.store.parts(self.query["uploadId"], self.bucket, self.key)
        self._answer(200, answers.parts_there(self.bucket, self.key, parts))

    def _finish_upload(self) -> None:
        """Joining takes its time: S3 answers at once and sends blanks until it is done (CompleteMultipartUpload)."""
        parts = answers.named_parts(self._receive_small())
        upload = (self.query["uploadId"], self.bucket, self.key)
        self.server.store.check_parts(*upload, parts)
        self._begin(200, {"Content-Type": "application/xml", "Transfer-Encoding": "chunked"})
        with ThreadPoolExecutor(1) as joining:
            stored = joining.submit(self.server.store.finish_upload, *upload, parts)
            self._send_chunk(answers.DECLARATION)
            while not wait([stored], BLANK_SECONDS).done:
                self._send_chunk(b" ")
        try:
            said = answers.upload_finished(self.bucket, stored.result())
        except Refused as refusal:
            said = answers.error(refusal)
        self._send_chunk(said.removeprefix(answers.DECLARATION))
        self._send_chunk(b"")

    def _send_chunk(self, content: bytes) -> None:
        self.wfile.write(b"%x\r\n%b\r\n" % (len(content), content))

    def _abandon_upload(self) -> None:
        self.server.store.abandon_upload(self.query["uploadId"], self.bucket, self.key)
        self._answer(204)

    def _take_form(self) -> None:
        form = s3_body.Form(self.rfile, self.lower)
        policy = check_form(self.bucket, form.fields, self.server.keys, self.server.clock())
        self.server.store.bucket(self.bucket)
        body = self.server.store.receive(form.file(policy.smallest, policy.largest))
        key = form.fields["key"].replace("${filename}", form.file_name)
        kept = {name: value for name, value in form.fields.items() if _is_kept(name)}
        stored = self.server.store.put(self.bucket, key, body, kept)
        status = form.fields.get("success_action_status", "")
        self._answer(int(status) if status in ("200", "201") else 204, b"", {"ETag": f'"{stored.etag}"'})

    def _receive(self) -> Incoming:
        return self.server.store.receive(s3_body.blocks(self.rfile, self.lower, self.payload))

    def _receive_small(self) -> bytes:
        return b"".join(s3_body.blocks(self.rfile, self.lower, self.payload))

    def _kept_headers(self) -> dict[str, str]:
        return {name: value for name, value in self.lower.items() if _is_kept(name)}

    def _headers_of(self, stored: Stored) -> dict[str, str]:
        headers = {"content-type": "binary/octet-stream", **stored.headers}
        headers |= {
            name.removeprefix("response-"): value
            for name, value in self.query.items()
            if name[:9] == "response-"
        }
        modified = formatdate(stored.modified, usegmt=True)
        return headers | {"ETag": f'"{stored.etag}"', "Last-Modified": modified, "Accept-Ranges": "bytes"}

    def _refuse(self, refusal: Refused) -> None:
        # A client that is still sending would see a broken connection and not the refusal.
        left = min(int(self.headers.get("Content-Length") or 0), LARGEST_DRAIN)
        self.close_connection = True
        self._answer(refusal.status, answers.error(refusal), {"Connection": "close"})
        if left:
            self._drain(left)

    def _drain(self, left: int) -> None:
        self.connection.settimeout(0.5)
        try:
            while left > 0 and (block := self.rfile.read1(min(left, 65536))):
                left -= len(block)
        except OSError:
            pass

    def _answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        length = {} if status == 204 else {"Content-Length": str(len(body))}
        kind = {"Content-Type": "application/xml"} if body else {}
        self._begin(status, {**length, **kind, **(headers or {})})
        if self.command != "HEAD":
            self.wfile.write(body)

    def _begin(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        shared = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "ETag"}
        for name, value in {**shared, **headers}.items():
            self.send_header(name, value)
        self.end_headers()


def _is_kept(name: str) -> bool:
    return name in KEPT_HEADERS or name.startswith("x-amz-meta-")


def main() -> None:
    """Serves a folder until stopped."""
    words = argparse.ArgumentParser(prog="python -m infra.embedded.s3", description="An S3 server for tests.")
    words.add_argument("folder", type=Path)
    words.add_argument("--port", type=int, required=True)
    words.add_argument("--bucket", action="append", default=[])
    asked = words.parse_args()
    server = S3Server(asked.folder, asked.port)
    for bucket in asked.bucket:
        server.store.make_bucket(bucket)
    server.serve_forever()


if __name__ == "__main__":
    main()
