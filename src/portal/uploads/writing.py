"""Puts bytes into the store and a row beside them. Only operations.py and images.py come here."""

from __future__ import annotations

import hashlib
import logging
import unicodedata
import uuid
from typing import Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import models

from portal.uploads.models import BigUpload, Upload
from portal.uploads.rules import NoRoom, StoreAway, in_words
from tenants.agencies.current import current_agency
from tenants.plans import limits

CHUNK_BYTES = 256 * 1024
LONGEST_NAME = 255
log = logging.getLogger(__name__)


def bytes_used() -> int:
    """What the current agency has stored."""
    return int(Upload.objects.aggregate(used=models.Sum("size"))["used"] or 0)


def bytes_coming() -> int:
    """What was announced to come in parts and is not whole yet: room is kept for it."""
    coming = BigUpload.objects.filter(upload=None).aggregate(size=models.Sum("size"))
    return int(coming["size"] or 0)


def check_room(size: int) -> None:
    """That the plan has room for `size` more bytes.

    Two uploads at the same moment may both be let in: it is a limit of fairness, not worth a lock.

    Raises:
        NoRoom: it has not.
    """
    most, used = limits(current_agency().plan).storage, bytes_used()
    if used + bytes_coming() + size > most:
        raise NoRoom(
            f"There is no room left for this file ({in_words(size)}): {in_words(used)} of {in_words(most)} "
            "are in use."
        )


def write(file: File[Any], name: str, content_type: str, size: int) -> Upload:
    """Store the bytes of the current agency and make their row. The file is read in blocks, never as a whole.

    Raises:
        StoreAway: the store does not answer.
    """
    upload_id = uuid.uuid4()
    key = key_of(upload_id)
    sha256 = hashlib.sha256()
    for chunk in file.chunks(CHUNK_BYTES):
        sha256.update(chunk)
    file.seek(0)
    try:
        default_storage.save(key, File(file, name=key))
    except Exception as error:
        # Disk full, bucket gone, network: each store raises its own kind, and the person can only try again.
        log.exception("the file store refused %s", key)
        raise StoreAway("The file could not be stored just now. Please try again in a minute.") from error
    return Upload.objects.create(
        id=upload_id,
        name=clean_name(name),
        content_type=content_type,
        size=size,
        sha256=sha256.hexdigest(),
        storage_key=key,
    )


def key_of(upload_id: uuid.UUID) -> str:
    """Where its bytes are: the schema keeps agencies apart in the bucket, the random id makes it unguessable."""
    return f"{folder_of(current_agency().schema_name)}{upload_id.hex[:2]}/{upload_id}"


def folder_of(schema_name: str) -> str:
    """What every key of an agency begins with."""
    return f"agencies/{schema_name}/"


def clean_name(name: str) -> str:
    """A file's name without folders and without characters that hide or reorder the rest of it."""
    last = name.replace("\\", "/").rpartition("/")[2]
    # Cc: control characters; Cf: among others the marks that make "gpj.exe" read as "exe.jpg"; Cs: halves.
    shown = "".join(char for char in last if unicodedata.category(char) not in {"Cc", "Cf", "Cs"}).strip(" .")
    stem, dot, ending = shown.rpartition(".")
    if len(shown) > LONGEST_NAME and dot and len(ending) < 20:
        return stem[: LONGEST_NAME - len(ending) - 1] + dot + ending
    return shown[:LONGEST_NAME] or "file"
