"""Payment plans: a deposit, instalments, and their days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction

from kit.money import split
from kit.refused import NotValid, WrongState
from kit.typed import storable
from modules.invoices.models import Instalment, Invoice
from modules.invoices.models.arithmetic import whole
from modules.invoices.operations.checks import amount_of, hold
from modules.invoices.operations.ledger import recompute_now
from portal.audit.operations import Trail, record
from portal.people.models import Client, Staff

MOST_PARTS = 60


@dataclass(frozen=True)
class Part:
    """One row of a plan. A day, or days after issue; exactly one of both."""

    label: str
    minor: int
    due_on: date | None = None
    days_after_issue: int | None = None


def parts_of(
    total_minor: int, *, deposit_percent: int = 0, count: int = 1, days_between: int = 30, first_days: int = 0
) -> list[Part]:
    """A usual plan: the deposit at issue, the rest in equal instalments; the sum is exact.

    Raises:
        NotValid: the numbers make no plan.
    """
    if not 0 <= deposit_percent <= 90 or not 1 <= count <= MOST_PARTS - 1 or not 0 <= days_between <= 366:
        raise NotValid("Choose a deposit up to 90 % and 1 to 59 instalments.", field="count")
    deposit = whole(Decimal(total_minor) * deposit_percent / 100)
    parts = [Part("Deposit", deposit, days_after_issue=first_days)] if deposit else []
    shift = first_days + (days_between if deposit else 0)
    for place, minor in enumerate(split(total_minor - deposit, count)):
        label = f"Instalment {place + 1} of {count}" if count > 1 else "Balance"
        parts.append(Part(label, minor, days_after_issue=shift + place * days_between))
    if any(part.minor <= 0 for part in parts):
        raise NotValid("The invoice is too small for so many parts.", field="count")
    return parts


@transaction.atomic
def set_plan(
    invoice: Invoice, parts: Sequence[Part], *, by: Staff | Client | None, trail: Trail | None = None
) -> list[Instalment]:
    """Replace the plan. After issue the rows on which money came stay, and the rest is planned anew.

    Args:
        parts: all unpaid rows; of a draft all rows. Empty on a draft: no plan, the whole is due at once.

    Raises:
        NotValid: the parts do not come to what is not planned yet, or have no day.
        WrongState: nothing is left to plan.
    """
    held = hold(invoice)
    kept = [part for part in held.instalments.all() if part.paid_minor or part.state != Instalment.State.OPEN]
    if held.is_issued and not held.is_open:
        raise WrongState("Nothing is open on this invoice any more.")
    left = held.gross_minor - sum(part.minor for part in kept)
    _check(parts, left, is_issued=held.is_issued)
    held.instalments.exclude(pk__in=[part.pk for part in kept]).delete()
    for place, part in enumerate(parts, start=max((k.position for k in kept), default=-1) + 1):
        Instalment.objects.create(
            invoice=held,
            position=place,
            label=storable(part.label.strip(), "label")[:80] or f"Part {place + 1}",
            minor=part.minor,
            due_on=part.due_on or _day(held, part),
            days_after_issue=part.days_after_issue,
        )
    held.plan_chosen_by = by if isinstance(by, Client) else None
    held.save(update_fields=["plan_chosen_by"])
    if held.is_issued:
        recompute_now(held)
    record(
        "invoices.planned", held, by=by, summary=f"Planned {len(parts)} payments of {held}", **(trail or {})
    )
    return list(held.instalments.all())


def _day(held: Invoice, part: Part) -> date | None:
    if held.issued_on is None or part.days_after_issue is None:
        return None
    return held.issued_on + timedelta(days=part.days_after_issue)


def _check(parts: Sequence[Part], left: int, *, is_issued: bool) -> None:
    if not parts and not is_issued:
        return
    if len(parts) > MOST_PARTS:
        raise NotValid(f"A plan has at most {MOST_PARTS} parts.", field="plan")
    for part in parts:
        amount_of(part.minor, field="plan")
        if (part.due_on is None) == (part.days_after_issue is None):
            raise NotValid("Every part needs a day.", field="plan")
        if part.days_after_issue is not None and not 0 <= part.days_after_issue <= 3660:
            raise NotValid("Choose a day within ten years.", field="plan")
    if sum(part.minor for part in parts) != left:
        raise NotValid("The parts do not come to what is still to be planned.", field="plan")
