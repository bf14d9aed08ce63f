"""Large files in a bucket: the browser sends them there in parts, past our processes, and may go on where it stopped.

Each part has a link of its own for a minute, signed with its length, asked for by the person who began. When all
are there the store joins them; size and type are then read from what is stored, never from what was announced.
On a local disk there are none: files come by form.
"""

from __future__ import annotations

import hashlib
import logging
import uuid
from datetime import timedelta
from io import BytesIO
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import transaction

from kit import clock
from portal.uploads.models import BigUpload, Upload
from portal.uploads.rules import UploadRefused, in_words
from portal.uploads.serving import LINK_SECONDS
from portal.uploads.sniffing import HEAD_BYTES, content_type_of
from portal.uploads.writing import CHUNK_BYTES, check_room, clean_name, key_of

_MIB = 1024**2
# A store takes parts from 5 MiB on, and 10,000 of them.
USUAL_PART = 16 * _MIB
MOST_PARTS = 9_000
# From here on a browser sends a file in parts.
FROM_BYTES = 32 * _MIB
KEPT_FOR = timedelta(hours=48)
AT_ONCE = 200
log = logging.getLogger(__name__)


class NotWhole(UploadRefused):
    """Parts are missing, or what arrived is not what was announced."""

    words = "This file has not arrived as a whole. Send it again."


def are_taken() -> bool:
    """Whether files come in parts here."""
    return not isinstance(default_storage, FileSystemStorage)


