"""What a request may ask for, told by content: the ending of a name proves nothing, and nothing is unzipped."""

from dataclasses import dataclass

from portal.uploads.rules import AUDIO, IMAGES, VIDEO

ZIP = "application/zip"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True)
class Format:
    """A kind of file, in words, with the types that belong to it."""

    key: str
    label: str
    types: tuple[str, ...] = ()


FORMATS = (
    Format("pdf", "PDF", ("application/pdf",)),
    Format("image", "Picture (PNG, JPEG, WebP or GIF)", IMAGES),
    Format("svg", "SVG drawing"),
    Format("office", "Word, Excel, PowerPoint or OpenDocument"),
    Format("video", "Video (MP4 or WebM)", VIDEO),
    Format("audio", "Audio", AUDIO),
    Format("zip", "ZIP archive", (ZIP,)),
)
BY_KEY = {one.key: one for one in FORMATS}
CHOICES = [(one.key, one.label) for one in FORMATS]


def fits(keys: list[str], content_type: str, head: bytes) -> bool:
    """Whether a file of this type, beginning with these bytes, is of one of these kinds. No kinds: any file.

    Args:
        head: the first few thousand bytes.
    """
    return not keys or any(_is(BY_KEY[key], content_type, head) for key in keys if key in BY_KEY)


def in_words(keys: list[str]) -> str:
    """ "PDF or SVG drawing"; "Any file" for none."""
    labels = [BY_KEY[key].label for key in keys if key in BY_KEY]
    return " or ".join(labels) or "Any file"


def _is(wanted: Format, content_type: str, head: bytes) -> bool:
    if wanted.key == "svg":
        return content_type == "application/octet-stream" and _begins_as_svg(head)
    if wanted.key == "office":
        is_open = b"mimetypeapplication/vnd.oasis.opendocument" in head
        is_microsofts = b"[Content_Types].xml" in head
        return head.startswith(_OLE) or (content_type == ZIP and (is_open or is_microsofts))
    return content_type in wanted.types


def _begins_as_svg(head: bytes) -> bool:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return start.startswith((b"<svg", b"<?xml", b"<!--", b"<!doctype svg")) and b"<svg" in start
