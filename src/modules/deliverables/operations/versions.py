"""Versions are handed in, never overwritten; the newest may be thrown away while no client has seen it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max

from kit.refused import NotValid, WrongState
from kit.typed import text_of
from modules.deliverables import lives
from modules.deliverables.models import Deliverable, State, Version, VersionFile
from modules.deliverables.operations.checks import Locked, hold, hold_open
from portal.audit.operations import Trail, record
from portal.people.models import Staff
from portal.uploads.models import Upload
from portal.uploads.operations import UploadRefused, UploadRule, discard, store

MOST_FILES = 20
# Any kind: what cannot be shown inline is offered as a download.
RULE = UploadRule()


def add_version(
    deliverable: Deliverable,
    *,
    files: Sequence[UploadedFile[Any]],
    by: Staff | None,
    note: str = "",
    trail: Trail | None = None,
) -> Version:
    """Hand in the next version. Clients see it when it is made ready for review.

    The bytes are stored before the row is held: a slow upload must not keep a client's decision waiting.

    Raises:
        NotValid: no file, too many, or one that is refused; `field` is `files` or `note`.
        Locked, WrongState: it is approved or withdrawn.
    """
    note = text_of(note, field="note")
    _check_open(deliverable)
    uploads = _store_all(files)
    try:
        return _add(deliverable, uploads, note, by, trail)
    except Exception:
        _discard_all(uploads)
        raise


@transaction.atomic
def discard_version(version: Version, *, by: Staff | None, trail: Trail | None = None) -> None:
    """Throw away the newest version, which no client has seen.

    Raises:
        WrongState: clients have seen it, or there is a newer one.
    """
    held = hold_open(version.deliverable)
    fresh = held.versions.filter(pk=version.pk).first()
    newest = held.versions.aggregate(newest=Max("number"))["newest"]
    if fresh is None or fresh.shown_at is not None or fresh.number != newest:
        raise WrongState("Only the newest version can be thrown away, and only before clients see it.")
    uploads = [file.upload for file in fresh.files.select_related("upload")]
    fresh.delete()
    summary = f"Threw away version {version.number} of {held}"
    record("deliverables.version_discarded", held, by=by, summary=summary, **(trail or {}))
    # The bytes go only when the rows are gone for good.
    transaction.on_commit(lambda: _discard_all(uploads))


@transaction.atomic
def _add(
    deliverable: Deliverable, uploads: list[Upload], note: str, by: Staff | None, trail: Trail | None
) -> Version:
    held = hold(deliverable)
    _check_open(held)
    newest = held.versions.aggregate(newest=Max("number"))["newest"] or 0
    version = Version.objects.create(deliverable=held, number=newest + 1, note=note, made_by=by)
    VersionFile.objects.bulk_create(
        VersionFile(version=version, upload=upload, position=place) for place, upload in enumerate(uploads)
    )
    summary = f"Uploaded version {version.number} of {held}"
    record("deliverables.version_added", version, by=by, summary=summary, **(trail or {}))
    return version


def _check_open(deliverable: Deliverable) -> None:
    if deliverable.state == State.APPROVED:
        raise Locked("This is approved. A new version needs a new deliverable.", field="files")
    if deliverable.state not in lives.TAKES_VERSIONS:
        raise WrongState("This is withdrawn. Take it up again first, then upload.", field="files")


def _store_all(files: Sequence[UploadedFile[Any]]) -> list[Upload]:
    if not files:
        raise NotValid("Choose at least one file.", field="files")
    if len(files) > MOST_FILES:
        raise NotValid(f"A version has at most {MOST_FILES} files.", field="files")
    stored: list[Upload] = []
    try:
        for file in files:
            stored.append(store(file, RULE))
    except UploadRefused as refused:
        _discard_all(stored)
        raise NotValid(f"{file.name}: {refused}", field="files") from refused
    return stored


def _discard_all(uploads: Sequence[Upload]) -> None:
    for upload in uploads:
        discard(upload)
