"""Ask for an archive, make it, let it go."""

from datetime import timedelta

from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from kit import clock
from kit.locks import Busy, alone
from kit.refused import Refused
from portal.archive.models import Archive
from portal.archive.writing import to_do, write_part
from portal.people.models import Staff
from tenants.agencies.current import current_agency, outside_agencies
from tenants.agencies.models import AgencyState
from tenants.mail.operations import write_plainly

KEPT_FOR = timedelta(days=3)
# A job that has not moved for so long was given up: the next one may begin.
STUCK_AFTER = timedelta(hours=2)


class NoArchive(Refused):
    """An archive cannot be made now."""


def begin(by: Staff) -> Archive:
    """Ask for an archive of everything; it takes the place of an older one.

    Raises:
        NoArchive: one is being made; the agency is suspended.
    """
    from portal.archive.jobs import build

    if current_agency().state == AgencyState.SUSPENDED:
        raise NoArchive("Your agency is suspended. Please write to us.")
    let_go_stuck()
    try:
        with transaction.atomic():
            made = Archive.objects.create(asked_by=by, total=to_do())
            build.send(archive_id=made.pk)
    except IntegrityError as error:
        raise NoArchive("Everything is being collected already.") from error
    _remove_all_but(made)
    return made


def build(archive_id: int) -> None:
    """Make the next part, and go on with another job until it is complete. Safe to run twice."""
    from portal.archive.jobs import build as again

    try:
        with alone(f"archive:{current_agency().schema_name}:{archive_id}"):
            archive = Archive.objects.filter(pk=archive_id, state=Archive.State.RUNNING).first()
            if archive is None:
                return
            is_last = write_part(archive)
    except Busy:
        return
    with transaction.atomic():
        if is_last:
            _finish(archive)
        else:
            again.send(archive_id=archive_id)


def let_go_stuck() -> int:
    """Give up archives that have not moved for hours; the number given up."""
    stuck = Archive.objects.filter(state=Archive.State.RUNNING, moved_at__lt=clock.now() - STUCK_AFTER)
    return stuck.update(state=Archive.State.FAILED)


def remove_old() -> int:
    """Remove archives whose days are over, with their bytes; the number removed."""
    old = list(Archive.objects.filter(state=Archive.State.READY, expires_at__lte=clock.now()))
    for archive in old:
        _remove(archive)
    return len(old)


def _finish(archive: Archive) -> None:
    until = clock.now() + KEPT_FOR
    ended = Archive.objects.filter(pk=archive.pk, state=Archive.State.RUNNING)
    if not ended.update(state=Archive.State.READY, expires_at=until, total=archive.done):
        return
    agency, person = current_agency(), archive.asked_by
    if person is None:
        return
    with outside_agencies():
        write_plainly(
            "archive/ready",
            person.email,
            subject=f"Everything of {agency.name}, ready to download",
            text=(
                f"The records and files of {agency.name} are collected. You can download them for three days, "
                f"signed in as an owner.\n\n{agency.console_url('/plan/everything/')}"
            ),
            do="Download",
        )


def _remove_all_but(kept: Archive) -> None:
    for archive in Archive.objects.exclude(pk=kept.pk).exclude(state=Archive.State.GONE):
        _remove(archive)


def _remove(archive: Archive) -> None:
    for part in archive.parts.all():
        default_storage.delete(part.storage_key)
    with transaction.atomic():
        archive.parts.all().delete()
        Archive.objects.filter(pk=archive.pk).update(state=Archive.State.GONE)
