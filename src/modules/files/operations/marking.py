"""Copies that bear the reader's name: made anew each time one is opened, and kept nowhere."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format

from kit import clock
from kit.refused import NotValid, Refused, WrongState
from modules.files.models import File, Version
from portal.agency import current_agency
from portal.people.models import Client, Staff
from portal.uploads.marks import marked, try_mark
from portal.uploads.models import Upload
from portal.uploads.operations import UploadRefused

# Each is tried while a person waits for the page.
MOST_AT_ONCE = 10
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Reader:
    """Who opens a file, as its copy says."""

    lines: tuple[str, ...]
    language: str


class NoCopy(Refused):
    """The copy with the reader's name cannot be made now; the original is never given instead."""

    words = "This file could not be prepared for you just now. Please try again in a minute."


def reader_of(client: Client, staff: Staff | None = None) -> Reader:
    """A client; or staff who look at the portal as that client: then the copy names them."""
    # The name that the agency knows: what a client likes to be called says little about who it is.
    who: tuple[str, ...] = (client.name or client.shown_name, client.email)
    if staff is not None:
        who = (str(staff), staff.email, f"looking as {client.shown_name}")
    now = timezone.localtime(clock.now(), current_agency().tzinfo)
    lines = dict.fromkeys((*who, date_format(now, "j M Y, H:i T")))
    return Reader(tuple(lines), client.language or current_agency().language)


def copy_for(reader: Reader, upload: Upload) -> bytes:
    """What is stored, or a picture of it, with the reader's name all over it.

    Raises:
        NoCopy: it cannot be made; nothing is given.
    """
    try:
        return marked(upload, _stamp(reader))
    except UploadRefused as refused:
        log.warning("no marked copy of upload %s: %s", upload.pk, refused)
        raise NoCopy from refused


def check_all(files: Iterable[File]) -> dict[int, set[int]]:
    """Try those that do not bear names yet, see check_versions.

    Raises:
        NotValid: one cannot bear a name, or these are too many.
    """
    fresh = [file for file in files if not file.is_marked]
    if len(fresh) > MOST_AT_ONCE:
        words = f"This can be switched on for {MOST_AT_ONCE} files at once. Choose fewer, then the others."
        raise NotValid(words, field="is_marked")
    return {file.pk: check_versions(file) for file in fresh}


def check_versions(file: File) -> set[int]:
    """Try all that clients see of a file or may come to see without anybody's doing; which versions these are.

    Outside a transaction, for the store is asked.

    Raises:
        NotValid: one cannot bear a name; the words say why.
    """
    if file.current_id is None:
        raise NotValid(f"No name can be put on {file}: it lies elsewhere.", field="is_marked")
    found = list(_coming(file))
    for version in found:
        _demand(version.upload, f"No name can be put on {file}.", field="is_marked")
    return {version.pk for version in found}


def still_checked(held: File, checked: set[int]) -> None:
    """That nothing came meanwhile. Inside the transaction that switches names on.

    Raises:
        WrongState: it did.
    """
    if not {version.pk for version in _coming(held)} <= checked:
        raise WrongState(f"{held} was just replaced. Look at it and try again.")


def check_upload(file: File, upload: Upload, *, field: str = "") -> bool:
    """Whether a file bears names today; if so, that what is to be shown instead can bear them.

    Raises:
        NotValid: it cannot; the words say what to do.
    """
    if not File.objects.filter(pk=file.pk, is_marked=True).exists():
        return False
    what = f"Clients get {file} with their name on it, and no name can be put on this version."
    _demand(upload, what, field=field, more=" Or change the share first: without the name.")
    return True


def _coming(file: File) -> Iterable[Version]:
    """The version that is shown, and newer ones that are shown once they are checked or let through."""
    newest = file.current.number if file.current else 0
    to_come = Q(number__gt=newest, check_state__in=(Version.Check.WAITING, Version.Check.UNCHECKED))
    return file.versions.filter(Q(pk=file.current_id) | to_come).select_related("upload")


def _demand(upload: Upload, what: str, *, field: str, more: str = "") -> None:
    sample = Reader(("Somebody Reading", "somebody@reading.example", "31 Dec 2026, 23:59 UTC"), "en")
    try:
        try_mark(upload, _stamp(sample))
    except UploadRefused as refused:
        raise NotValid(f"{what} {refused}{more}", field=field) from refused


def _stamp(reader: Reader) -> bytes:
    # The typesetter is large: a process that marks nothing never loads it.
    from portal.papers.stamp import stamp

    return stamp(reader.lines, reader.language)
