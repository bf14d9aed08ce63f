"""What a file is, is read from its bytes."""

import io

import pytest

from portal.uploads.sniffing import UNKNOWN, content_type_of
from tests.portal.uploads import samples

WEBP = samples.picture("WEBP")
KINDS = [
    (samples.picture("PNG"), "image/png"),
    (samples.picture("JPEG"), "image/jpeg"),
    (samples.picture("GIF"), "image/gif"),
    (WEBP, "image/webp"),
    (samples.PDF, "application/pdf"),
    (samples.MP4, "video/mp4"),
    (samples.ebml(b"webm"), "video/webm"),
    (samples.ebml(b"matroska"), "video/x-matroska"),
    (samples.MOV, "video/quicktime"),
    (b"PK\x03\x04" + b"\0" * 30, "application/zip"),
    (b"RIFF\x24\0\0\0WAVEfmt " + b"\0" * 32, "audio/wav"),
    (b"ID3\x04" + b"\0" * 30, "audio/mpeg"),
    (b"\0\0\0\x14ftypM4A \0\0\0\0M4A " + b"\0" * 32, "audio/mp4"),
]
NOT_SHOWN = {
    "html": samples.HTML,
    "svg": samples.SVG,
    "a photo of a phone (HEIC)": samples.HEIC,
    "RIFF that is no WebP": b"RIFF\x24\0\0\0AVI LIST" + b"\0" * 32,
    "WEBP without RIFF": b"\0" * 8 + b"WEBPVP8 " + b"\0" * 32,
    "a PDF that begins later": b"<script>alert(1)</script>%PDF-1.4",
    "ftyp of no known brand": b"\0\0\0\x14ftypevil\0\0\0\0evil" + b"\0" * 32,
    "ftyp in a box of no size": b"<b>\nftypisom<script>alert(1)</script>",
    "an EBML head of another kind": samples.ebml(b"evil"),
    "an EBML head that ends early": b"\x1a\x45\xdf\xa3\x9f\x42\x82",
    "an EBML head with an endless number": b"\x1a\x45\xdf\xa3\x00" + b"\xff" * 40,
    "a PNG signature and then a page": b"\x89PNG\r\n\x1a\n<html><script>alert(1)</script>",
    "a JPEG mark and then a page": b"\xff\xd8\xff<html><script>alert(1)</script>",
    "one byte": b"\xff",
}


@pytest.mark.parametrize(("content", "kind"), KINDS, ids=[kind for _, kind in KINDS])
def test_a_file_is_what_its_bytes_say(content: bytes, kind: str) -> None:
    assert content_type_of(io.BytesIO(content)) == kind


@pytest.mark.parametrize("name", NOT_SHOWN)
def test_what_nobody_knows_is_never_shown(name: str) -> None:
    assert content_type_of(io.BytesIO(NOT_SHOWN[name])) == UNKNOWN


def test_a_file_that_is_two_things_is_the_one_it_begins_as() -> None:
    both = samples.picture("GIF") + samples.HTML + samples.PDF
    assert content_type_of(io.BytesIO(both)) == "image/gif"
    assert content_type_of(io.BytesIO(samples.PDF + samples.HTML)) == "application/pdf"


def test_reading_leaves_the_file_at_its_beginning() -> None:
    file = io.BytesIO(WEBP)
    content_type_of(file)
    assert file.tell() == 0
