"""Receiving, serving and removing files: the one door to this package.

Bytes are streamed, typed by what is in them, and hashed on the way. `store` keeps a file as it is;
`store_image` keeps a picture drawn anew; `serve` answers a request after the caller's own check.
"""

from __future__ import annotations

from typing import Any

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from portal.uploads.images import draw_page, store_image
from portal.uploads.models import Upload
from portal.uploads.rules import IMAGES, VIEWABLE, NoRoom, UploadRefused, UploadRule, in_words
from portal.uploads.serving import serve, serve_made, serve_public
from portal.uploads.sniffing import content_type_of
from portal.uploads.writing import bytes_used, check_room, write

__all__ = [
    "IMAGES",
    "VIEWABLE",
    "NoRoom",
    "UploadRefused",
    "UploadRule",
    "bytes_used",
    "discard",
    "draw_page",
    "in_words",
    "serve",
    "serve_made",
    "serve_public",
    "store",
    "store_image",
]


def store(file: UploadedFile[Any], rule: UploadRule) -> Upload:
    """Check and store one uploaded file of the current agency, as it is.

    Raises:
        UploadRefused: empty, too large, or of a type that the rule does not accept; the store does not
            answer.
        NoRoom: the plan's storage is used up.
    """
    size = file.size or 0
    if size == 0:
        raise UploadRefused("This file is empty. Choose another one.")
    if size > rule.limit:
        raise UploadRefused(f"This file is larger than {in_words(rule.limit)}. Choose a smaller one.")
    content_type = content_type_of(file)
    if rule.types and content_type not in rule.types:
        raise UploadRefused(f"This kind of file does not fit here. {rule.words}".strip())
    check_room(size)
    return write(file, file.name or "", content_type, size)


def discard(upload: Upload) -> None:
    """Remove the row, and its bytes once that is committed: a rollback must not leave a row without bytes."""
    key = upload.storage_key
    upload.delete()
    transaction.on_commit(lambda: default_storage.delete(key), robust=True)
