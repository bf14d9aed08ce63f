"""The same with a bucket: the real boto3 and django-storages against a server that checks signatures."""

import http.client
from datetime import UTC, datetime, timedelta
from typing import cast
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.files.storage import default_storage
from django.test import RequestFactory

from infra.embedded.s3 import S3Server
from portal.http import Request
from portal.uploads import orphans
from portal.uploads.models import Upload
from portal.uploads.operations import UploadRefused, UploadRule, serve, serve_public, store, store_image
from tests.portal.uploads import samples


def fetch(url: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    connection.request(method, f"{parts.path}?{parts.query}", headers=headers)
    answer = connection.getresponse()
    try:
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def a_request() -> Request:
    return cast(Request, RequestFactory().get("/"))


def link_to(upload: Upload, *, inline: bool) -> str:
    response = serve(upload, a_request(), inline=inline)
    assert response.status_code == 302 and response["Cache-Control"] == "private, no-store"
    return str(response["Location"])


def test_a_file_is_stored_there_and_reached_by_a_link_of_a_minute(bucket: S3Server) -> None:
    upload = store(samples.uploaded(samples.PDF, "Angebot März.pdf"), UploadRule())
    link = link_to(upload, inline=True)
    assert int(parse_qs(urlsplit(link).query)["X-Amz-Expires"][0]) <= 60
    status, headers, body = fetch(link)
    assert (status, body, headers["content-type"]) == (200, samples.PDF, "application/pdf")
    assert headers["content-disposition"] == "inline; filename*=utf-8''Angebot%20M%C3%A4rz.pdf"
    assert headers["cache-control"] == "private, no-store"


def test_videos_can_be_wound_through_the_link(bucket: S3Server) -> None:
    upload = store(samples.uploaded(samples.MP4 + b"0123456789", "a.mp4"), UploadRule())
    status, _, body = fetch(link_to(upload, inline=True), Range="bytes=-4")
    assert (status, body) == (206, b"6789")


def test_what_is_not_safe_to_show_is_a_download_there_too(bucket: S3Server) -> None:
    upload = store(samples.uploaded(samples.HTML, "a.html"), UploadRule())
    _, headers, _ = fetch(link_to(upload, inline=True))
    assert headers["content-type"] == "application/octet-stream"
    assert headers["content-disposition"].startswith("attachment")


def test_charlie_changes_the_link_in_vain(bucket: S3Server) -> None:
    mine = store(samples.uploaded(b"mine"), UploadRule())
    other = store(samples.uploaded(b"secret"), UploadRule())
    link = link_to(mine, inline=False)
    for tampered in (
        link.replace(str(mine.pk), str(other.pk)).replace(f"/{mine.pk.hex[:2]}/", f"/{other.pk.hex[:2]}/"),
        link.replace("X-Amz-Expires=60", "X-Amz-Expires=86400"),
        link.replace("attachment", "inline"),
        link.partition("?")[0],
    ):
        assert tampered != link and fetch(tampered)[0] == 403
    bucket.clock = lambda: datetime.now(UTC) + timedelta(seconds=62)
    assert fetch(link)[0] == 403


def test_a_brands_picture_comes_through_us_so_that_browsers_may_keep_it(bucket: S3Server) -> None:
    logo = store_image(samples.uploaded(samples.picture()))
    response = serve_public(logo, a_request())
    assert response.status_code == 200 and response["Cache-Control"].endswith("immutable")
    content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    response.close()
    assert content.startswith(b"\x89PNG") and len(content) == logo.size


def test_a_large_file_goes_up_in_parts(bucket: S3Server) -> None:
    content = b"0123456789abcdef" * (1024**2 * 12 // 16)
    upload = store(samples.uploaded(content, "a.bin"), UploadRule())
    assert default_storage.size(upload.storage_key) == len(content)


def test_orphans_and_strays_are_swept_there_too(bucket: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = store(samples.uploaded(b"x"), UploadRule())
    stray = store(samples.uploaded(b"y"), UploadRule())
    Upload.objects.filter(pk=stray.pk).delete()
    monkeypatch.setattr(orphans, "KEPT_FOR", timedelta(seconds=-60))
    assert orphans.sweep() == 2
    assert not default_storage.exists(upload.storage_key) and not default_storage.exists(stray.storage_key)


def test_a_bucket_that_is_away_is_said_in_words(bucket: S3Server) -> None:
    bucket.shutdown()
    bucket.server_close()
    with pytest.raises(UploadRefused, match="could not be stored just now"):
        store(samples.uploaded(b"x"), UploadRule())
