"""Quotes as staff write them: drafted, sent, changed by a new version, withdrawn."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypedDict, Unpack

from django.db import transaction

from kit import clock
from kit.refused import NotValid, WrongState
from kit.typed import apply, check_fields
from modules.invoices import emails
from modules.invoices.models import InvoiceSettings, OnAcceptance, Quote, QuoteState, Series
from modules.invoices.models.invoices import party
from modules.invoices.operations.checks import reason_of
from modules.invoices.operations.drafting import LineFields
from modules.invoices.operations.issuing import NotComplete, buyer_of
from modules.invoices.operations.patterns import copy_pattern, new_pattern, write_pattern
from portal.agency import current_agency
from portal.audit.operations import Trail, record
from portal.events import publish
from portal.people.models import Client, Company, Staff

DAYS_VALID = 30
LONGEST = timedelta(days=3660)


class QuoteFields(TypedDict, total=False):
    """What staff decide about a quote. Left out: as it was, or the agency's default."""

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
    valid_until: date
    on_acceptance: str


class Sent(WrongState):
    """The quote is out, so its content stays."""

    words = "This quote is sent, so it stays as it is. Write a new version to change it."


def hold_quote(quote: Quote) -> Quote:
    """The quote as it is now, held until the transaction ends. Taken before anything else is locked."""
    held: Quote = (
        Quote.objects.select_for_update(of=("self",))
        .select_related("company", "client", "pattern", "invoice")
        .get(pk=quote.pk)
    )
    return held


@transaction.atomic
def create_quote(
    *,
    owner: Company | Client,
    by: Staff | None,
    lines: Sequence[LineFields] = (),
    trail: Trail | None = None,
    **fields: Unpack[QuoteFields],
) -> Quote:
    """Write a quote for a company or a lone client. Nobody outside sees it before it is sent.

    Raises:
        NotValid: a value is refused; `field` says which.
    """
    quote = Quote(
        company=owner if isinstance(owner, Company) else None,
        client=owner if isinstance(owner, Client) else None,
        valid_until=current_agency().today() + timedelta(days=DAYS_VALID),
        made_by=by,
    )
    own, content = _apart(fields)
    _set(quote, own)
    quote.pattern = new_pattern()
    write_pattern(quote.pattern, content, lines)
    quote.pattern_id = quote.pattern.pk
    quote.save()
    record("invoices.quote_drafted", quote, by=by, summary=f"Wrote the {quote}", **(trail or {}))
    return quote


@transaction.atomic
def edit_quote(
    quote: Quote,
    *,
    by: Staff | None,
    lines: Sequence[LineFields] | None = None,
    trail: Trail | None = None,
    **fields: Unpack[QuoteFields],
) -> Quote:
    """Change what is given of a draft; `lines` replaces all of them.

    Raises:
        NotValid: a value is refused; `field` says which.
        Sent: it is out.
    """
    held = _hold_draft(quote)
    own, content = _apart(fields)
    change = _set(held, own) | write_pattern(held.pattern, content, lines)
    held.save()
    if change:
        record("invoices.quote_edited", held, by=by, summary=f"Changed the {held}", change=change,
               **(trail or {}))  # fmt: skip
    return held


@transaction.atomic
def delete_quote(quote: Quote, *, by: Staff | None, trail: Trail | None = None) -> None:
    """Throw a draft away.

    Raises:
        Sent: it is out; withdraw it.
    """
    held = _hold_draft(quote)
    record("invoices.quote_deleted", held, by=by, summary=f"Deleted the {held}", **(trail or {}))
    pattern = held.pattern
    held.delete()
    pattern.delete()


@transaction.atomic
def send_quote(
    quote: Quote,
    *,
    by: Staff | None,
    at: datetime | None = None,
    send_mail: bool = True,
    trail: Trail | None = None,
) -> Quote:
    """Give it its number, freeze it and mail it. Twice is as good as once.

    A newer version takes the number of the one it replaces, which can no longer be accepted.

    Args:
        at: another moment than now, for the demo.

    Raises:
        NotComplete: no line, or the agency's own name, address and country are missing.
        NotValid: it would not hold for a single day.
        WrongState: the version before was accepted meanwhile.
    """
    # The older version first, as everybody who answers it does: two locks, always in one order.
    before = hold_quote(quote.replaces) if quote.replaces else None
    held = hold_quote(quote)
    if held.is_sent:
        return held
    moment = at or clock.now()
    settings, today = InvoiceSettings.load(), moment.astimezone(current_agency().tzinfo).date()
    _check(held, settings, today)
    _take_number(held, before, today)
    held.pattern.frozen_at = moment
    held.pattern.save(update_fields=["frozen_at"])
    held.seller, held.buyer = party(settings), buyer_of(held)
    held.sent_on, held.sent_at, held.state = today, moment, QuoteState.SENT
    held.save()
    record("invoices.quote_sent", held, by=by, summary=f"Sent quote {held}", **(trail or {}))
    publish("invoices.quote_sent", quote_id=held.pk)
    if send_mail:
        emails.tell_quote_sent(held)
    return held