def begin(name: str, size: int, *, whose: str) -> BigUpload:
    """Announce a file: whether there is room is decided before a byte of it is sent.

    Raises:
        UploadRefused: empty, too large, not possible here, or the store does not answer.
        NoRoom: the plan's storage is used up.
    """
    most = int(settings.BIG_UPLOAD_LIMIT_BYTES)
    if not are_taken():
        raise UploadRefused("Large files cannot be sent here.")
    if size <= 0:
        raise UploadRefused("This file is empty. Choose another one.")
    if size > most:
        raise UploadRefused(f"This file is larger than {in_words(most)}. Choose a smaller one.")
    check_room(size)
    key = key_of(uuid.uuid4())
    token = _ask("create_multipart_upload", Key=key)["UploadId"]
    part_size = max(USUAL_PART, -(-size // MOST_PARTS // _MIB) * _MIB)
    return BigUpload.objects.create(
        whose=whose, name=clean_name(name), size=size, part_size=part_size, storage_key=key, token=token
    )


def part_link(big: BigUpload, number: int) -> str:
    """Where the browser puts one part, for a minute, of exactly its length.

    Raises:
        UploadRefused: it has no such part.
    """
    if big.upload_id or not 1 <= number <= big.parts:
        raise UploadRefused("This file has no such part.")
    store: Any = default_storage
    wanted = _named(big) | {"PartNumber": number, "ContentLength": big.length_of(number)}
    link: str = store.connection.meta.client.generate_presigned_url(
        "upload_part", Params={"Bucket": store.bucket_name, **wanted}, ExpiresIn=LINK_SECONDS
    )
    return link


def parts_there(big: BigUpload) -> list[int]:
    """Numbers of the parts that have arrived whole: where a browser goes on."""
    if big.upload_id:
        return list(range(1, big.parts + 1))
    return [row["PartNumber"] for row in _parts(big) if row["Size"] == big.length_of(row["PartNumber"])]


def finish(big: BigUpload) -> Upload:
    """Join the parts and keep the file. A second call answers with the same file.

    Raises:
        NotWhole: parts are missing or it is not as large as announced.
    """
    if big.upload is not None:
        return big.upload
    _join(big)
    size = _ask("head_object", Key=big.storage_key)["ContentLength"]
    if size != big.size:
        default_storage.delete(big.storage_key)
        raise NotWhole
    upload = _keep(big, content_type_of(BytesIO(_head(big.storage_key))))
    return upload


def whole_ones(ids: list[str], *, whose: str) -> list[Upload]:
    """The files of these uploads that this person began and finished.

    Raises:
        NotWhole: one of them is another's, unknown or not finished.
    """
    try:
        wanted = [uuid.UUID(one) for one in dict.fromkeys(ids)]
    except ValueError as error:
        raise NotWhole from error
    found = {
        big.pk: big.upload
        for big in BigUpload.objects.filter(pk__in=wanted, whose=whose).select_related("upload")
    }
    uploads = [upload for one in wanted if (upload := found.get(one)) is not None]
    if len(uploads) != len(wanted):
        raise NotWhole
    return uploads


def give_up_old() -> int:
    """Forget uploads that nobody finished within two days, here and in the store; how many."""
    old = BigUpload.objects.filter(created_at__lt=clock.now() - KEPT_FOR)[:AT_ONCE]
    for big in old:
        if big.upload_id is None:
            try:
                _ask("abort_multipart_upload", **_named(big))
            except UploadRefused:
                log.warning("the parts of %s could not be removed", big.storage_key)
        big.delete()
    return len(old)


def hash_stored(upload_id: str) -> None:
    """Write down the hash of a file that no process of ours has seen. Reads it block by block."""
    upload = Upload.objects.filter(pk=upload_id, sha256="").first()
    if upload is None:
        return
    sha256 = hashlib.sha256()
    with default_storage.open(upload.storage_key) as file:
        while block := file.read(CHUNK_BYTES):
            sha256.update(block)
    Upload.objects.filter(pk=upload.pk).update(sha256=sha256.hexdigest())


@transaction.atomic
def _keep(big: BigUpload, content_type: str) -> Upload:
    from portal.uploads.jobs import hash_big

    held = BigUpload.objects.select_for_update(of=("self",)).select_related("upload").get(pk=big.pk)
    if held.upload is not None:
        return held.upload
    held.upload = Upload.objects.create(
        name=held.name, content_type=content_type, size=held.size, sha256="", storage_key=held.storage_key
    )
    held.save(update_fields=["upload"])
    hash_big.send(upload_id=str(held.upload.pk))
    return held.upload


def _join(big: BigUpload) -> None:
    parts = _parts(big, is_there_after_all=True)
    if parts is _JOINED:
        return
    if [row["Size"] for row in parts] != [big.length_of(number) for number in range(1, big.parts + 1)]:
        raise NotWhole("Some of this file has not arrived yet. Go on sending it.")
    named = [{"PartNumber": row["PartNumber"], "ETag": row["ETag"]} for row in parts]
    try:
        _store().complete_multipart_upload(Bucket=_bucket(), **_named(big), MultipartUpload={"Parts": named})
    except ClientError as error:
        if not _is_unknown(error) or not default_storage.exists(big.storage_key):
            raise _away(error) from error
        # An earlier request has joined it; its answer was lost.
    except BotoCoreError as error:
        raise _away(error) from error


_JOINED: list[dict[str, Any]] = []


def _parts(big: BigUpload, *, is_there_after_all: bool = False) -> list[dict[str, Any]]:
    """What has arrived, in order; `_JOINED` when an earlier call has joined it and its answer was lost."""
    found: list[dict[str, Any]] = []
    marker = 0
    while True:
        try:
            page = _store().list_parts(Bucket=_bucket(), **_named(big), PartNumberMarker=marker)
        except ClientError as error:
            if not _is_unknown(error):
                raise _away(error) from error
            if is_there_after_all and default_storage.exists(big.storage_key):
                return _JOINED
            raise NotWhole from error
        except BotoCoreError as error:
            raise _away(error) from error
        found += page.get("Parts", [])
        if not page.get("IsTruncated"):
            return found
        marker = int(page["NextPartNumberMarker"])


def _head(key: str) -> bytes:
    body: bytes = _ask("get_object", Key=key, Range=f"bytes=0-{HEAD_BYTES - 1}")["Body"].read()
    return body


def _named(big: BigUpload) -> dict[str, Any]:
    return {"Key": big.storage_key, "UploadId": big.token}


def _ask(what: str, **words: Any) -> Any:
    try:
        return getattr(_store(), what)(Bucket=_bucket(), **words)
    except (BotoCoreError, ClientError) as error:
        raise _away(error) from error


def _is_unknown(error: ClientError) -> bool:
    return error.response.get("Error", {}).get("Code") == "NoSuchUpload"


def _away(error: Exception) -> UploadRefused:
    log.error("the file store did not do it: %s", error)
    return UploadRefused("The file could not be stored just now. Please try again in a minute.")


def _store() -> Any:
    store: Any = default_storage
    return store.connection.meta.client


def _bucket() -> str:
    store: Any = default_storage
    return str(store.bucket_name)
