"""Deliverables in rows: for the client's list, its dashboard and its project, and for the console."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When

from modules.deliverables.models import Decision, Deliverable, Reviewer, State, Version
from modules.projects.models import Project
from portal.people.models import Client, Company, Right, Staff

# What a client reads for each state: what goes on inside the agency is one word.
CLIENT_WORDS = {
    State.DRAFT: "In progress",
    State.INTERNAL_REVIEW: "In progress",
    State.READY: "Ready for review",
    State.CHANGES: "Changes requested",
    State.APPROVED: "Approved",
    State.WITHDRAWN: "Withdrawn",
}
TONES = {State.READY: "accent", State.CHANGES: "warning", State.APPROVED: "positive"}


@dataclass(frozen=True)
class Row:
    """One line of a list."""

    pk: int
    name: str
    project: str
    state: str
    tone: str
    version: int | None
    due_on: date | None
    is_late: bool
    asks_client: bool = False
    company: Company | None = None


def visible(client: Client, *, project: Project | None = None) -> QuerySet[Any]:
    """What this client sees, what waits for it first, then the newest."""
    found: QuerySet[Any] = Deliverable.objects.visible_to(client).shown_to_clients().with_newest_shown()
    if project is not None:
        found = found.filter(project=project)
    found = with_review_of(found, client).select_related("project__company")
    return found.order_by("-asks_client", "-shown_at", "-pk")


def client_rows(deliverables: Iterable[Any], today: date) -> list[Row]:
    """Lines of `visible()` in a client's words."""
    return [
        _row(one, today, CLIENT_WORDS, asks=one.asks_client, company=one.project.company)
        for one in deliverables
    ]


def everything(
    staff: Staff, *, state: str = "", search: str = "", project: Project | None = None
) -> QuerySet[Any]:
    """All that this member of staff sees, those that wait for somebody first."""
    newest = Version.objects.filter(deliverable=OuterRef("pk")).order_by("-number").values("number")[:1]
    found = (
        Deliverable.objects.served_by(staff)
        .select_related("project")
        .annotate(newest_number=Subquery(newest))
    )
    if state:
        found = found.filter(state=state)
    if project is not None:
        found = found.filter(project=project)
    if search:
        found = found.filter(Q(name__icontains=search) | Q(project__name__icontains=search))
    places = [When(state=known, then=Value(place)) for place, known in enumerate(_CONSOLE_ORDER)]
    found = found.annotate(place=Case(*places, default=Value(9), output_field=IntegerField()))
    ordered: QuerySet[Any] = found.order_by("place", "-pk")
    return ordered


def console_rows(deliverables: Iterable[Any], today: date) -> list[Row]:
    """Lines of `everything()` in the agency's words."""
    words = {known: known.label for known in State}
    return [_row(deliverable, today, words) for deliverable in deliverables]


def with_review_of(found: Any, client: Client) -> Any:
    """Adds `asks_client`: a decision of this client is wanted now."""
    approves_for = client.memberships.filter(rights__contains=[Right.APPROVE]).values("company_id")
    newest = Version.objects.shown().filter(deliverable=OuterRef("deliverable")).order_by("-number")
    decided = Decision.objects.standing().filter(client=client, version=OuterRef("newest_shown"))
    asked = (
        Reviewer.objects.filter(deliverable=OuterRef("pk"), client=client, decides=True)
        .annotate(newest_shown=Subquery(newest.values("pk")[:1]))
        .filter(~Exists(decided))
    )
    has_right = Q(project__client=client) | Q(project__company__in=approves_for)
    return found.annotate(
        asks_client=Case(
            When(Q(state=State.READY, project__archived_at=None) & has_right & Exists(asked), then=Value(1)),
            default=Value(0),
            output_field=IntegerField(),
        )
    )


_CONSOLE_ORDER = (
    State.CHANGES,
    State.READY,
    State.INTERNAL_REVIEW,
    State.DRAFT,
    State.APPROVED,
    State.WITHDRAWN,
)


def _row(deliverable: Any, today: date, words: Any, *, asks: int = 0, company: Company | None = None) -> Row:
    state, due = State(deliverable.state), deliverable.due_on
    number = getattr(deliverable, "shown_number", None) or getattr(deliverable, "newest_number", None)
    return Row(
        pk=deliverable.pk,
        name=deliverable.name,
        project=deliverable.project.name,
        state=words[state],
        tone=TONES.get(state, ""),
        version=number,
        due_on=due,
        is_late=state == State.READY and due is not None and due < today,
        asks_client=bool(asks),
        company=company,
    )
