"""A client chooses to pay in parts, within the limits that staff set. Everything is checked again under the lock."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_UP, Decimal

from django.db import transaction

from kit.money import format_money, split
from kit.refused import NotValid, WrongState
from modules.invoices import emails
from modules.invoices.models import Instalment, Invoice, InvoiceSettings, State
from modules.invoices.operations.checks import NotAllowed, hold_issued
from modules.invoices.operations.ledger import recompute_now
from modules.invoices.operations.planning import Part, set_plan
from modules.invoices.queries.people import may_pay
from portal.agency import current_agency
from portal.audit.operations import Trail, record
from portal.people.models import Client


@dataclass(frozen=True)
class Limits:
    """What a client may choose: at most so many parts, the first of at least so much, so many days between."""

    parts: int
    first_minor: int
    days: int


@dataclass(frozen=True)
class Option:
    """One plan that a client may choose, with the usual first part."""

    count: int
    parts: tuple[Part, ...]


def limits_of(invoice: Invoice) -> Limits | None:
    """What may be chosen for an invoice now; None: nothing."""
    settings = InvoiceSettings.load()
    parts = settings.plan_parts if invoice.plan_parts is None else invoice.plan_parts
    percent = invoice.plan_first_percent
    percent = settings.plan_first_percent if percent is None else percent
    # Once money came, or staff planned it, the plan is the agency's.
    untouched = (
        invoice.state == State.ISSUED
        and invoice.due_minor == invoice.gross_minor
        and not invoice.kept_minor
        and not invoice.is_processing
        and not invoice.is_disputed
        and (invoice.plan_chosen_by_id is not None or not invoice.instalments.exists())
    )
    is_late = invoice.due_on is None or invoice.due_on < current_agency().today()
    most = min(parts, invoice.gross_minor)
    if most < 2 or not untouched or is_late:
        return None
    least = (Decimal(invoice.gross_minor) * percent / 100).to_integral_value(ROUND_UP)
    return Limits(most, max(1, int(least)), settings.plan_days)


def options_of(invoice: Invoice) -> list[Option]:
    """The usual plans within the limits, from two parts on."""
    limits = limits_of(invoice)
    if limits is None:
        return []
    usual = (_usual(invoice, limits, count) for count in range(2, limits.parts + 1))
    return [option for option in usual if option is not None]


@transaction.atomic
def choose_plan(
    invoice: Invoice,
    *,
    count: int,
    first_minor: int | None = None,
    client: Client,
    trail: Trail | None = None,
) -> list[Instalment]:
    """Pay in `count` parts; the first is due with the invoice, the others follow.

    Args:
        first_minor: more (or less, down to the limit) than the usual first part.

    Raises:
        NotAllowed: this client may see it, not pay it.
        WrongState: nothing may be chosen (any more).
        NotValid: outside the limits.
    """
    if not may_pay(invoice, client):
        raise NotAllowed
    held = hold_issued(invoice)
    limits = limits_of(held)
    if limits is None:
        raise WrongState("How this invoice is paid cannot be chosen any more.")
    if not 2 <= count <= limits.parts:
        raise NotValid(f"Choose 2 to {limits.parts} payments.", field="count")
    parts = _parts(held, limits, count, _first(held, limits, count, first_minor))
    set_plan(held, parts, by=client, trail=trail)
    emails.tell_plan_chosen(held, client, count)
    return list(held.instalments.all())


@transaction.atomic
def withdraw_plan(invoice: Invoice, *, client: Client, trail: Trail | None = None) -> None:
    """Pay all at once after all, as long as nothing was paid of a plan that a client chose.

    Raises:
        NotAllowed: this client may see it, not pay it.
        WrongState: staff planned it, or money came.
    """
    if not may_pay(invoice, client):
        raise NotAllowed
    held = hold_issued(invoice)
    if held.plan_chosen_by_id is None or limits_of(held) is None:
        raise WrongState("The plan of this invoice cannot be changed any more.")
    held.instalments.all().delete()
    held.plan_chosen_by = None
    recompute_now(held)
    record("invoices.planned", held, by=client, summary=f"No parts any more for {held}", **(trail or {}))


def _usual(invoice: Invoice, limits: Limits, count: int) -> Option | None:
    first = _usual_first(invoice, limits, count)
    if invoice.gross_minor - first < count - 1:
        return None
    return Option(count, tuple(_parts(invoice, limits, count, first)))


def _usual_first(invoice: Invoice, limits: Limits, count: int) -> int:
    return max(limits.first_minor, split(invoice.gross_minor, count)[0])


def _first(held: Invoice, limits: Limits, count: int, wanted: int | None) -> int:
    first = _usual_first(held, limits, count) if wanted is None else wanted
    if first < limits.first_minor:
        least = format_money(limits.first_minor, held.currency)
        raise NotValid(f"The first payment is at least {least}.", field="first_minor")
    if held.gross_minor - first < count - 1:
        raise NotValid("This leaves nothing for the other payments.", field="first_minor")
    return first


def _parts(invoice: Invoice, limits: Limits, count: int, first: int) -> list[Part]:
    assert invoice.due_on is not None
    amounts = [first, *split(invoice.gross_minor - first, count - 1)]
    return [
        Part(f"Payment {place + 1} of {count}", minor, due_on=_day(invoice.due_on, limits, place))
        for place, minor in enumerate(amounts)
    ]


def _day(due_on: date, limits: Limits, place: int) -> date:
    return due_on + timedelta(days=limits.days * place)
