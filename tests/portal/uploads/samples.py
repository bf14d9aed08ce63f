"""Small files of every kind, honest and hostile."""

import io
import struct
import zlib
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
)
PDF += b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"
MP4 = b"\x00\x00\x00\x1cftypisom\x00\x00\x02\x00isomiso2mp41" + b"\x00" * 64
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1isom" + b"\x00" * 32
MOV = b"\x00\x00\x00\x14ftypqt  \x00\x00\x02\x00isom" + b"\x00" * 32


def ebml(doctype: bytes) -> bytes:
    """The head of a WebM or Matroska file; DocType is not the first element, as ffmpeg writes it."""
    version = b"\x42\x86\x81\x01\x42\xf7\x81\x01"
    body = version + b"\x42\x82" + bytes([0x80 | len(doctype)]) + doctype
    return b"\x1a\x45\xdf\xa3\x01\x00\x00\x00\x00\x00\x00" + bytes([len(body)]) + body + b"\x18\x53\x80\x67"


def picture(
    kind: str = "PNG", size: tuple[int, int] = (60, 40), color: Any = (200, 30, 30), **options: Any
) -> bytes:
    """A plain picture of one colour."""
    target = io.BytesIO()
    Image.new(options.pop("mode", "RGB"), size, color).save(target, kind, **options)
    return target.getvalue()


def animation() -> bytes:
    """A GIF of two frames, red and blue."""
    target = io.BytesIO()
    frames = [Image.new("RGB", (20, 20), color) for color in ((255, 0, 0), (0, 0, 255))]
    frames[0].save(target, "GIF", save_all=True, append_images=frames[1:], duration=100)
    return target.getvalue()


def bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """A PNG of a few hundred bytes that unpacks to gigabytes."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checked = kind + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 4096))
        + chunk(b"IEND", b"")
    )


def uploaded(content: bytes, name: str = "file.png", claimed: str = "image/png") -> SimpleUploadedFile:
    """As Django hands a file over."""
    return SimpleUploadedFile(name, content, claimed)
