"""Deleting goes by the trash: thirty days to bring a file back, then row and bytes are gone for good."""

from django.db import transaction

from kit import clock
from kit.refused import WrongState
from modules.files.models import File, HandIn
from modules.files.models.files import TRASH_FOR
from modules.files.operations.checks import hold
from portal.audit.operations import Trail, record
from portal.people.models import Staff
from portal.uploads.operations import discard

AT_ONCE = 200


@transaction.atomic
def delete_file(file: File, *, by: Staff | None, trail: Trail | None = None) -> File:
    """Put it into the trash. Its clients see it no more from this moment.

    Raises:
        WrongState: a client waits for what is said about it.
    """
    held = hold(file)
    if HandIn.objects.filter(file=held, verdict="", item__request__closed_at=None).exists():
        raise WrongState("It was sent for a request. Accept or reject it first.")
    held.deleted_at = clock.now()
    held.save(update_fields=["deleted_at"])
    record("files.deleted", held, by=by, summary=f"Deleted the file {held}", **(trail or {}))
    return held


@transaction.atomic
def bring_back(file: File, *, by: Staff | None, trail: Trail | None = None) -> File:
    """Take it out of the trash, as a draft: whoever wants clients to see it again shares it again."""
    held: File = File.objects.select_for_update(of=("self",)).get(pk=file.pk)
    if held.deleted_at is not None:
        held.deleted_at = held.shared_at = held.shared_by = None
        held.save(update_fields=["deleted_at", "shared_at", "shared_by"])
        record("files.brought_back", held, by=by, summary=f"Brought back {held}", **(trail or {}))
    return held


@transaction.atomic
def erase(file: File, *, by: Staff | None, trail: Trail | None = None) -> None:
    """Remove a file of the trash for good, every version and picture of it included.

    Raises:
        WrongState: it is not in the trash.
    """
    held = File.objects.in_trash().select_for_update(of=("self",)).filter(pk=file.pk).first()
    if held is None:
        raise WrongState("It is not in the trash.")
    versions = list(held.versions.select_related("upload").prefetch_related("previews__upload"))
    stored = [version.upload for version in versions]
    stored += [preview.upload for version in versions for preview in version.previews.all()]
    record("files.erased", held, by=by, summary=f"Erased the file {held}", **(trail or {}))
    File.objects.filter(pk=held.pk).update(current=None)
    File.objects.get(pk=held.pk).delete()
    for upload in stored:
        discard(upload)


def empty_trash() -> int:
    """Erase what has lain in the trash for thirty days; how many files."""
    old = File.objects.in_trash().filter(deleted_at__lt=clock.now() - TRASH_FOR).order_by("deleted_at")
    found = list(old[:AT_ONCE])
    for file in found:
        erase(file, by=None)
    return len(found)
