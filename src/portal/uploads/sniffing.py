"""What a file is, by its first bytes. A claimed type or a name's ending decides nothing that is shown inline."""

from typing import IO, Any

_MAGIC: list[tuple[int, bytes, str]] = [
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (0, b"%PDF-", "application/pdf"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1a\x45\xdf\xa3", "video/webm"),
    (0, b"PK\x03\x04", "application/zip"),
]
UNKNOWN = "application/octet-stream"


def content_type_of(file: IO[bytes] | Any, name: str) -> str:
    """The type by content; `application/octet-stream` for all that is never shown inline."""
    file.seek(0)
    head = file.read(64)
    file.seek(0)
    for offset, magic, content_type in _MAGIC:
        if head[offset : offset + len(magic)] == magic:
            return content_type
    return UNKNOWN
