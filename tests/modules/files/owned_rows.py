"""Rows of files."""

from typing import Any

from kit import clock
from modules.files.models import File, FileRequest, Folder, RequestItem
from tests.owned_rows import OwnedRow


def shared_file(name: str = "plan.pdf", **owner: Any) -> File:
    made: File = File.objects.create(name=name, shared_at=clock.now(), **owner)
    return made


def file_request(**owner: Any) -> FileRequest:
    made: FileRequest = FileRequest.objects.create(title="For your website", **owner)
    return made


def folder(**owner: Any) -> Folder:
    made: Folder = Folder.objects.create(name="Plans", **owner)
    return made


ROWS = {
    File: OwnedRow(shared_file),
    FileRequest: OwnedRow(file_request),
    Folder: OwnedRow(folder, is_for_newcomers=True),
    RequestItem: OwnedRow(
        lambda **owner: RequestItem.objects.create(request=file_request(**owner), name="Logo")
    ),
}
