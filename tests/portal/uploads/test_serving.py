"""How a stored file is answered, once the caller has decided that the person may have it."""

from collections.abc import Iterator
from typing import cast

import pytest
from django.core.files.storage import default_storage
from django.http import Http404, HttpResponseBase
from django.test import RequestFactory
from django.utils.http import http_date

from portal.http import Request
from portal.uploads.models import Upload
from portal.uploads.operations import UploadRule, serve, serve_public, store
from portal.uploads.serving import FilePart
from tenants.agencies.current import CurrentAgency, inside
from tests.portal.uploads import samples

BYTES = bytes(range(256)) * 1000


@pytest.fixture(autouse=True)
def _in_northwind(northwind: CurrentAgency) -> Iterator[None]:
    with inside(northwind):
        yield


@pytest.fixture
def video() -> Upload:
    return kept(samples.MP4 + BYTES, "walk.mp4")


def kept(content: bytes, name: str) -> Upload:
    return store(samples.uploaded(content, name), UploadRule())


def ask(upload: Upload, method: str = "get", *, inline: bool = True, **headers: str) -> HttpResponseBase:
    request = getattr(RequestFactory(), method)(
        "/file/", headers={k.replace("_", "-"): v for k, v in headers.items()}
    )
    return serve(upload, request, inline=inline)


def done(response: HttpResponseBase) -> None:
    """Close the file as the server does, without the signal that would close the test's connection."""
    for closer in response._resource_closers:  # type: ignore[attr-defined]
        closer()


def body(response: HttpResponseBase) -> bytes:
    try:
        return b"".join(response.streaming_content)  # type: ignore[attr-defined]
    finally:
        done(response)


def test_the_whole_file_is_streamed(video: Upload) -> None:
    response = ask(video)
    assert response.streaming and response.status_code == 200
    assert (response["Content-Type"], response["Content-Length"]) == ("video/mp4", str(video.size))
    assert (response["ETag"], response["Accept-Ranges"]) == (f'"{video.sha256}"', "bytes")
    assert body(response) == samples.MP4 + BYTES


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-99", 0, 99),
        ("bytes=100-", 100, None),
        ("bytes=-50", -50, None),
        ("bytes=5-999999999", 5, None),
    ],
)
def test_a_range_is_answered_with_that_part(video: Upload, asked: str, first: int, last: int | None) -> None:
    whole = samples.MP4 + BYTES
    wanted = whole[first : last + 1 if last is not None else None]
    response = ask(video, range=asked)
    assert response.status_code == 206 and body(response) == wanted
    begin = first % len(whole)
    assert response["Content-Range"] == f"bytes {begin}-{begin + len(wanted) - 1}/{len(whole)}"
    assert response["Content-Length"] == str(len(wanted))


@pytest.mark.parametrize("asked", ["bytes=300000-", "bytes=999999-9999999", "bytes=-0"])
def test_a_range_behind_the_end_is_416(video: Upload, asked: str) -> None:
    response = ask(video, range=asked)
    assert response.status_code == 416 and response["Content-Range"] == f"bytes */{video.size}"
    assert "sandbox" in response["Content-Security-Policy"]


@pytest.mark.parametrize(
    "asked",
    ["bytes=5-2", "bytes=-", "bytes=0-1,5-6", "lines=0-5", "bytes=a-b", "bytes=" + "9" * 40 + "-", "x"],
)
def test_a_range_that_is_not_understood_gives_the_whole_file(video: Upload, asked: str) -> None:
    response = ask(video, range=asked)
    assert response.status_code == 200
    done(response)


def test_a_part_is_given_only_to_who_holds_the_rest_of_this_very_file(video: Upload) -> None:
    date = http_date(video.created_at.timestamp())
    for condition, status in [
        (f'"{video.sha256}"', 206),
        ('"another"', 200),
        (f'W/"{video.sha256}"', 200),
        (date, 206),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 200),
        ("nonsense", 200),
    ]:
        response = ask(video, range="bytes=0-9", if_range=condition)
        assert response.status_code == status, condition
        done(response)


