"""Threads in rows: for the client's list and dashboard, and for the console."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When

from modules.feedback.models import Entry, Kind, State, Thread
from portal.people.models import Client, Company, Staff

# What a client reads for each state: that something is put off or taken up is the agency's own affair.
CLIENT_WORDS = {State.WAITING: "Waiting on you", State.RESOLVED: "Settled"}
CLIENT_TONES = {State.WAITING: "accent", State.RESOLVED: "positive"}
TONES = {
    State.NEW: "accent",
    State.REOPENED: "warning",
    State.WAITING: "notice",
    State.RESOLVED: "positive",
}
SHOWN = {
    "": "On us",
    "mine": "Mine",
    "overdue": "Overdue",
    "waiting": "Waiting for the client",
    "snoozed": "Snoozed",
    "resolved": "Resolved",
    "all": "Everything",
}


@dataclass(frozen=True)
class Row:
    """One line of a client's list."""

    pk: int
    subject: str
    kind: str
    state: str
    tone: str
    last_said_at: datetime
    asks_client: bool
    is_private: bool
    company: Company | None


def state_words(thread: Thread, agency_name: str) -> tuple[str, str]:
    """The state as a client reads it, and its tone."""
    state = State(thread.state)
    return CLIENT_WORDS.get(state, f"With {agency_name}"), CLIENT_TONES.get(state, "")


def visible(client: Client) -> QuerySet[Any]:
    """What this client sees: what waits for it first, then the newest."""
    asks = Case(When(state=State.WAITING, then=Value(0)), default=Value(1), output_field=IntegerField())
    found: QuerySet[Any] = (
        Thread.objects.visible_to(client).not_merged().annotate(place=asks).select_related("company")
    )
    return found.order_by("place", "-last_said_at", "-pk")


def client_rows(threads: Iterable[Thread], agency_name: str) -> list[Row]:
    """Lines of `visible()`."""
    rows = []
    for thread in threads:
        words, tone = state_words(thread, agency_name)
        rows.append(
            Row(
                pk=thread.pk,
                subject=thread.subject,
                kind=thread.get_kind_display(),
                state=words,
                tone=tone,
                last_said_at=thread.last_said_at,
                asks_client=thread.state == State.WAITING,
                is_private=thread.is_private,
                company=thread.company,
            )
        )
    return rows


def for_staff(staff: Staff) -> Any:
    """The threads that this member of staff may see; every page of the console begins here."""
    return of_agency().served_by(staff)


def of_agency() -> Any:
    """All threads with what every page prints: for the agency's own programs."""
    return Thread.objects.select_related("company", "client", "author", "assignee", "project", "merged_into")


def console_list(
    staff: Staff, *, shown: str, kind: str, tag: str, assignee: str, search: str
) -> QuerySet[Any]:
    """One list of the console; those with the earliest promise first while they wait for us."""
    found = _shown(for_staff(staff).not_merged(), shown, staff)
    if kind in Kind.values:
        found = found.filter(kind=kind)
    if tag:
        found = found.filter(tags__contains=[tag.casefold()])
    if assignee.isdecimal():
        found = found.filter(assignee=int(assignee[:12]))
    for word in search.split()[:6]:
        found = found.filter(_fits(word))
    order = ["answer_due_at", "pk"] if shown in ("", "mine", "overdue") else ["-last_said_at", "-pk"]
    ordered: QuerySet[Any] = found.order_by(*order)
    return ordered


def counts(staff: Staff) -> dict[str, int]:
    """How many threads wait for us, and of these: mine, and overdue ones."""
    found = for_staff(staff)
    return {
        "on_us": found.on_us().count(),
        "mine": found.on_us().filter(assignee=staff).count(),
        "overdue": found.overdue().count(),
    }


def _shown(found: Any, shown: str, staff: Staff) -> Any:
    if shown == "mine":
        return found.unresolved().filter(assignee=staff).exclude(state=State.SNOOZED)
    if shown == "overdue":
        return found.overdue()
    states = {"waiting": State.WAITING, "snoozed": State.SNOOZED, "resolved": State.RESOLVED}
    if shown in states:
        return found.filter(state=states[shown])
    return found if shown == "all" else found.on_us()


def _fits(word: str) -> Q:
    said = Entry.objects.filter(thread=OuterRef("pk"), text__icontains=word)
    fits = Q(subject__icontains=word) | Q(author__name__icontains=word) | Q(company__name__icontains=word)
    fits |= Q(author__email__icontains=word) | Q(project__name__icontains=word) | Q(Exists(said))
    number = word.removeprefix("#")
    return fits | Q(pk=int(number)) if number.isdecimal() and len(number) < 12 else fits
