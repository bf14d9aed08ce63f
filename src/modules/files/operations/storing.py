"""From what a form brought to stored files: all of them or none."""

from collections.abc import Sequence
from typing import Any, TypeAlias

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile

from kit.refused import NotValid
from modules.files.models import RequestItem
from modules.files.models.formats import fits, in_words
from portal.uploads import operations as uploads
from portal.uploads.models import Upload
from portal.uploads.operations import UploadRefused, UploadRule, discard
from portal.uploads.sniffing import HEAD_BYTES, content_type_of

MOST_AT_ONCE = 50
# What a form sent, or what came in parts and is whole already.
Sent: TypeAlias = "UploadedFile[Any] | Upload"
RULE = UploadRule()


def store_all(files: Sequence[Sent]) -> list[Upload]:
    """Store them as they are.

    Raises:
        NotValid: none, too many, or one is refused, the plan's storage being used up among the reasons; then
            none of them is kept. `field` is "files".
    """
    if not files:
        raise NotValid("Choose at least one file.", field="files")
    if len(files) > MOST_AT_ONCE:
        raise NotValid(f"Choose at most {MOST_AT_ONCE} files at once.", field="files")
    stored: list[Upload] = []
    try:
        for file in files:
            stored.append(file if isinstance(file, Upload) else uploads.store(file, RULE))
    except UploadRefused as refused:
        discard_all(stored)
        raise NotValid(f"{file.name}: {refused}", field="files") from refused
    return stored


def check_item(item: RequestItem, file: Sent) -> None:
    """That a file is what a request's item asks for, by its content.

    Raises:
        NotValid: it is another kind of file, or too large.
    """
    if item.most_bytes and (file.size or 0) > item.most_bytes:
        most = uploads.in_words(item.most_bytes)
        raise NotValid(f"{file.name} is larger than {most}. Choose a smaller one.", field="files")
    content_type, head = _look_at(file)
    if not fits(item.formats, content_type, head):
        wanted = in_words(item.formats)
        raise NotValid(
            f"{file.name} is not what is asked for, whatever its name says. Wanted: {wanted}.", field="files"
        )


def discard_all(stored: Sequence[Upload]) -> None:
    """Let go of files that nothing points at."""
    for upload in stored:
        discard(upload)


def _look_at(file: Sent) -> tuple[str, bytes]:
    if isinstance(file, Upload):
        with default_storage.open(file.storage_key) as opened:
            return file.content_type, bytes(opened.read(HEAD_BYTES))
    content_type = content_type_of(file)
    head = bytes(file.read(HEAD_BYTES))
    file.seek(0)
    return content_type, head
