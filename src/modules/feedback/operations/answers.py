"""Canned replies with their places filled in, and what the agency promises."""

from django.db import IntegrityError, transaction

from kit.refused import NotValid
from modules.feedback.models import CannedReply, FeedbackSettings, Thread
from modules.feedback.operations.checks import text_of
from portal.agency import current_agency
from portal.audit.operations import Trail, record
from portal.people.models import Staff

LONGEST_NAME = 80
MOST_HOURS = 24 * 30
PLACES = ("first_name", "client", "number", "project", "staff", "agency")


def filled(canned: CannedReply, thread: Thread, by: Staff) -> str:
    """The text with its places filled in; what is no place stays as it is written."""
    values = {
        "first_name": thread.author.first_name,
        "client": str(thread.author),
        "number": f"#{thread.pk}",
        "project": str(thread.project or thread.about_words or "your project"),
        "staff": str(by),
        "agency": current_agency().name,
    }
    # One pass, so that a name that reads "{agency}" is not filled in again.
    parts = canned.text.split("{")
    text = parts[0]
    for part in parts[1:]:
        name, closed, rest = part.partition("}")
        text += values[name] + rest if closed and name in values else "{" + part
    return text


@transaction.atomic
def save_canned(
    canned: CannedReply | None, *, name: str, text: str, by: Staff, trail: Trail | None = None
) -> CannedReply:
    """Make a canned reply, or change one.

    Raises:
        NotValid: no name or text, or a name that another one has; `field` says which.
    """
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise NotValid(f"Give it a name of at most {LONGEST_NAME} characters.", field="name")
    saved = canned or CannedReply()
    saved.name, saved.text = name, text_of(text)
    try:
        with transaction.atomic():
            saved.save()
    except IntegrityError as error:
        raise NotValid("Another reply has this name.", field="name") from error
    record("feedback.canned_saved", saved, by=by, summary=f"Saved the canned reply {saved}", **(trail or {}))
    return saved


@transaction.atomic
def delete_canned(canned: CannedReply, *, by: Staff, trail: Trail | None = None) -> None:
    """Delete a canned reply. What was said with it stays."""
    record(
        "feedback.canned_deleted",
        canned,
        by=by,
        summary=f"Deleted the canned reply {canned}",
        **(trail or {}),
    )
    canned.delete()


@transaction.atomic
def save_settings(
    *, answer_hours: int | None, asks_rating: bool, by: Staff, trail: Trail | None = None
) -> FeedbackSettings:
    """What the agency promises and asks; counts for what is written from now on.

    Raises:
        NotValid: hours out of range.
    """
    if answer_hours is not None and not 1 <= answer_hours <= MOST_HOURS:
        raise NotValid(f"Choose 1 to {MOST_HOURS} hours, or leave it empty.", field="answer_hours")
    before = FeedbackSettings.load()
    wanted = {"answer_hours": answer_hours, "asks_rating": asks_rating}
    change = {
        name: [getattr(before, name), value]
        for name, value in wanted.items()
        if getattr(before, name) != value
    }
    saved, _ = FeedbackSettings.objects.update_or_create(pk=1, defaults=wanted)
    if change:
        record(
            "feedback.settings_saved", saved, by=by, summary="Changed the settings of feedback", change=change,
            **(trail or {}),
        )  # fmt: skip
    return saved
