"""Receiving and serving files. Bytes are streamed, typed by what is in them, and hashed on the way."""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile

from portal.uploads.models import Upload
from portal.uploads.sniffing import content_type_of
from tenants.agencies.current import current_agency

IMAGES = ("image/png", "image/jpeg", "image/webp", "image/gif")
VIEWABLE = (*IMAGES, "application/pdf", "video/mp4", "video/webm")
CHUNK_BYTES = 256 * 1024


class UploadRefused(ValueError):
    """The file may not be stored; the message says why, in words for the person."""


@dataclass(frozen=True)
class UploadRule:
    """What a field accepts. `types` empty: any type (served as an attachment only)."""

    types: Sequence[str] = ()
    limit_bytes: int = 0
    words: str = ""

    @property
    def limit(self) -> int:
        return self.limit_bytes or int(settings.UPLOAD_LIMIT_BYTES)


def store(file: UploadedFile, rule: UploadRule) -> Upload:
    """Check and store one uploaded file of the current agency.

    Raises:
        UploadRefused: empty, too large, or of a type that the rule does not accept.
    """
    size = file.size or 0
    if size == 0:
        raise UploadRefused("This file is empty. Choose another one.")
    if size > rule.limit:
        raise UploadRefused(f"This file is larger than {rule.limit // 1024**2} MB. Choose a smaller one.")
    content_type = content_type_of(file, file.name or "")
    if rule.types and content_type not in rule.types:
        raise UploadRefused(f"This kind of file does not fit here. {rule.words}".strip())
    return _write(file, content_type, size)


def discard(upload: Upload) -> None:
    """Remove the row and its bytes."""
    key = upload.storage_key
    upload.delete()
    default_storage.delete(key)


def _write(file: UploadedFile, content_type: str, size: int) -> Upload:
    upload_id = uuid.uuid4()
    sha256 = hashlib.sha256()
    for chunk in file.chunks(CHUNK_BYTES):
        sha256.update(chunk)
    file.seek(0)
    # The schema in the key keeps agencies apart in the bucket; the random id makes it unguessable.
    key = f"agencies/{current_agency().schema_name}/{upload_id.hex[:2]}/{upload_id}"
    default_storage.save(key, File(file, name=key))
    return Upload.objects.create(
        id=upload_id,
        name=(file.name or "file").replace("/", "_")[-255:],
        content_type=content_type,
        size=size,
        sha256=sha256.hexdigest(),
        storage_key=key,
    )
