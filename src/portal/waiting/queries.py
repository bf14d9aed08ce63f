"""Whose queue holds what."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import Q
from django.http import HttpRequest
from django.urls import get_script_prefix, get_urlconf, set_script_prefix, set_urlconf

from portal import registry
from portal.branding.queries import sections_on
from portal.http import Request
from portal.module import Waiting
from portal.people.acting import companies_shown, several_of
from portal.people.models import Client, Company, Staff
from portal.waiting.models import HandedOn
from tenants.agencies.current import current_agency
from tenants.routing.middleware import PORTAL_URLS

MOST_COLLEAGUES = 50


@dataclass(frozen=True)
class Queue:
    """A client's queue: what waits on it, by when it is due, and what it gave to colleagues."""

    own: Sequence[Waiting]
    given: Sequence[tuple[Waiting, HandedOn]]
    can_give: bool


def queue_of(request: Request) -> Queue:
    """The queue of the client who asks."""
    client = request.client
    lines = _lines(request)
    if not lines:
        return Queue([], [], can_give=False)
    handed = _handed(client, lines)
    lines = _for_whom(lines, companies_shown(request)) if any(line.company_id for line in lines) else lines
    given = {row.line: row for row in handed if row.giver_id == client.pk and _still_has(row)}
    taken = {row.line: row for row in handed if row.taker_id == client.pk}
    own = [
        replace(line, note=_joined(line.note, _asked_by(taken[line.key]))) if line.key in taken else line
        for line in lines
        if line.key not in given
    ]
    return Queue(
        sorted(own, key=_by_due),
        [(line, given[line.key]) for line in lines if line.key in given],
        can_give=bool(_colleagues_of(client)),
    )


def lines_of(client: Client) -> list[Waiting]:
    """The lines of any client, asked for outside its own requests: in a job, or for a colleague."""
    asking = HttpRequest()
    asking.client, asking.agency = client, current_agency()  # type: ignore[attr-defined]
    with _portal_addresses():
        return _lines(asking)  # type: ignore[arg-type]


def mailed_lines(client: Client) -> list[Waiting]:
    """What the weekly mail lists: the client's own lines without what it gave to a colleague."""
    lines = _for_whom(lines_of(client), several_of(client))
    given = {row.line for row in _handed(client, lines) if row.giver_id == client.pk and _still_has(row)}
    return sorted((line for line in lines if line.key not in given), key=_by_due)


def takers_of(client: Client, line: Waiting) -> list[Client]:
    """The colleagues who may do it too: it waits on them as well, by the module's own rules."""
    return [one for one in _colleagues_of(client) if any(line.key == own.key for own in lines_of(one))]


def line_of(request: Request, key: str) -> Waiting | None:
    """The line with this key, if it waits on the client who asks."""
    return next((line for line in _lines(request) if key and line.key == key), None)


def staff_lines(staff: Staff) -> list[Waiting]:
    """What waits on a member of staff, over the modules that are on; soonest first."""
    lines: list[Waiting] = []
    for module in registry.all_modules():
        if module.staff_waiting and module.key in sections_on():
            lines += module.staff_waiting(staff)
    return sorted(lines, key=_by_due)


def _lines(request: Request) -> list[Waiting]:
    return [
        line
        for section in sections_on().values()
        if section.module.waiting
        and not (getattr(request, "viewing", None) and section.module.hidden_when_viewing)
        for line in section.module.waiting(request)
    ]


def _handed(client: Client, lines: Sequence[Waiting]) -> list[HandedOn]:
    found = HandedOn.objects.filter(line__in=[line.key for line in lines if line.key])
    return list(found.filter(Q(giver=client) | Q(taker=client)).select_related("giver", "taker"))


def _still_has(row: HandedOn) -> bool:
    # Who left, lost access or the right, or has done their part, has it no longer: it is the giver's again.
    return row.taker.has_access and any(line.key == row.line for line in lines_of(row.taker))


def _colleagues_of(client: Client) -> list[Client]:
    companies = client.memberships.values("company")
    found = Client.objects.with_access().filter(memberships__company__in=companies)
    return list(found.exclude(pk=client.pk).distinct().order_by("name", "pk")[:MOST_COLLEAGUES])


def _for_whom(lines: Sequence[Waiting], companies: Sequence[Company]) -> list[Waiting]:
    names = {company.pk: str(company) for company in companies}
    return [replace(line, note=_joined(names.get(line.company_id or 0, ""), line.note)) for line in lines]


def _joined(*words: str) -> str:
    return " · ".join(filter(None, words))


def _asked_by(row: HandedOn) -> str:
    return f"{row.giver.shown_name} asks you" + (f": {row.note}" if row.note else "")


def _by_due(line: Waiting) -> tuple[bool, date]:
    due = line.due.date() if isinstance(line.due, datetime) else line.due
    return due is None, due or date.max


@contextmanager
def _portal_addresses() -> Iterator[None]:
    """Addresses are the portal's, wherever one asks from."""
    urlconf, prefix = get_urlconf(), get_script_prefix()
    set_urlconf(PORTAL_URLS)
    set_script_prefix("/")
    try:
        yield
    finally:
        set_urlconf(urlconf)
        set_script_prefix(prefix)


def as_words(lines: Iterable[Waiting]) -> list[dict[str, str]]:
    """Lines as the items of a mail: title, note, absolute address."""
    agency = current_agency()
    return [
        {
            "title": line.label,
            "note": _joined(f"by {line.due:%-d %B}" if line.due else "", line.note),
            "url": agency.portal_url(line.url),
        }
        for line in lines
    ]