def test_who_holds_the_file_gets_304_without_its_bytes(video: Upload) -> None:
    for known in (f'"{video.sha256}"', f'W/"{video.sha256}"', f'"a", "{video.sha256}"', "*"):
        response = ask(video, if_none_match=known)
        assert response.status_code == 304 and "Content-Disposition" not in response
        assert response["ETag"] == f'"{video.sha256}"'
    assert ask(video, if_none_match='"another"').status_code == 200


def test_head_says_the_length_and_ignores_ranges(video: Upload) -> None:
    response = ask(video, "head", range="bytes=0-9")
    assert response.status_code == 200 and response["Content-Length"] == str(video.size)
    done(response)


def test_only_kinds_that_are_safe_to_show_are_shown() -> None:
    for content in (
        samples.picture(),
        samples.picture("JPEG"),
        samples.PDF,
        samples.MP4,
        samples.ebml(b"webm"),
    ):
        response = ask(kept(content, "a.bin"))
        assert response["Content-Disposition"].startswith("inline")
        done(response)
    for content in (
        samples.HTML,
        samples.SVG,
        samples.ebml(b"matroska"),
        samples.HEIC,
        b"PK\x03\x04" + b"x" * 40,
    ):
        response = ask(kept(content, "a.html"))
        assert response["Content-Disposition"].startswith("attachment")
        assert response["Content-Type"] == "application/octet-stream"
        done(response)


def test_a_download_is_asked_for_with_inline_off() -> None:
    response = ask(kept(samples.PDF, "a.pdf"), inline=False)
    assert response["Content-Disposition"] == 'attachment; filename="a.pdf"'
    done(response)


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("offer.pdf", 'inline; filename="offer.pdf"'),
        ('a "b" \\c.pdf', 'inline; filename="c.pdf"'),
        ("Angebot März €.pdf", "inline; filename*=utf-8''Angebot%20M%C3%A4rz%20%E2%82%AC.pdf"),
        ("a\r\nSet-Cookie: x=y.pdf", 'inline; filename="aSet-Cookie: x=y.pdf"'),
    ],
)
def test_the_name_travels_as_rfc_6266_says_and_carries_no_header(name: str, header: str) -> None:
    response = ask(kept(samples.PDF, name))
    assert response["Content-Disposition"] == header
    done(response)


def test_whatever_a_file_is_it_runs_nothing() -> None:
    two_in_one = samples.picture("GIF") + samples.HTML
    for content in (two_in_one, samples.HTML, samples.SVG, samples.picture()):
        response = ask(kept(content, "a.html"))
        assert response["X-Content-Type-Options"] == "nosniff"
        policy = response["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "; sandbox" in policy and "script" not in policy
        done(response)


def test_a_pdf_has_no_sandbox_since_some_browsers_would_not_show_it_but_may_load_nothing() -> None:
    response = ask(kept(samples.PDF, "a.pdf"))
    assert (
        response["Content-Security-Policy"] == "default-src 'none'; object-src 'self'; frame-ancestors 'self'"
    )
    done(response)
    download = ask(kept(samples.PDF, "a.pdf"), inline=False)
    assert "sandbox" in download["Content-Security-Policy"]
    done(download)


def test_no_store_between_keeps_it_and_the_browser_asks_each_time(video: Upload) -> None:
    for response in (ask(video), ask(video, range="bytes=0-1"), ask(video, range="bytes=999999-")):
        assert (response["Cache-Control"], response["Vary"]) == ("private, no-cache", "Cookie")
        assert response["Cross-Origin-Resource-Policy"] == "same-origin"
        done(response)


def test_a_row_without_its_bytes_is_404(video: Upload) -> None:
    default_storage.delete(video.storage_key)
    with pytest.raises(Http404):
        ask(video)


def test_the_file_is_closed_when_the_browser_goes_away(video: Upload) -> None:
    part = FilePart(file := default_storage.open(video.storage_key), 0, video.size)
    next(iter(part))
    part.close()
    assert file.closed


def test_a_brands_picture_may_be_kept_for_ever_by_anyone() -> None:
    response = serve_public(kept(samples.picture(), "logo.png"), cast(Request, RequestFactory().get("/")))
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin" and "Vary" not in response
    assert "sandbox" in response["Content-Security-Policy"]
    done(response)
