"""What the tests of files start from: small real files, and shared ones."""

import zlib
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from modules.files import operations
from modules.files.models import File, FileRequest
from modules.files.operations import Wanted
from modules.files.queries.people import Owner
from portal.people.models import Staff
from tests.modules.deliverables.scene import PDF, VIDEO, png

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script><circle r="9"/></svg>'
HTML = b"<!doctype html><script>alert(document.cookie)</script>"
MP3 = b"ID3\x04\x00\x00\x00\x00\x00\x00" + bytes(500)
# Ten megabytes of nothing in ten kilobytes, as a ZIP carries them; on the server nobody unpacks it.
BOMB = b"PK\x03\x04" + bytes(26) + zlib.compress(bytes(10 * 1024**2))


def sent(content: bytes, name: str, kind: str = "application/octet-stream") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, kind)


def pdf(name: str = "Guide.pdf") -> SimpleUploadedFile:
    return sent(PDF, name, "application/pdf")


def video(name: str = "Film.mp4") -> SimpleUploadedFile:
    return sent(VIDEO, name, "video/mp4")


def a_draft(owner: Owner, staff: Staff, file: SimpleUploadedFile | None = None, **fields: Any) -> File:
    return operations.add_files(owner, files=[file or png()], by=staff, **fields)[0]


def shared(owner: Owner, staff: Staff, file: SimpleUploadedFile | None = None, **how: Any) -> File:
    places = {name: how.pop(name) for name in ("folder", "project") if name in how}
    return operations.share([a_draft(owner, staff, file, **places)], by=staff, **how)[0]


def asked(owner: Owner, staff: Staff, *items: Wanted, **fields: Any) -> FileRequest:
    wanted = items or (Wanted("Logo as SVG", ["svg"]), Wanted("Contract scan", ["pdf"], 1024**2))
    return operations.request_files(owner, title="For your website", items=wanted, by=staff, **fields)
