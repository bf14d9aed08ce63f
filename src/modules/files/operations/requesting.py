"""Staff ask for files, look at what came, and say yes or what is wrong with it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction

from kit import clock
from kit.refused import NotValid, WrongState
from kit.typed import text_of
from modules.files import emails
from modules.files.models import FileRequest, HandIn, RequestItem
from modules.files.models.formats import BY_KEY
from modules.files.operations.checks import LONGEST_TEXT, contact_ids, fitting_place, last_day
from modules.files.operations.sending import source_of
from modules.files.queries import people
from modules.files.queries.people import Owner, owner_fields
from modules.projects.models import Project
from portal.agency import current_agency
from portal.audit.operations import Trail, record
from portal.events import publish
from portal.people.models import Client, Staff
from portal.tasks.operations import done_at_source

MOST_ITEMS = 30
FROM_HOUR = 8  # nobody is woken up: in the agency's zone
# Days before the due day; negative ones are after it.
REMIND_ON = (2, 0, -3, -7)


@dataclass(frozen=True)
class Wanted:
    """One line of a new request."""

    name: str
    formats: Sequence[str] = ()
    most_bytes: int | None = None


@transaction.atomic
def request_files(
    owner: Owner,
    *,
    title: str,
    items: Sequence[Wanted],
    by: Staff | None,
    words: str = "",
    project: Project | None = None,
    contacts: Iterable[Client] = (),
    due_on: date | None = None,
    trail: Trail | None = None,
) -> FileRequest:
    """Ask a client for files. It is mailed, and waits on the client's dashboard until all is sent.

    Args:
        contacts: who of the company is asked; none: everybody.

    Raises:
        NotValid: no title, no items, too many, an unknown format, a day that is over; `field` says which.
    """
    fitting_place(owner, None, project)
    title = text_of(title, field="title", demand="Say in a few words what you need.", longest=160)
    checked = [checked_item(one) for one in items]
    if not checked:
        raise NotValid("Name at least one thing that you need.", field="items")
    if len(checked) > MOST_ITEMS:
        raise NotValid(f"Ask for at most {MOST_ITEMS} things at once.", field="items")
    request = FileRequest.objects.create(
        **owner_fields(owner),
        title=title,
        note=text_of(words, field="note", longest=LONGEST_TEXT),
        project=project,
        private_to=contact_ids(owner, contacts),
        due_on=last_day(due_on, field="due_on"),
        asked_by=by,
    )
    RequestItem.objects.bulk_create(
        RequestItem(
            request=request,
            name=one.name,
            formats=list(one.formats),
            most_bytes=one.most_bytes,
            position=place,
        )
        for place, one in enumerate(checked)
    )
    record("files.requested", request, by=by, summary=f"Asked {owner} for {request}", **(trail or {}))
    publish("files.requested", request_id=request.pk)
    emails.tell_requested(request, people.asked(request))
    return request


@transaction.atomic
def accept(hand_in: HandIn, *, by: Staff | None, note: str = "", trail: Trail | None = None) -> RequestItem:
    """What was sent is right. With the last item the request is met.

    Raises:
        WrongState: it is decided already.
    """
    item = _decide(hand_in, HandIn.Verdict.ACCEPTED, note, by)
    item.state = RequestItem.State.ACCEPTED
    item.save(update_fields=["state"])
    summary = f"Accepted {hand_in.file} for {item}"
    record("files.accepted", item.request, by=by, summary=summary, **(trail or {}))
    if not FileRequest.objects.open().filter(pk=item.request.pk).exists():
        publish("files.request_met", request_id=item.request.pk)
    return item


@transaction.atomic
def reject(hand_in: HandIn, *, by: Staff | None, note: str, trail: Trail | None = None) -> RequestItem:
    """What was sent is not right: the client is told why and sends it again.

    Raises:
        NotValid: no reason.
        WrongState: it is decided already, or the request is closed.
    """
    demand = "Say what is wrong with it. The client reads this."
    note = text_of(note, field="note", demand=demand, longest=LONGEST_TEXT)
    if hand_in.item.request.closed_at is not None:
        raise WrongState("This request is closed. Open it again first.")
    item = _decide(hand_in, HandIn.Verdict.REJECTED, note, by)
    item.state = RequestItem.State.REJECTED
    item.save(update_fields=["state"])
    summary = f"Rejected {hand_in.file} for {item}"
    record("files.rejected", item.request, by=by, summary=summary, **(trail or {}))
    emails.tell_rejected(item, note, people.asked(item.request))
    return item


@transaction.atomic
def close_request(request: FileRequest, *, by: Staff | None, trail: Trail | None = None) -> None:
    """Nothing more is wanted. What was sent stays. Twice is once."""
    if FileRequest.objects.filter(pk=request.pk, closed_at=None).update(closed_at=clock.now()):
        record("files.request_closed", request, by=by, summary=f"Closed {request}", **(trail or {}))
        for item in request.items.all():
            done_at_source(source_of(item), by=by)


@transaction.atomic
def open_again(request: FileRequest, *, by: Staff | None, trail: Trail | None = None) -> None:
    """Ask again for what is missing. Twice is once."""
    if FileRequest.objects.filter(pk=request.pk, closed_at__isnull=False).update(closed_at=None):
        record("files.request_opened", request, by=by, summary=f"Opened {request} again", **(trail or {}))


@transaction.atomic
def remind(request: FileRequest, *, by: Staff | None = None, trail: Trail | None = None) -> int:
    """Mail those who are asked what is still missing, at most once a day; how many mails.

    Raises:
        WrongState: nothing is missing, or they were reminded today.
    """
    held: FileRequest = FileRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    today = current_agency().today()
    missing = held.items.wanted()
    if held.closed_at is not None or not missing.exists():
        raise WrongState("Nothing is missing here.")
    if held.reminded_on == today:
        raise WrongState("They were reminded today already.")
    held.reminded_on = today
    held.save(update_fields=["reminded_on"])
    told = people.asked(held)
    emails.remind(held, [item.name for item in missing], told)
    record("files.reminded", held, by=by, summary=f"Reminded of {held}", **(trail or {}))
    return len(told)


def remind_due() -> int:
    """Remind by the clock, two days before, on the day, three and seven days after; how many requests."""
    agency = current_agency()
    if clock.now().astimezone(agency.tzinfo).hour < FROM_HOUR:
        return 0
    days = [agency.today() + timedelta(days=ahead) for ahead in REMIND_ON]
    sent = 0
    for request in FileRequest.objects.open().filter(due_on__in=days).exclude(reminded_on=agency.today()):
        try:
            remind(request)
            sent += 1
        except WrongState:
            continue
    return sent


def _decide(hand_in: HandIn, verdict: str, note: str, by: Staff | None) -> RequestItem:
    item: RequestItem = RequestItem.objects.select_for_update(of=("self",)).get(pk=hand_in.item_id)
    held = HandIn.objects.get(pk=hand_in.pk)
    if held.verdict:
        raise WrongState(f"This is {held.get_verdict_display().lower()} already.")
    # Several files that were sent together stand and fall together.
    item.hand_ins.filter(verdict="").update(
        verdict=verdict,
        verdict_note=text_of(note, field="note", longest=LONGEST_TEXT),
        decided_by=by,
        decided_at=clock.now(),
    )
    done_at_source(source_of(item), by=by)
    return item


def checked_item(one: Wanted, *, field: str = "items") -> Wanted:
    """One line as it can be kept.

    Raises:
        NotValid: no name, an unknown format, an impossible size.
    """
    name = text_of(one.name, field=field, demand="Give each thing a name.", longest=160)
    if unknown := [key for key in one.formats if key not in BY_KEY]:
        raise NotValid(f"Nobody knows the format {unknown[0]!r}.", field=field)
    if one.most_bytes is not None and not 0 < one.most_bytes < 2**50:
        raise NotValid("This size cannot be kept to.", field=field)
    return Wanted(name, tuple(dict.fromkeys(one.formats)), one.most_bytes)
