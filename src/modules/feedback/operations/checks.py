"""The refusals that operations share, the row that all of them hold first, and files that come along."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile

from kit import clock, typed
from kit.refused import NotValid, Refused, WrongState
from modules.feedback import lives
from modules.feedback.models import Attachment, Entry, FeedbackSettings, State, Thread
from portal.people.models import Client, Staff
from portal.uploads.models import Upload
from portal.uploads.operations import IMAGES, UploadRefused, UploadRule, discard, in_words, store, store_image
from portal.uploads.rules import StoreAway
from portal.uploads.sniffing import content_type_of

LONGEST_TEXT = 20_000
MOST_FILES = 5
RULE = UploadRule(limit_bytes=10 * 1024**2)
LONGEST_SIDE = 3000  # pixels; enough to read a screenshot of a whole page


class NotAllowed(Refused):
    """This person may not do this."""

    words = "This conversation is not yours."


def hold(thread: Thread) -> Thread:
    """The thread as it is now, held until the transaction ends; of a merged one, the one that it became.

    Every change takes this row first, so that two people who answer, merge or resolve at once queue up here.
    """
    held = _held(thread.pk)
    while held.merged_into_id is not None:
        held = _held(held.merged_into_id)
    return held


def move(held: Thread, state: State, words: str = "This is not possible in the state that it is in.") -> None:
    """Bring a held thread into a state, with the moments that belong to it; the caller saves it.

    Raises:
        WrongState: the life of a thread does not lead there, said with `words`.
    """
    if not lives.may_go(held.state, state):
        raise WrongState(words)
    set_state(held, state)


def set_state(held: Thread, state: State) -> None:
    """The state and its moments, without asking whether it may."""
    held.state = state
    if state != State.SNOOZED:
        held.snoozed_until = None
    if state != State.RESOLVED:
        held.resolved_at, held.rating, held.rated_at = None, "", None
    elif held.resolved_at is None:
        held.resolved_at = clock.now()
    if state not in Thread.ON_US:
        held.answer_due_at = None


def answer_due(since: datetime) -> datetime | None:
    """Until when the agency promises an answer to something written at `since`; None: it promises nothing."""
    hours = FeedbackSettings.load().answer_hours
    return since + timedelta(hours=hours) if hours else None


def text_of(words: str) -> str:
    """What somebody says, trimmed.

    Raises:
        NotValid: it is empty, too long, or holds what the database cannot.
    """
    plain = words.replace("\r\n", "\n")
    return typed.text_of(plain, demand="Write something first.", longest=LONGEST_TEXT)


def needs_sight(thread: Thread, client: Client) -> None:
    """Raises NotAllowed unless this client may sign in and sees the thread."""
    if not client.has_access or not Thread.objects.visible_to(client).filter(pk=thread.pk).exists():
        raise NotAllowed


@contextmanager
def stored(files: Sequence[UploadedFile[Any]]) -> Iterator[list[Upload]]:
    """Store files before any row is held: a slow store must keep nobody waiting. Gone again if the block raises.

    Raises:
        NotValid: too many, or one that is refused; `field` is `files`.
    """
    if len(files) > MOST_FILES:
        raise NotValid(f"Choose at most {MOST_FILES} files.", field="files")
    uploads: list[Upload] = []
    try:
        for file in files:
            try:
                uploads.append(keep(file))
            except UploadRefused as refused:
                raise NotValid(f"{file.name}: {refused.words}", field="files") from refused
        yield uploads
    except Exception:
        discard_all(uploads)
        raise


def keep(file: UploadedFile[Any]) -> Upload:
    """Store one file: pictures are drawn anew, anything else is only ever downloaded.

    Raises:
        UploadRefused: empty, too large, or a picture that cannot be read.
    """
    if (file.size or 0) > RULE.limit:
        raise UploadRefused(f"This file is larger than {in_words(RULE.limit)}. Choose a smaller one.")
    if file.size and content_type_of(file) in IMAGES:
        return store_image(file, max_side=LONGEST_SIDE, limit_bytes=RULE.limit)
    return store(file, RULE)


def store_some(files: list[tuple[str, bytes]]) -> tuple[list[Upload], list[str]]:
    """Of a mail's files what is taken is stored; and the names of what is not.

    Raises:
        StoreAway: the store does not answer; the mail is read again later.
    """
    stored: list[Upload] = []
    refused: list[str] = []
    for name, content in files:
        try:
            if len(stored) >= MOST_FILES:
                raise UploadRefused
            stored.append(keep(SimpleUploadedFile(name[:200] or "file", content)))
        except StoreAway:
            discard_all(stored)
            raise
        except UploadRefused:
            refused.append(" ".join(name.split())[:100] or "file")
    return stored, refused


def discard_all(uploads: Sequence[Upload]) -> None:
    """Throw files away that nothing points at."""
    for upload in uploads:
        discard(upload)


def say(
    held: Thread,
    text: str,
    uploads: Sequence[Upload],
    *,
    client: Client | None = None,
    staff: Staff | None = None,
    is_internal: bool = False,
    is_by_mail: bool = False,
) -> Entry:
    """Add an entry to a held thread; the caller saves the thread."""
    entry = Entry.objects.create(
        thread=held, client=client, staff=staff, text=text, is_internal=is_internal, is_by_mail=is_by_mail
    )
    Attachment.objects.bulk_create(
        Attachment(entry=entry, upload=upload, position=place) for place, upload in enumerate(uploads)
    )
    if not is_internal:
        held.last_said_at = entry.created_at
    return entry


def _held(pk: int) -> Thread:
    found: Thread = (
        Thread.objects.select_for_update(of=("self",))
        .select_related("company", "client", "author", "assignee", "project")
        .get(pk=pk)
    )
    return found
