"""What a file is, by its first bytes. A claimed type or a name's ending decides nothing.

Only the beginning counts and every type has to begin at byte 0, so a file that is two things at once is
served as the one that it begins as (with nosniff and a sandbox, see serving.py).
Sources: the WHATWG MIME Sniffing standard; ISO/IEC 14496-12 for ftyp; RFC 8794 (EBML) and RFC 9559 (Matroska).
"""

from typing import IO, Any

HEAD_BYTES = 4096
UNKNOWN = "application/octet-stream"
_MAGIC: list[tuple[bytes, str]] = [
    (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"OggS", "audio/ogg"),
]
# Brands of ISO base media files that browsers play as MP4. QuickTime, 3GP and pictures (HEIC, AVIF) are not.
_MP4_BRANDS = frozenset(
    {b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"iso7", b"iso8", b"iso9", b"mp41", b"mp42"}
    | {b"avc1", b"dash", b"cmfc", b"cmf2", b"M4V ", b"M4VH", b"M4VP", b"msnv", b"mmp4", b"f4v "}
)
_PICTURE_BRANDS = frozenset({b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis"})
_EBML, _DOCTYPE = b"\x1a\x45\xdf\xa3", b"\x42\x82"


def content_type_of(file: IO[bytes] | Any, name: str = "") -> str:
    """The type by content; `application/octet-stream` for what nobody here knows. The name decides nothing."""
    file.seek(0)
    head = bytes(file.read(HEAD_BYTES))
    file.seek(0)
    for magic, content_type in _MAGIC:
        if head.startswith(magic):
            return content_type
    if head[:3] == b"\xff\xd8\xff" and len(head) > 3 and 0xC0 <= head[3] <= 0xFE:
        return "image/jpeg"
    if head[:4] == b"RIFF" and head[8:16] in (b"WEBPVP8 ", b"WEBPVP8L", b"WEBPVP8X"):
        return "image/webp"
    if head[:4] == b"RIFF" and head[8:16] == b"WAVEfmt ":
        return "audio/wav"
    if head[4:8] == b"ftyp":
        return _of_brands(head)
    return _of_doctype(head) if head.startswith(_EBML) else UNKNOWN


def looks_like_svg(file: IO[bytes] | Any) -> bool:
    """Whether a person probably chose an SVG drawing; only to tell them so in words."""
    file.seek(0)
    head = bytes(file.read(HEAD_BYTES)).lower()
    file.seek(0)
    return b"<svg" in head


def _of_brands(head: bytes) -> str:
    size = int.from_bytes(head[:4], "big")
    if not 16 <= size <= 1024:
        return UNKNOWN
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, min(size, len(head)) - 3, 4))}
    if head[8:12] in (b"M4A ", b"M4B "):
        return "audio/mp4"
    if head[8:12] in _PICTURE_BRANDS:
        return UNKNOWN
    if head[8:12] == b"qt  ":
        return "video/quicktime"
    return "video/mp4" if brands & _MP4_BRANDS else UNKNOWN


def _of_doctype(head: bytes) -> str:
    """WebM and Matroska share their first bytes; the DocType inside the EBML header tells them apart."""
    size, at = _number(head, 4)
    end = min(at + size, len(head))
    while at + 3 < end:
        id_length = _length(head[at])
        element, (length, content) = head[at : at + id_length], _number(head, at + id_length)
        if element == _DOCTYPE:
            doctype = head[content : content + length].rstrip(b"\x00")
            return {b"webm": "video/webm", b"matroska": "video/x-matroska"}.get(doctype, UNKNOWN)
        at = content + length
    return UNKNOWN


def _length(first: int) -> int:
    """How many bytes an EBML number has: one more than the leading zero bits of its first byte."""
    return 9 - first.bit_length() if first else 9


def _number(head: bytes, at: int) -> tuple[int, int]:
    """The EBML number at `at`, and where the next thing begins. Behind the end: (0, the end)."""
    if at >= len(head) or not head[at]:
        return 0, len(head)
    length = _length(head[at])
    value = int.from_bytes(head[at : at + length], "big")
    return value & ~(1 << (7 * length)), at + length
