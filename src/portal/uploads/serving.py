"""Answers with a stored file. Whether the person may have it, the caller has already decided.

On a local disk the file is streamed, with ranges (RFC 9110, section 14) so that videos can be wound. In a
bucket the answer is a redirect to a link that lives for a minute at most.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.core.files import File
from django.core.files.storage import FileSystemStorage, default_storage
from django.http import (
    Http404,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotModified,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.utils.http import content_disposition_header, http_date, parse_etags, parse_http_date_safe

from portal.http import Request
from portal.uploads.models import Upload
from portal.uploads.rules import VIEWABLE
from portal.uploads.sniffing import UNKNOWN

CHUNK_BYTES = 64 * 1024
LINK_SECONDS = 60
# Whatever a file turns out to be, it runs nothing, asks nobody and has no origin.
SANDBOX = "default-src 'none'; img-src 'self'; media-src 'self'; frame-ancestors 'self'; sandbox"
# Browsers of a year ago show no PDF in a sandbox. Their viewers run apart from our origin and without scripts
# of ours, so a PDF needs none.
PDF_POLICY = "default-src 'none'; object-src 'self'; frame-ancestors 'self'"
# Kept by the browser, but asked for again each time: who lost access gets nothing more from this second on.
PRIVATE = "private, no-cache"
FOR_EVER = "public, max-age=31536000, immutable"
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})\Z")


class Unsatisfiable(ValueError):
    """The range begins behind the end of the file."""


class FilePart:
    """A stretch of a file as an iterable that closes the file when the answer is sent or given up."""

    def __init__(self, file: File[Any], first: int, length: int) -> None:
        self._file, self._left = file, length
        file.seek(first)

    def __iter__(self) -> Iterator[bytes]:
        while self._left > 0 and (chunk := self._file.read(min(CHUNK_BYTES, self._left))):
            self._left -= len(chunk)
            yield chunk

    def close(self) -> None:
        self._file.close()


def serve(upload: Upload, request: Request, *, inline: bool) -> HttpResponseBase:
    """The file as an answer to this request.

    Args:
        inline: show it in the browser, if it is of a kind that is safe to show; else it is downloaded.

    Raises:
        Http404: the row is there but its bytes are not.
    """
    shown = inline and upload.content_type in VIEWABLE
    if not isinstance(default_storage, FileSystemStorage):
        return _to_bucket(upload, shown)
    response = _local(upload, request)
    response["Cache-Control"] = PRIVATE
    response["Vary"] = "Cookie"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return _with_headers(response, upload, shown)


def serve_made(content: bytes, upload: Upload, *, inline: bool) -> HttpResponse:
    """A copy of a stored file that was made for this one answer, under its name: nobody keeps it on the way.

    Args:
        upload: what the copy is of; nothing of its bytes, nor their hash, is told.
    """
    shown = inline and upload.content_type in VIEWABLE
    response = HttpResponse(content)
    response["Cache-Control"] = "private, no-store"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    _describe(response, upload, shown)
    return response


def serve_public(upload: Upload, request: Request) -> HttpResponseBase:
    """A picture of the brand (re-encoded, small, at an address that names its id): anyone, for ever.

    Comes through us from a bucket too, since a redirect could not be kept by the browser.

    Raises:
        Http404: the bytes are not there.
    """
    response = _local(upload, request)
    response["Cache-Control"] = FOR_EVER
    # Mails show the logo too, in web pages of other origins.
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return _with_headers(response, upload, upload.is_image)


def _with_headers(response: HttpResponseBase, upload: Upload, shown: bool) -> HttpResponseBase:
    response["ETag"] = f'"{upload.sha256}"'
    if response.status_code in (200, 206):
        response["Last-Modified"] = http_date(upload.created_at.timestamp())
        response["Accept-Ranges"] = "bytes"
    return _describe(response, upload, shown)


def _describe(response: HttpResponseBase, upload: Upload, shown: bool) -> HttpResponseBase:
    """What it is, and that it runs nothing."""
    response["X-Content-Type-Options"] = "nosniff"
    # A PDF is shown in a frame of our own page.
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["Content-Security-Policy"] = PDF_POLICY if shown and upload.is_pdf else SANDBOX
    if response.status_code in (200, 206):
        response["Content-Type"] = upload.content_type if shown else _as_download(upload)
        response["Content-Disposition"] = content_disposition_header(not shown, upload.name) or "attachment"
    return response


def _as_download(upload: Upload) -> str:
    return upload.content_type if upload.content_type in VIEWABLE else UNKNOWN


def _to_bucket(upload: Upload, shown: bool) -> HttpResponseBase:
    link = default_storage.url(  # type: ignore[call-arg]
        upload.storage_key,
        parameters={
            "ResponseContentType": upload.content_type if shown else _as_download(upload),
            "ResponseContentDisposition": content_disposition_header(not shown, upload.name) or "attachment",
            "ResponseCacheControl": "private, no-store",
        },
        expire=LINK_SECONDS,
    )
    response = HttpResponseRedirect(link)
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _local(upload: Upload, request: Request) -> HttpResponseBase:
    known = parse_etags(request.headers.get("If-None-Match", ""))
    if "*" in known or f'"{upload.sha256}"' in {tag.removeprefix("W/") for tag in known}:
        return HttpResponseNotModified()
    try:
        wanted = _wanted(upload, request)
    except Unsatisfiable:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{upload.size}"})
    first, length = wanted or (0, upload.size)
    try:
        file = default_storage.open(upload.storage_key)
    except FileNotFoundError as error:
        raise Http404 from error
    response = StreamingHttpResponse(FilePart(file, first, length), status=206 if wanted else 200)
    response["Content-Length"] = str(length)
    if wanted:
        response["Content-Range"] = f"bytes {first}-{first + length - 1}/{upload.size}"
    return response


def _wanted(upload: Upload, request: Request) -> tuple[int, int] | None:
    """First byte and length of the one range that is asked for; None: the whole file.

    A range that is not understood, or several, are answered with the whole file, as RFC 9110 allows.
    """
    match = _RANGE.match(request.headers.get("Range", "").replace(" ", ""))
    if request.method != "GET" or match is None or not _is_same_file(upload, request):
        return None
    first, last = match.groups()
    if not first:
        if not last:
            return None
        length = min(int(last), upload.size)
        if length == 0:
            raise Unsatisfiable
        return upload.size - length, length
    if last and int(last) < int(first):
        return None
    if int(first) >= upload.size:
        raise Unsatisfiable
    end = min(int(last), upload.size - 1) if last else upload.size - 1
    return int(first), end - int(first) + 1


def _is_same_file(upload: Upload, request: Request) -> bool:
    """If-Range: the part is only of use to a browser that holds the rest of this very file."""
    condition = request.headers.get("If-Range")
    if not condition:
        return True
    if '"' in condition:
        return condition == f'"{upload.sha256}"'
    return parse_http_date_safe(condition) == int(upload.created_at.timestamp())
