"""Comments: by clients and staff, pinned to a place or not; resolved by staff; internal ones stay with staff."""

from decimal import Decimal

from django.db import transaction

from kit import clock
from kit.refused import NotValid, WrongState
from kit.typed import text_of
from modules.deliverables import emails
from modules.deliverables.models import Comment, Deliverable, State, Version, VersionFile
from modules.deliverables.operations.checks import NotAllowed, hold_open, needs_interactive_plan
from portal.audit.operations import Trail, record
from portal.events import publish
from portal.people.models import Client, Staff


@transaction.atomic
def comment_as_client(
    version: Version,
    *,
    client: Client,
    text: str,
    file: VersionFile | None = None,
    x: Decimal | None = None,
    y: Decimal | None = None,
    answers: Comment | None = None,
    trail: Trail | None = None,
) -> Comment:
    """Say something about a shown version; the staff in charge are mailed.

    Args:
        file, x, y: the image it is pinned to, and where in per cent of width and height.
        answers: the comment it answers; then it has no pin.

    Raises:
        NotInPlan, NotAllowed: the plan takes no comments; the client does not see this version.
        NotValid: no text, or a pin that lies nowhere; `field` says which.
        Locked, WrongState: it is locked or withdrawn.
    """
    needs_interactive_plan()
    held = hold_open(version.deliverable)
    if not Deliverable.objects.visible_to(client).filter(pk=held.pk).exists() or not client.has_access:
        raise NotAllowed("This version is not shown to you.")
    if not held.versions.shown().filter(pk=version.pk).exists():
        raise NotAllowed("This version is not shown to you.")
    if answers is not None and not Comment.objects.shown_to_clients().filter(pk=answers.pk).exists():
        raise NotAllowed("This comment is not shown to you.")
    comment = Comment(version=version, client=client)
    _write(comment, held, text, file, x, y, answers)
    publish("deliverables.commented", deliverable_id=held.pk, comment_id=comment.pk)
    summary = f"Commented on version {version.number} of {held}"
    record("deliverables.commented", comment, by=client, summary=summary, **(trail or {}))
    emails.tell_commented(comment)
    return comment


@transaction.atomic
def comment_as_staff(
    version: Version,
    *,
    by: Staff | None,
    text: str,
    is_internal: bool = False,
    file: VersionFile | None = None,
    x: Decimal | None = None,
    y: Decimal | None = None,
    answers: Comment | None = None,
    trail: Trail | None = None,
) -> Comment:
    """Say something to the clients, or with `is_internal` among staff only. Answers to internal talk are internal.

    Raises:
        NotValid: no text, or a pin that lies nowhere; `field` says which.
        Locked, WrongState: it is locked or withdrawn.
    """
    held = hold_open(version.deliverable)
    is_internal = is_internal or (answers is not None and answers.is_internal)
    comment = Comment(version=version, staff=by, is_internal=is_internal)
    _write(comment, held, text, file, x, y, answers)
    if not comment.is_internal:
        publish("deliverables.commented", deliverable_id=held.pk, comment_id=comment.pk)
    summary = f"Commented{' internally' if is_internal else ''} on version {version.number} of {held}"
    record("deliverables.commented", comment, by=by, summary=summary, **(trail or {}))
    return comment


@transaction.atomic
def resolve_comment(comment: Comment, *, by: Staff | None, trail: Trail | None = None) -> Comment:
    """Close a thread: the next version no longer carries it. Twice is once.

    Raises:
        Locked: the deliverable is.
    """
    return _set_resolved(comment, True, by, trail)


@transaction.atomic
def reopen_comment(comment: Comment, *, by: Staff | None, trail: Trail | None = None) -> Comment:
    """Open a resolved thread again. Twice is once.

    Raises:
        Locked: the deliverable is.
    """
    return _set_resolved(comment, False, by, trail)


def _set_resolved(comment: Comment, is_resolved: bool, by: Staff | None, trail: Trail | None) -> Comment:
    held = hold_open(comment.version.deliverable)
    thread = Comment.objects.get(pk=comment.answers_id or comment.pk)
    if (thread.resolved_at is not None) == is_resolved:
        return thread
    thread.resolved_at = clock.now() if is_resolved else None
    thread.save(update_fields=["resolved_at"])
    verb = "resolved" if is_resolved else "reopened"
    summary = f"{verb.capitalize()} a comment on {held}"
    record(f"deliverables.comment_{verb}", thread, by=by, summary=summary, **(trail or {}))
    return thread


def _write(
    comment: Comment,
    held: Deliverable,
    text: str,
    file: VersionFile | None,
    x: Decimal | None,
    y: Decimal | None,
    answers: Comment | None,
) -> None:
    if held.state == State.WITHDRAWN:
        raise WrongState("This was withdrawn, so there is nothing to comment on.")
    comment.text = text_of(text, field="text", demand="Write something first.")
    if answers is not None:
        if answers.version.deliverable_id != held.pk:
            raise NotValid("That comment belongs to something else.", field="answers")
        # One level: an answer to an answer joins the same thread.
        comment.answers = answers.answers or answers
    else:
        comment.file, comment.x, comment.y = _pin(comment.version, file, x, y)
    comment.save()


def _pin(
    version: Version, file: VersionFile | None, x: Decimal | None, y: Decimal | None
) -> tuple[VersionFile | None, Decimal | None, Decimal | None]:
    if file is not None and file.version_id != version.pk:
        raise NotValid("That file belongs to another version.", field="file")
    if x is None and y is None:
        return file, None, None
    if x is None or y is None:
        raise NotValid("A pin needs both numbers, or none.", field="x" if x is None else "y")
    images = [f for f in version.files.select_related("upload") if f.upload.is_image]
    if file is None and len(images) == 1:
        file = images[0]
    if file is None or file not in images:
        raise NotValid("Choose the picture that the pin is on.", field="file")
    for name, value in (("x", x), ("y", y)):
        if not value.is_finite() or not 0 <= value <= 100:
            raise NotValid("Choose a number from 0 to 100.", field=name)
    return file, x.quantize(Decimal("0.01")), y.quantize(Decimal("0.01"))
