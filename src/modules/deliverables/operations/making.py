"""A deliverable is made in a project, with the clients who review it; and edited while it is open."""

from collections.abc import Iterable
from datetime import date
from typing import TypedDict, Unpack

from django.db import transaction

from kit.refused import NotValid
from kit.typed import text_of
from modules.deliverables import emails
from modules.deliverables.models import Deliverable, Reviewer, State
from modules.deliverables.operations.checks import Archived, Locked, due_date, hold_open, newest_shown
from modules.deliverables.operations.settling import settle
from modules.deliverables.queries import people
from modules.projects.models import Project
from portal.audit.operations import Trail, record
from portal.people.models import Client, Staff

LONGEST_NAME = 160
MOST_ROUNDS = 99


class DeliverableFields(TypedDict, total=False):
    """What staff decide about a deliverable. Left out: as it was, or the model's default."""

    name: str
    brief: str
    rule: str
    due_on: date | None
    rounds_included: int | None


@transaction.atomic
def create_deliverable(
    project: Project,
    *,
    by: Staff | None,
    reviewers: Iterable[Client] | None = None,
    commenters: Iterable[Client] = (),
    trail: Trail | None = None,
    **fields: Unpack[DeliverableFields],
) -> Deliverable:
    """Make a draft that no client sees yet.

    Args:
        reviewers: who decides; None: every client who sees the project and may approve.
        commenters: who is told of it and may comment, but is not asked.

    Raises:
        NotValid: a field's value is refused, or a person does not fit; `field` says which.
        Archived: the project is only read.
    """
    if project.archived_at is not None:
        raise Archived
    deliverable = Deliverable(project=project)
    _write(deliverable, {"name": "", **fields})
    deliverable.save()
    _name_reviewers(
        deliverable, people.possible_reviewers(project) if reviewers is None else reviewers, commenters
    )
    summary = f"Created the deliverable {deliverable} in {project}"
    record("deliverables.created", deliverable, by=by, summary=summary, **(trail or {}))
    return deliverable


@transaction.atomic
def edit_deliverable(
    deliverable: Deliverable,
    *,
    by: Staff | None,
    reviewers: Iterable[Client] | None = None,
    commenters: Iterable[Client] | None = None,
    trail: Trail | None = None,
    **fields: Unpack[DeliverableFields],
) -> Deliverable:
    """Change what is given, leave the rest. Who becomes a reviewer during a review is mailed.

    Raises:
        NotValid: a field's value is refused, or a person does not fit; `field` says which.
        Locked: it is approved.
    """
    held = hold_open(deliverable)
    if held.state == State.APPROVED:
        raise Locked("This is approved, so it can no longer be changed.")
    change = _write(held, fields)
    held.save()
    if reviewers is not None or commenters is not None:
        change |= _replace_reviewers(held, reviewers, commenters)
    settle(held, by=by)
    summary = f"Changed the deliverable {held}"
    record("deliverables.edited", held, by=by, summary=summary, change=change, **(trail or {}))
    return held


def _replace_reviewers(
    held: Deliverable, reviewers: Iterable[Client] | None, commenters: Iterable[Client] | None
) -> dict[str, list[object]]:
    now = set(held.reviewers.values_list("client_id", flat=True))
    watching = set(held.reviewers.filter(decides=False).values_list("client_id", flat=True))
    if reviewers is None:
        reviewers = people.deciders(held)
    if commenters is None:
        commenters = [client for client in people.readers(held.project) if client.pk in watching]
    _name_reviewers(held, reviewers, commenters)
    _tell_new_ones(held, known=now)
    after = set(held.reviewers.values_list("client_id", flat=True))
    return {"reviewers": [sorted(now), sorted(after)]} if now != after else {}


def _write(deliverable: Deliverable, fields: DeliverableFields) -> dict[str, list[object]]:
    clean: dict[str, object] = {}
    if "name" in fields:
        clean["name"] = text_of(fields["name"], field="name", demand="Give it a name.", longest=LONGEST_NAME)
    if "brief" in fields:
        clean["brief"] = text_of(fields["brief"], field="brief")
    if "rule" in fields:
        if fields["rule"] not in Deliverable.Rule.values:
            raise NotValid("Choose one of the two rules.", field="rule")
        clean["rule"] = fields["rule"]
    if "due_on" in fields:
        clean["due_on"] = due_date(fields["due_on"], deliverable.due_on)
    if "rounds_included" in fields:
        clean["rounds_included"] = _rounds(fields["rounds_included"])
    change: dict[str, list[object]] = {}
    for name, value in clean.items():
        before = getattr(deliverable, name)
        if before != value:
            change[name] = [_plain(before), _plain(value)]
            setattr(deliverable, name, value)
    return change


def _rounds(wanted: int | None) -> int | None:
    if wanted is not None and not 0 <= wanted <= MOST_ROUNDS:
        raise NotValid(f"Choose a number from 0 to {MOST_ROUNDS}.", field="rounds_included")
    return wanted


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _name_reviewers(deliverable: Deliverable, deciding: Iterable[Client], watching: Iterable[Client]) -> None:
    """Make these, and only these, the reviewers; who decides is not also one who only comments."""
    may_decide = {client.pk for client in people.possible_reviewers(deliverable.project)}
    may_see = {client.pk for client in people.readers(deliverable.project)}
    wanted = {client.pk: False for client in watching} | {client.pk: True for client in deciding}
    for pk, decides in wanted.items():
        if decides and pk not in may_decide:
            raise NotValid("Somebody chosen here may not approve for this project.", field="reviewers")
        if pk not in may_see:
            raise NotValid("Somebody chosen here does not see this project.", field="commenters")
    deliverable.reviewers.exclude(client__in=wanted).delete()
    for pk, decides in wanted.items():
        Reviewer.objects.update_or_create(
            deliverable=deliverable, client_id=pk, defaults={"decides": decides}
        )


def _tell_new_ones(held: Deliverable, *, known: set[int]) -> None:
    version = newest_shown(held)
    if held.state == State.READY and version is not None:
        fresh = [client for client in people.reviewers_to_tell(held) if client.pk not in known]
        emails.tell_ready(version, fresh)
