"""Repeating invoices: set up, changed, paused, stopped; and the job that writes what is due, once for each day."""

from collections.abc import Sequence
from datetime import date
from typing import Any, TypedDict, Unpack

from django.db import transaction

from kit.refused import NotValid, Refused, WrongState
from kit.typed import apply, check_fields
from modules.invoices import emails
from modules.invoices.models import Every, Invoice, Repeating, RepeatingState, Repetition
from modules.invoices.operations.drafting import LineFields
from modules.invoices.operations.issuing import issue
from modules.invoices.operations.patterns import new_pattern, write_draft, write_pattern
from modules.invoices.queries.repeating import fill_in, until_of
from portal.agency import current_agency
from portal.audit.operations import Trail, record
from portal.people.models import Client, Company, Staff

OWN = ("every", "unit", "on_last_day", "next_on", "end_on", "times", "issues")
RHYTHM = frozenset({"every", "unit", "on_last_day", "next_on"})
MOST = {Every.WEEK: 52, Every.MONTH: 24, Every.QUARTER: 8, Every.YEAR: 5}


class RepeatingFields(TypedDict, total=False):
    """What staff decide. Left out: as it was, or the agency's default."""

    title: str
    currency: str
    discount_percent: Any
    discount_minor: int
    notes: str
    terms: str
    reference: str
    days_to_pay: int
    deposit_percent: int
    parts: int
    days_between: int
    every: int
    unit: str
    on_last_day: bool
    next_on: date
    end_on: date | None
    times: int | None
    issues: bool


def hold_repeating(repeating: Repeating) -> Repeating:
    """The row as it is now, held until the transaction ends. Taken before anything else is locked."""
    held: Repeating = (
        Repeating.objects.select_for_update(of=("self",))
        .select_related("company", "client", "pattern", "made_by")
        .get(pk=repeating.pk)
    )
    return held


@transaction.atomic
def create_repeating(
    *,
    owner: Company | Client,
    by: Staff | None,
    lines: Sequence[LineFields],
    trail: Trail | None = None,
    **fields: Unpack[RepeatingFields],
) -> Repeating:
    """Let an invoice write itself again and again; `next_on` is the first day.

    Raises:
        NotValid: a value is refused; `field` says which.
    """
    repeating = Repeating(
        company=owner if isinstance(owner, Company) else None,
        client=owner if isinstance(owner, Client) else None,
        made_by=by,
    )
    own, content = _apart(fields)
    _set_rhythm(repeating, {"next_on": current_agency().today()} | own)
    repeating.pattern = new_pattern()
    write_pattern(repeating.pattern, content, _some(lines))
    repeating.pattern_id = repeating.pattern.pk
    repeating.save()
    record("invoices.repeating_begun", repeating, by=by, summary=f"Set up the {repeating}", **(trail or {}))
    return repeating


@transaction.atomic
def edit_repeating(
    repeating: Repeating,
    *,
    by: Staff | None,
    lines: Sequence[LineFields] | None = None,
    trail: Trail | None = None,
    **fields: Unpack[RepeatingFields],
) -> Repeating:
    """Change what comes from now on; what is written stays. A new rhythm counts from its next day.

    Raises:
        NotValid: a value is refused; `field` says which.
        WrongState: it has ended.
    """
    held = _hold_running(repeating)
    own, content = _apart(fields)
    change = _set_rhythm(held, own)
    change |= write_pattern(held.pattern, content, None if lines is None else _some(lines))
    held.save()
    if change:
        record("invoices.repeating_edited", held, by=by, summary=f"Changed the {held}", change=change,
               **(trail or {}))  # fmt: skip
    return held


@transaction.atomic
def pause_repeating(repeating: Repeating, *, by: Staff | None, trail: Trail | None = None) -> Repeating:
    """Write nothing until it goes on. Twice is as good as once.

    Raises:
        WrongState: it has ended.
    """
    held = _hold_running(repeating)
    if held.state == RepeatingState.ACTIVE:
        held.state = RepeatingState.PAUSED
        held.save(update_fields=["state"])
        record("invoices.repeating_paused", held, by=by, summary=f"Paused the {held}", **(trail or {}))
    return held


@transaction.atomic
def resume_repeating(repeating: Repeating, *, by: Staff | None, trail: Trail | None = None) -> int:
    """Go on from the next day of the rhythm; how many days of the pause are left out.

    Raises:
        WrongState: it has ended.
    """
    held = _hold_running(repeating)
    if held.state == RepeatingState.ACTIVE:
        return 0
    skipped = 0
    held.state = RepeatingState.ACTIVE
    while held.next_on is not None and held.next_on < current_agency().today():
        _advance(held)
        skipped += 1
    held.save()
    summary = f"Went on with the {held}, {skipped} left out"
    record("invoices.repeating_resumed", held, by=by, summary=summary, **(trail or {}))
    return skipped


