"""Makes one part of an archive after the other, so that a process that dies costs one part at most."""

import hashlib
import json
import logging
import tempfile
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction

from kit import clock
from portal.archive.models import Archive, ArchivePart
from portal.archive.tables import columns, exported, write_table
from portal.uploads.models import Upload
from portal.uploads.writing import clean_name
from tenants.agencies.current import current_agency

# A part is closed when it holds so much; one larger file still goes in whole.
PART_BYTES = 1024**3
CHUNK_BYTES = 1024**2
TOLD_EVERY = 20
README = """{agency}: everything as of {now:%Y-%m-%d %H:%M} UTC.

tables/*.csv    your records, one file for each table; opens in a spreadsheet
tables/*.jsonl  the same for programs: one JSON object per line, exact values
files/          your files, in this part and the next ones; tables/uploads_upload.csv says which is which
manifest.json   what is in here

Amounts are in the currency's smallest unit. Moments are in UTC. Passwords, sessions and sign-in keys are not
included.
"""
log = logging.getLogger(__name__)


def to_do() -> int:
    """How many tables and files an archive made now would have."""
    return len(exported()) + Upload.objects.count()


def write_part(archive: Archive) -> bool:
    """Make and keep the next part; whether it was the last. Alone: one at a time per archive."""
    number = archive.parts.count() + 1
    archive.done = _done_before(archive)
    with tempfile.TemporaryFile() as file:
        with ZipFile(file, "w", ZIP_DEFLATED, compresslevel=6) as into:
            if number == 1:
                _write_tables(into, archive)
            is_last = _write_files(into, archive, file)
        _keep(archive, number, file, is_last=is_last)
    return is_last


def _done_before(archive: Archive) -> int:
    # Counted anew: a job that was killed has told of more than it kept.
    if archive.after is None:
        return len(exported()) if archive.parts.exists() else 0
    return len(exported()) + Upload.objects.filter(pk__lte=archive.after).count()


def _write_tables(into: ZipFile, archive: Archive) -> None:
    agency, tables = current_agency(), {}
    into.writestr("README.txt", README.format(agency=agency.name, now=archive.created_at))
    for model in exported():
        rows = write_table(into, model)
        tables[model._meta.db_table] = {"columns": columns(model), "rows": rows}
        archive.done += 1
    about = {"agency": agency.slug, "made_at": archive.created_at.isoformat(), "tables": tables}
    into.writestr("manifest.json", json.dumps(about, indent=1))
    _tell(archive)


def _write_files(into: ZipFile, archive: Archive, file: IO[bytes]) -> bool:
    left, missing = Upload.objects.order_by("pk"), []
    if archive.after:
        left = left.filter(pk__gt=archive.after)
    for upload in left.iterator(chunk_size=200):
        if file.tell() >= PART_BYTES:
            break
        if not _copy(into, upload):
            missing.append(f"{upload.pk} {upload.name}")
        archive.after, archive.done = upload.pk, archive.done + 1
        if archive.done % TOLD_EVERY == 0:
            _tell(archive)
    else:
        into.writestr("the-end.txt", "This is the last part.\n")
        return _note_missing(into, missing, is_last=True)
    return _note_missing(into, missing, is_last=False)


def _note_missing(into: ZipFile, missing: list[str], *, is_last: bool) -> bool:
    if missing:
        into.writestr("files-that-could-not-be-read.txt", "\n".join(missing))
    return is_last


def _copy(into: ZipFile, upload: Upload) -> bool:
    name = f"files/{str(upload.pk)[:8]}-{clean_name(upload.name)}"
    try:
        source = default_storage.open(upload.storage_key)
    except OSError:
        log.exception("no bytes for %s", upload.pk)
        return False
    kind = into.compression
    # Pictures, films and PDFs are compressed already.
    into.compression = ZIP_STORED
    try:
        with source, into.open(name, "w", force_zip64=True) as target:
            while chunk := source.read(CHUNK_BYTES):
                target.write(chunk)
    finally:
        into.compression = kind
    return True


def _keep(archive: Archive, number: int, file: IO[bytes], *, is_last: bool) -> None:
    size, digest = file.tell(), hashlib.sha256()
    size = file.seek(0, 2)
    file.seek(0)
    while chunk := file.read(CHUNK_BYTES):
        digest.update(chunk)
    file.seek(0)
    # Apart from the agency's files: what lies there without a row is swept away.
    key = f"archives/{current_agency().schema_name}/{archive.uid}/{number}.zip"
    default_storage.delete(key)
    default_storage.save(key, File(file, name=key))
    with transaction.atomic():
        ArchivePart.objects.create(
            archive=archive, number=number, storage_key=key, size=size, sha256=digest.hexdigest()
        )
        values: dict[str, Any] = {"after": archive.after, "done": archive.done, "moved_at": clock.now()}
        Archive.objects.filter(pk=archive.pk).update(**values)


def _tell(archive: Archive) -> None:
    Archive.objects.filter(pk=archive.pk).update(done=archive.done, moved_at=clock.now())