@transaction.atomic
def new_version(quote: Quote, *, by: Staff | None, trail: Trail | None = None) -> Quote:
    """A draft with the same content that replaces the quote when it is sent. Until then the old one holds.

    Raises:
        WrongState: it is a draft itself, accepted, or has a newer version.
    """
    held = hold_quote(quote)
    if held.state == QuoteState.DRAFT:
        raise WrongState("This is still a draft. Change it as it is.")
    if held.state == QuoteState.ACCEPTED:
        raise WrongState("This quote is accepted. Write a new one for what comes on top.")
    if Quote.objects.filter(replaces=held).exists():
        raise WrongState("There is a newer version already.")
    newer = Quote.objects.create(
        company=held.company,
        client=held.client,
        private_to=held.private_to,
        pattern=copy_pattern(held.pattern),
        version=held.version + 1,
        replaces=held,
        valid_until=max(held.valid_until, current_agency().today() + timedelta(days=DAYS_VALID)),
        on_acceptance=held.on_acceptance,
        made_by=by,
    )
    summary = f"Began version {newer.version} of quote {held.number}"
    record("invoices.quote_versioned", newer, by=by, summary=summary, **(trail or {}))
    return newer


@transaction.atomic
def withdraw_quote(quote: Quote, *, reason: str, by: Staff | None, trail: Trail | None = None) -> Quote:
    """Take a sent quote back before it is answered. Twice is as good as once.

    Raises:
        WrongState: it is a draft, or answered.
        NotValid: no reason.
    """
    held = hold_quote(quote)
    if held.state == QuoteState.WITHDRAWN:
        return held
    if held.state != QuoteState.SENT:
        raise WrongState("Only a quote that waits for an answer can be withdrawn.")
    words = reason_of(reason)
    held.state = QuoteState.WITHDRAWN
    held.save(update_fields=["state"])
    record(
        "invoices.quote_withdrawn", held, by=by, summary=f"Withdrew quote {held}: {words}", **(trail or {})
    )
    emails.tell_quote_withdrawn(held, words)
    return held


def mark_quote_viewed(quote: Quote) -> None:
    """Remember that a client has opened it; the first time counts."""
    if quote.viewed_at is None:
        Quote.objects.filter(pk=quote.pk, viewed_at__isnull=True).update(viewed_at=clock.now())


def _take_number(held: Quote, before: Quote | None, today: date) -> None:
    if before is None:
        _, held.number = Series.of(Series.Kind.QUOTE).take(today.year)
        return
    if before.state == QuoteState.ACCEPTED:
        raise WrongState("The version before was accepted meanwhile, so this one is not needed.")
    if before.state == QuoteState.SENT:
        before.state = QuoteState.REPLACED
        before.save(update_fields=["state"])
    held.number, held.version = before.number, before.version + 1


def _hold_draft(quote: Quote) -> Quote:
    held = hold_quote(quote)
    if held.is_sent:
        raise Sent
    return held


def _apart(fields: QuoteFields) -> tuple[dict[str, Any], dict[str, Any]]:
    """The quote's own fields, and those of its content."""
    own = {name: value for name, value in fields.items() if name in ("valid_until", "on_acceptance")}
    return own, {name: value for name, value in fields.items() if name not in own}


def _set(quote: Quote, own: dict[str, Any]) -> dict[str, list[Any]]:
    change = apply(quote, own)
    check_fields(quote, ["valid_until", "on_acceptance"])
    if quote.valid_until > current_agency().today() + LONGEST:
        raise NotValid("Choose a day within ten years.", field="valid_until")
    return change


def _check(held: Quote, settings: InvoiceSettings, today: date) -> None:
    if not settings.is_complete:
        raise NotComplete(
            "Your own name, address and country are missing. Fill them in under “Invoice settings” first."
        )
    if not held.pattern.lines.exists():
        raise NotComplete("Add a line first: what you offer, and what it costs.")
    if held.valid_until < today:
        raise NotValid("The last day is over. Choose today or later.", field="valid_until")


__all__ = ["DAYS_VALID", "OnAcceptance", "QuoteFields", "Sent"]
