"""What the tests of copies that bear a name start from: readable PDFs, pictures, and what lies in an answer."""

from io import BytesIO
from typing import Any

import typst
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, NameObject, RectangleObject
from pypdfium2 import PdfDocument

from modules.files import operations
from modules.files.models import File
from modules.files.queries.people import Owner
from portal.people.models import Staff
from tests.modules.files.scene import sent, shared
from tests.running_jobs import run_jobs

_SHEET = b'#set page("a5")\n#for n in range(int(sys.inputs.pages)) { page[Chapter #n: the harbour at dawn] }'


def written(writer: PdfWriter) -> bytes:
    target = BytesIO()
    writer.write(target)
    return target.getvalue()


def a_text(pages: int = 2) -> bytes:
    drawn = typst.Compiler(_SHEET, sys_inputs={"pages": str(pages)}).compile(format="pdf")
    assert isinstance(drawn, bytes)
    return drawn


def turned() -> bytes:
    """Pages turned each way, one cut to its middle, one whose box begins below nought."""
    writer = PdfWriter(clone_from=PdfReader(BytesIO(a_text(6))))
    for page, degrees in zip(writer.pages, (0, 90, 180, 270, 0, 0), strict=True):
        page.rotate(degrees)
    writer.pages[4].cropbox = RectangleObject((100, 200, 300, 350))
    writer.pages[5].mediabox = RectangleObject((-200, -100, 420, 595))
    return written(writer)


def blank_and_turned() -> bytes:
    """Four blank pages that look alike, each turned another way."""
    writer = PdfWriter()
    for degrees in (0, 90, 180, 270):
        width, height = (400, 500) if degrees % 180 == 0 else (500, 400)
        writer.add_blank_page(width, height).rotate(degrees)
    return written(writer)


def locked(password: str) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(BytesIO(a_text())))
    writer.encrypt(password, "owner", algorithm="RC4-128")
    return written(writer)


def with_a_file_inside() -> bytes:
    writer = PdfWriter(clone_from=PdfReader(BytesIO(a_text())))
    writer.add_attachment("inside.pdf", a_text(1))
    return written(writer)


def ending_in_a_window() -> bytes:
    """A page that leaves a small window open, through which alone all that comes after it is seen."""
    writer = PdfWriter()
    content = DecodedStreamObject()
    content.set_data(b"q 10 10 20 20 re W n 1 0 0 rg 0 0 90 90 re f")
    writer.add_blank_page(400, 500)[NameObject("/Contents")] = writer._add_object(content)
    return written(writer)


def photo(kind: str = "JPEG", size: tuple[int, int] = (900, 600), **options: Any) -> bytes:
    picture = Image.new("RGB", size, (176, 208, 220))
    ImageDraw.Draw(picture).rectangle((0, size[1] * 0.6, *size), fill=(47, 112, 96))
    target = BytesIO()
    picture.save(target, kind, **options)
    return target.getvalue()


def a_marked(
    owner: Owner, staff: Staff, content: bytes | None = None, name: str = "Report.pdf", **how: Any
) -> File:
    """Shared, with pictures drawn, each copy with the reader's name."""
    file = shared(owner, staff, sent(content or a_text(), name), is_marked=True, **how)
    run_jobs()
    return file


def replaced(file: File, content: bytes, staff: Staff) -> None:
    operations.add_version(file, sent=SimpleUploadedFile("v2.pdf", content), by=staff)


def texts(content: bytes) -> list[str]:
    """What each page of a PDF says."""
    document = PdfDocument(content)
    return [document[number].get_textpage().get_text_range() for number in range(len(document))]


def opened(content: bytes) -> Image.Image:
    picture = Image.open(BytesIO(content))
    picture.load()
    return picture
