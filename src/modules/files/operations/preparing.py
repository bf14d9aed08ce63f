"""What happens to a version after it is stored: looked into for viruses (where that is on), then drawn for the page."""

from __future__ import annotations

import logging

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from kit.refused import NotValid
from modules.files.models import File, Preview, Version
from portal.audit.operations import Trail, record
from portal.events import publish
from portal.people.models import Staff
from portal.tasks.operations import add_task
from portal.uploads import scanning
from portal.uploads.images import LIMIT_BYTES
from portal.uploads.models import Upload
from portal.uploads.operations import UploadRefused, discard, draw_page, store_image
from portal.uploads.scanning import Finding

MOST_PAGES = 30
LARGEST_PDF = 100 * 1024**2
SIDE = 1600
AT_ONCE = 200
log = logging.getLogger(__name__)


def prepare(version_id: int) -> None:
    """Check and draw one version. Running it again does what is still to be done.

    Raises:
        portal.uploads.scanning.ScannerAway: the scanner says nothing; the job tries again.
    """
    version = Version.objects.select_related("upload", "file").filter(pk=version_id).first()
    if version is None:
        return
    if version.check_state == Version.Check.WAITING:
        check(version)
    if version.is_served and not version.previews.exists():
        draw(version)


def check(version: Version) -> None:
    """Ask the scanner about a version that waits. Clean: it is shown; harmful: nobody gets it."""
    if not scanning.is_on():
        # Switched off while it waited.
        _settle(version, Version.Check.NONE, "")
        return
    verdict = scanning.scan(version.upload)
    states = {
        Finding.CLEAN: Version.Check.CLEAN,
        Finding.INFECTED: Version.Check.INFECTED,
        Finding.TOO_LARGE: Version.Check.UNCHECKED,
    }
    _settle(version, states[verdict.finding], verdict.name)


def release(version: Version, *, by: Staff, trail: Trail | None = None) -> None:
    """Let a version through that was too large to be checked, on somebody's word.

    Raises:
        NotValid: it was checked, or is harmful.
    """
    if version.check_state != Version.Check.UNCHECKED:
        raise NotValid("Only what was too large to be checked can be let through.")
    with transaction.atomic():
        summary = f"Let {version.file} through without a check"
        record("files.released", version.file, by=by, summary=summary, **(trail or {}))
        _settle(version, Version.Check.NONE, "")
    publish("files.version_added", version_id=version.pk)


def check_waiting() -> int:
    """Take up again what a scanner that was away has left; how many were settled."""
    waiting = Version.objects.filter(check_state=Version.Check.WAITING).select_related("upload", "file")
    settled = 0
    # In any order: one that the scanner cannot answer for must not hold up the others for ever.
    for version in waiting.order_by("?")[:AT_ONCE]:
        prepare(version.pk)
        settled += 1
    return settled


def draw(version: Version) -> None:
    """Make the pictures of a version: a photo smaller and without its metadata, a PDF page by page."""
    if version.kind == "image" and version.upload.size <= LIMIT_BYTES:
        drawn = [_picture(version.upload)]
    elif version.kind == "pdf" and version.upload.size <= LARGEST_PDF:
        drawn = _pages(version)
    else:
        return
    _keep(version, [upload for upload in drawn if upload is not None])


@transaction.atomic
def _keep(version: Version, drawn: list[Upload]) -> None:
    Version.objects.select_for_update().get(pk=version.pk)
    if version.previews.exists():
        for upload in drawn:
            discard(upload)
        return
    Preview.objects.bulk_create(
        Preview(version=version, page=page, upload=upload) for page, upload in enumerate(drawn, start=1)
    )
    Version.objects.filter(pk=version.pk).update(pages=version.pages)


def _picture(upload: Upload) -> Upload | None:
    with default_storage.open(upload.storage_key) as file:
        copy = SimpleUploadedFile(upload.name, file.read(), upload.content_type)
    return _stored(copy)


def _pages(version: Version) -> list[Upload | None]:
    with default_storage.open(version.upload.storage_key) as file:
        content = file.read()
    drawn: list[Upload | None] = []
    number = total = 0
    while number < min(max(total, 1), MOST_PAGES):
        try:
            total, picture = draw_page(content, page=number, side=SIDE)
        except UploadRefused:
            log.info("page %s of version %s cannot be drawn", number + 1, version.pk)
            break
        drawn.append(_stored(SimpleUploadedFile(f"page-{number + 1}.png", picture)))
        number += 1
    version.pages = total
    return drawn


def _stored(picture: SimpleUploadedFile) -> Upload | None:
    try:
        return store_image(picture, max_side=SIDE, kind="WEBP")
    except UploadRefused as refused:
        # Also when there is no room left: the file is there, only its picture is not.
        log.info("a preview was not kept: %s", refused)
        return None


@transaction.atomic
def _settle(version: Version, state: Version.Check, words: str) -> None:
    held = File.objects.select_for_update(of=("self",)).get(pk=version.file_id)
    version.refresh_from_db(fields=["check_state"])
    version.check_state, version.check_words = state, words
    version.save(update_fields=["check_state", "check_words"])
    newest = held.current.number if held.current else 0
    if version.is_served and version.number > newest:
        held.current = version
        held.save(update_fields=["current"])
    if state == Version.Check.INFECTED:
        record("files.found_harmful", held, summary=f"{held}, {version}: {words}")
        add_task(
            f"{held} is harmful: {words}"[:200],
            by=None,
            about=held.owner,
            note="Nobody gets this file. Delete it, and tell whoever sent it.",
            path=f"/files/{held.pk}/",
            source=f"files.harmful:{version.pk}",
        )
