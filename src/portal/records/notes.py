"""Internal notes: written, corrected, pinned, removed. By staff, for staff."""

from django.db import transaction

from kit import clock
from kit.refused import Refused
from portal.audit.operations import record
from portal.http import Request
from portal.people.models import Client, Staff
from portal.people.refusals import NotAllowed
from portal.records.models import Note

LENGTH = 5000


def _checked(text: str) -> str:
    wanted = text.replace("\x00", "").strip()
    if not wanted:
        raise Refused("Write something first.", field="text")
    if len(wanted) > LENGTH:
        raise Refused(f"A note has at most {LENGTH} letters.", field="text")
    return wanted


@transaction.atomic
def write_note(client: Client, text: str, *, by: Staff | None, request: Request | None = None) -> Note:
    """Write something down about a client. The record says that, not what.

    Raises:
        Refused: nothing written, or too much.
    """
    note = Note.objects.create(client=client, text=_checked(text), written_by=by)
    record("records.note_written", client, by=by, summary=f"Note about {client} written", request=request)
    return note


@transaction.atomic
def edit_note(note: Note, text: str, *, by: Staff, request: Request | None = None) -> None:
    """Correct a note.

    Raises:
        NotAllowed: a colleague wrote it, and `by` is neither owner nor admin.
        Refused: nothing written, or too much.
    """
    _need_author(note, by)
    note.text, note.edited_at = _checked(text), clock.now()
    note.save(update_fields=["text", "edited_at"])
    words = f"Note about {note.client} corrected"
    record("records.note_edited", note.client, by=by, summary=words, request=request)


def pin_note(note: Note, *, is_pinned: bool) -> None:
    """Keep it on top, or let it go."""
    Note.objects.filter(pk=note.pk).update(is_pinned=is_pinned)


@transaction.atomic
def remove_note(note: Note, *, by: Staff, request: Request | None = None) -> None:
    """Remove a note for good.

    Raises:
        NotAllowed: a colleague wrote it, and `by` is neither owner nor admin.
    """
    _need_author(note, by)
    client = note.client
    note.delete()
    record("records.note_removed", client, by=by, summary=f"Note about {client} removed", request=request)


def _need_author(note: Note, by: Staff) -> None:
    if note.written_by_id != by.pk and not by.may_manage:
        raise NotAllowed("A colleague wrote this note. Owners and admins may change it.")