@transaction.atomic
def stop_repeating(repeating: Repeating, *, by: Staff | None, trail: Trail | None = None) -> Repeating:
    """End it for good; what is written stays. Twice is as good as once."""
    held = hold_repeating(repeating)
    if held.state != RepeatingState.ENDED:
        held.state, held.next_on = RepeatingState.ENDED, None
        held.save(update_fields=["state", "next_on"])
        record("invoices.repeating_stopped", held, by=by, summary=f"Stopped the {held}", **(trail or {}))
    return held


def due_repeating() -> list[int]:
    """Which repeating invoices have something to write today, the longest due first.

    None of a read-only agency: its days are written when it is open again.
    """
    if current_agency().is_read_only:
        return []
    due = Repeating.objects.due(current_agency().today())
    return list(due.order_by("next_on", "pk").values_list("pk", flat=True))


def repeat(pk: int) -> int:
    """Write all that is due of one repeating invoice, the oldest day first; how many.

    Each day is one transaction: its invoice, its row, the next day and the mails. A worker that dies leaves
    a day undone or done, never half, and the next one goes on there; two at once wait for each other.
    """
    made = 0
    while not current_agency().is_read_only and _write_next(pk) is not None:
        made += 1
    return made


@transaction.atomic
def _write_next(pk: int) -> Invoice | None:
    held = hold_repeating(Repeating(pk=pk))
    on = held.next_on
    if held.state != RepeatingState.ACTIVE or on is None or on > current_agency().today():
        return None
    until, number = until_of(held, held.turn), held.made + 1
    draft = write_draft(
        held.pattern,
        owner=held.owner,
        private_to=held.private_to,
        by=held.made_by,
        words=lambda text: fill_in(text, on=on, until=until, number=number),
    )
    Repetition.objects.create(repeating=held, on=on, until=until, invoice=draft)
    held.made = number
    _advance(held)
    held.save()
    record("invoices.drafted", draft, summary=f"Wrote the {draft} for {on} from the {held}")
    _send(held, draft)
    return draft


def _send(held: Repeating, draft: Invoice) -> None:
    if not held.issues:
        emails.tell_repeated(draft, "")
        return
    try:
        issue(draft, by=None)
    except Refused as refused:
        # The day is billed all the same, as a draft: staff put right what is missing and send it.
        emails.tell_repeated(
            draft, f"A repeating invoice wrote it, but it could not be sent. {refused.words}"
        )


def _advance(held: Repeating) -> None:
    """To the next day, or to the end."""
    held.turn += 1
    following = held.day_of(held.turn)
    over = held.end_on is not None and following > held.end_on
    if over or (held.times is not None and held.made >= held.times):
        held.state, held.next_on = RepeatingState.ENDED, None
    else:
        held.next_on = following


def _hold_running(repeating: Repeating) -> Repeating:
    held = hold_repeating(repeating)
    if held.state == RepeatingState.ENDED:
        raise WrongState("This has ended. Set up a new one to go on.")
    return held


def _apart(fields: RepeatingFields) -> tuple[dict[str, Any], dict[str, Any]]:
    own = {name: value for name, value in fields.items() if name in OWN}
    return own, {name: value for name, value in fields.items() if name not in OWN}


def _some(lines: Sequence[LineFields]) -> Sequence[LineFields]:
    if not lines:
        raise NotValid("Add a line: what is billed, and what it costs.")
    return lines


def _set_rhythm(repeating: Repeating, own: dict[str, Any]) -> dict[str, list[Any]]:
    change = apply(repeating, own)
    check_fields(repeating, OWN)
    if not 1 <= repeating.every <= MOST[Every(repeating.unit)]:
        raise NotValid("Choose a rhythm of at most five years.", field="every")
    if RHYTHM & change.keys():
        assert repeating.next_on is not None
        _check_next(repeating, repeating.next_on)
        repeating.anchor_on, repeating.turn = repeating.next_on, 0
        repeating.next_on = repeating.day_of(0)
    if (
        repeating.end_on is not None
        and repeating.next_on is not None
        and repeating.end_on < repeating.next_on
    ):
        raise NotValid("It would end before the next invoice. Stop it instead.", field="end_on")
    if repeating.times is not None and repeating.times <= repeating.made:
        raise NotValid("There were as many already. Stop it instead.", field="times")
    return change


def _check_next(repeating: Repeating, next_on: date) -> None:
    today = current_agency().today()
    if not today <= next_on <= date(today.year + 10, 12, 31):
        raise NotValid("Choose today or a later day, within ten years.", field="next_on")
    if repeating.on_last_day and repeating.unit == Every.WEEK:
        raise NotValid("A weekly rhythm knows no last day of the month.", field="on_last_day")
    if repeating.pk and repeating.repetitions.filter(on__gte=next_on).exists():
        raise NotValid("There is an invoice of this or a later day already.", field="next_on")
