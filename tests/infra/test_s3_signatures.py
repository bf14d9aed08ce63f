"""The S3 server for tests refuses what S3 refuses; asked by the real boto3 and by plain HTTP."""

from __future__ import annotations

import http.client
import io
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.client import Config
from botocore.exceptions import ClientError

from infra.embedded.s3 import S3Server

BUCKET = "files"


def _client(server: S3Server, secret: str | None = None, access: str | None = None) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=server.address,
        aws_access_key_id=access or server.keys.access,
        aws_secret_access_key=secret or server.keys.secret,
        region_name="eu-central-1",
        config=Config(signature_version="s3v4", retries={"max_attempts": 0}, s3={"addressing_style": "path"}),
    )


@pytest.fixture
def server(tmp_path: Path) -> Iterator[S3Server]:
    with S3Server(tmp_path) as running:
        running.store.make_bucket(BUCKET)
        yield running


def _plain(method: str, url: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    connection.request(method, f"{parts.path}?{parts.query}", body=body or None, headers=headers)
    answer = connection.getresponse()
    try:
        return answer.status, answer.read()
    finally:
        connection.close()


def _code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def test_objects_are_written_read_listed_copied_and_removed(server: S3Server) -> None:
    s3 = _client(server)
    key = "a folder/Grüße & more+1.txt"
    s3.put_object(
        Bucket=BUCKET, Key=key, Body=b"hello world", ContentType="text/plain", Metadata={"by": "maria"}
    )
    got = s3.get_object(Bucket=BUCKET, Key=key)
    assert (got["Body"].read(), got["ContentType"], got["Metadata"]) == (
        b"hello world",
        "text/plain",
        {"by": "maria"},
    )
    assert s3.get_object(Bucket=BUCKET, Key=key, Range="bytes=6-8")["Body"].read() == b"wor"
    s3.copy_object(Bucket=BUCKET, Key="b", CopySource={"Bucket": BUCKET, "Key": key})
    assert [row["Key"] for row in s3.list_objects_v2(Bucket=BUCKET)["Contents"]] == [key, "b"]
    s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": key}, {"Key": "b"}]})
    assert s3.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 0


def test_a_listing_has_pages_and_folders(server: S3Server) -> None:
    s3 = _client(server)
    for key in ("a/1", "a/2", "b/1", "c"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"x")
    first = s3.list_objects_v2(Bucket=BUCKET, Delimiter="/", MaxKeys=2)
    assert [row["Prefix"] for row in first["CommonPrefixes"]] == ["a/", "b/"]
    second = s3.list_objects_v2(
        Bucket=BUCKET, Delimiter="/", ContinuationToken=first["NextContinuationToken"]
    )
    assert [row["Key"] for row in second["Contents"]] == ["c"]


def test_an_upload_in_parts_arrives_whole(server: S3Server) -> None:
    s3 = _client(server)
    content = bytes(range(256)) * 40_000
    begun = s3.create_multipart_upload(Bucket=BUCKET, Key="big", ContentType="video/mp4")
    named = {"Bucket": BUCKET, "Key": "big", "UploadId": begun["UploadId"]}
    cut = 6 * 1024 * 1024
    parts = [
        {"PartNumber": number, "ETag": s3.upload_part(**named, PartNumber=number, Body=body)["ETag"]}
        for number, body in ((1, content[:cut]), (2, content[cut:]))
    ]
    s3.complete_multipart_upload(**named, MultipartUpload={"Parts": parts})
    got = s3.get_object(Bucket=BUCKET, Key="big")
    assert got["Body"].read() == content
    assert got["ETag"].endswith('-2"')
    assert got["ContentType"] == "video/mp4"


def test_the_transfer_manager_streams_a_file_up_and_down(server: S3Server) -> None:
    content = bytes(20 * 1024 * 1024)
    s3 = _client(server)
    s3.upload_fileobj(io.BytesIO(content), BUCKET, "film")
    down = io.BytesIO()
    s3.download_fileobj(BUCKET, "film", down)
    assert down.getvalue() == content


def test_a_wrong_secret_is_refused(server: S3Server) -> None:
    with pytest.raises(ClientError) as refused:
        _client(server, secret="guessed").put_object(Bucket=BUCKET, Key="a", Body=b"x")
    assert _code(refused) == "SignatureDoesNotMatch"
    assert server.store.listing(BUCKET) == []


def test_an_unknown_access_key_is_refused(server: S3Server) -> None:
    with pytest.raises(ClientError) as refused:
        _client(server, access="someone").list_objects_v2(Bucket=BUCKET)
    assert _code(refused) == "InvalidAccessKeyId"


def test_an_unsigned_request_is_refused(server: S3Server) -> None:
    assert _plain("GET", f"{server.address}/{BUCKET}/a")[0] == 403


def test_a_request_signed_long_ago_is_refused(server: S3Server) -> None:
    server.clock = lambda: datetime.now(UTC) + timedelta(minutes=16)
    with pytest.raises(ClientError) as refused:
        _client(server).list_objects_v2(Bucket=BUCKET)
    assert _code(refused) == "RequestTimeTooSkewed"


def test_a_body_that_is_not_the_signed_one_is_refused(server: S3Server) -> None:
    s3 = _client(server)
    signed: dict[str, Any] = {}
    s3.meta.events.register(
        "before-send.s3.PutObject",
        lambda request, **_: signed.update(url=request.url, headers=request.headers),
    )
    s3.put_object(Bucket=BUCKET, Key="a", Body=b"honest")
    headers = {
        name: value.decode() if isinstance(value, bytes) else str(value)
        for name, value in signed["headers"].items()
    }
    headers = {
        name: value for name, value in headers.items() if name.lower() not in ("content-length", "expect")
    }
    status, body = _plain("PUT", signed["url"], b"forged", **headers)
    assert (status, b"Mismatch" in body) == (400, True)
    assert s3.get_object(Bucket=BUCKET, Key="a")["Body"].read() == b"honest"


def _link(server: S3Server, operation: str = "get_object", seconds: int = 60, **more: str) -> str:
    asked = {"Bucket": BUCKET, "Key": "secret.pdf", **more}
    return str(_client(server).generate_presigned_url(operation, Params=asked, ExpiresIn=seconds))


@pytest.fixture
def secret_file(server: S3Server) -> None:
    _client(server).put_object(Bucket=BUCKET, Key="secret.pdf", Body=b"%PDF")


@pytest.mark.usefixtures("secret_file")
def test_a_link_opens_what_it_names_and_nothing_else(server: S3Server) -> None:
    link = _link(server, ResponseContentDisposition="attachment")
    assert _plain("GET", link) == (200, b"%PDF")
    for forged in (
        link.replace("secret.pdf", "other.pdf"),
        link.replace("attachment", "inline"),
        link.replace("X-Amz-Expires=60", "X-Amz-Expires=6000"),
        link[:-1] + ("0" if link[-1] != "0" else "1"),
        link.split("?")[0],
    ):
        assert _plain("GET", forged)[0] == 403, forged
    assert _plain("DELETE", link)[0] == 403


@pytest.mark.usefixtures("secret_file")
def test_an_expired_link_is_refused(server: S3Server) -> None:
    link = _link(server)
    server.clock = lambda: datetime.now(UTC) + timedelta(seconds=62)
    status, body = _plain("GET", link)
    assert (status, b"expired" in body) == (403, True)


@pytest.mark.usefixtures("secret_file")
def test_a_link_for_more_than_seven_days_is_refused(server: S3Server) -> None:
    assert _plain("GET", _link(server, seconds=8 * 86400))[0] == 400


def test_a_link_to_write_takes_only_what_was_signed(server: S3Server) -> None:
    link = _link(server, "put_object", ContentType="application/pdf")
    assert _plain("PUT", link, b"%PDF", **{"Content-Type": "text/html"})[0] == 403
    assert (
        _plain("PUT", link, b"%PDF", **{"Content-Type": "application/pdf", "x-amz-acl": "public-read"})[0]
        == 403
    )
    assert _plain("PUT", link, b"%PDF", **{"Content-Type": "application/pdf"})[0] == 200


def _post(
    server: S3Server, changed: dict[str, str] | None = None, content: bytes = b"x" * 50
) -> tuple[int, bytes]:
    form = _client(server).generate_presigned_post(
        BUCKET,
        "in/${filename}",
        Fields={"Content-Type": "image/png"},
        Conditions=[{"Content-Type": "image/png"}, ["content-length-range", 10, 100_000]],
        ExpiresIn=60,
    )
    mark = uuid.uuid4().hex
    fields = {**form["fields"], **(changed or {})}
    body = "".join(
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    whole = body.encode() + head.encode() + content + f"\r\n--{mark}--\r\n".encode()
    return _plain("POST", form["url"], whole, **{"Content-Type": f"multipart/form-data; boundary={mark}"})


def test_a_browsers_form_is_taken_as_its_policy_says(server: S3Server) -> None:
    content = bytes(range(256)) * 300
    assert _post(server, content=content)[0] == 204
    got = _client(server).get_object(Bucket=BUCKET, Key="in/a.png")
    assert (got["Body"].read(), got["ContentType"]) == (content, "image/png")


@pytest.mark.parametrize(
    ("changed", "size", "code"),
    [
        ({"Content-Type": "text/html"}, 50, b"AccessDenied"),
        ({"key": "elsewhere"}, 50, b"AccessDenied"),
        ({"acl": "public-read"}, 50, b"AccessDenied"),
        ({"x-amz-signature": "0" * 64}, 50, b"SignatureDoesNotMatch"),
        ({}, 9, b"EntityTooSmall"),
        ({}, 200_000, b"EntityTooLarge"),
    ],
)
def test_a_form_outside_its_policy_is_refused(
    server: S3Server, changed: dict[str, str], size: int, code: bytes
) -> None:
    status, body = _post(server, changed, b"x" * size)
    assert status in (400, 403)
    assert code in body
    assert server.store.listing(BUCKET) == []
    assert list((server.store.folder / ".arriving").iterdir()) == []


def test_an_expired_form_is_refused(server: S3Server) -> None:
    server.clock = lambda: datetime.now(UTC) + timedelta(seconds=62)
    assert _post(server)[0] == 403


def test_chunks_with_a_checksum_behind_are_understood_and_verified(server: S3Server) -> None:
    from infra.embedded.s3_body import TRAILER, blocks
    from infra.embedded.sigv4 import Refused

    def sent(checksum: bytes) -> bytes:
        wire = b"5\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:" + checksum + b"\r\n\r\n"
        return b"".join(blocks(io.BytesIO(wire), {"content-length": str(len(wire))}, TRAILER))

    assert sent(b"DUoRhQ==") == b"hello world"
    with pytest.raises(Refused, match="BadDigest"):
        sent(b"AAAAAA==")
