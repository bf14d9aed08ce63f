"""Agreeing to automatic payment, ending it, and what the agency wants of it."""

from django.db import transaction

from kit import clock
from kit.refused import NotValid, WrongState
from modules.invoices.models import Autopay, Invoice, Mandate, PayingTerms, Policy
from modules.invoices.operations.checks import NotAllowed, hold_issued
from modules.invoices.queries import autopay as queries
from modules.invoices.queries.people import may_pay
from portal.audit.operations import Trail, record
from portal.payments.models import Payment
from portal.payments.queries import owners_of
from portal.people.models import Client, Company, Staff

MOST_PARTS = 24


class Required(WrongState):
    """The agency wants it, so only the agency ends it."""

    words = "Automatic payment is part of what was agreed. Write to us if you want to end it."


@transaction.atomic
def agree(
    invoice: Invoice, *, client: Client, payment: Payment | None = None, trail: Trail | None = None
) -> Mandate:
    """Have an invoice (or, where that holds for the client, all its owner's invoices) paid by itself.

    Args:
        payment: the checkout with which it is agreed to; it holds when that is paid.

    Raises:
        NotAllowed: this client may not pay it.
        WrongState: it is not offered.
    """
    if not may_pay(invoice, client):
        raise NotAllowed
    held = hold_issued(invoice)
    policy, covers_all = queries.policy_of(held)
    if policy == Policy.OFF:
        raise WrongState("Automatic payment is not offered for this invoice.")
    Autopay.objects.filter(invoice=held).update(is_off=False)
    known = queries.mandate_for(held)
    if known is not None:
        return known
    words = queries.words_for(held, covers_all=covers_all, is_required=policy == Policy.REQUIRED)
    mandate = Mandate.objects.create(
        company=held.company,
        client=held.client,
        invoice=None if covers_all else held,
        words=words,
        version=queries.MANDATE_VERSION,
        agreed_by=client,
        payment=payment,
    )
    record("invoices.autopay_agreed", held, by=client, summary=f"Agreed to: {words}", **(trail or {}))
    return mandate


@transaction.atomic
def agree_to_all(owner: Company | Client, *, client: Client, trail: Trail | None = None) -> Mandate:
    """Have all invoices of an owner paid by themselves. Twice is as good as once.

    Raises:
        NotAllowed: this client does not pay for this owner.
        WrongState: it is not offered.
    """
    if owner not in owners_of(client):
        raise NotAllowed
    type(owner).objects.select_for_update().get(pk=owner.pk)
    policy = queries.owner_policy(owner)
    if policy == Policy.OFF:
        raise WrongState("Automatic payment is not offered.")
    known = queries.mandate_of(owner)
    if known is not None:
        return known
    words = queries.owner_words(owner, is_required=policy == Policy.REQUIRED)
    mandate = Mandate.objects.create(
        company=owner if isinstance(owner, Company) else None,
        client=owner if isinstance(owner, Client) else None,
        words=words,
        version=queries.MANDATE_VERSION,
        agreed_by=client,
    )
    record("invoices.autopay_agreed", mandate, by=client, summary=f"Agreed to: {words}", **(trail or {}))
    return mandate


@transaction.atomic
def end(invoice: Invoice, *, by: Client | Staff, trail: Trail | None = None) -> None:
    """No automatic payment of this invoice any more; other invoices go on as agreed. Twice is as good as once.

    Raises:
        NotAllowed: this client may not pay it.
        Required: the agency wants it; staff may end it.
    """
    if isinstance(by, Client) and not may_pay(invoice, by):
        raise NotAllowed
    held = hold_issued(invoice)
    if isinstance(by, Client) and queries.policy_of(held)[0] == Policy.REQUIRED:
        raise Required
    _end(Mandate.objects.filter(invoice=held, ended_at=None), by)
    if queries.mandate_for(held) is not None:
        Autopay.objects.update_or_create(invoice=held, defaults={"is_off": True})
    summary = f"Switched automatic payment of {held} off"
    record("invoices.autopay_ended", held, by=by, summary=summary, **(trail or {}))


@transaction.atomic
def end_for_all(owner: Company | Client, *, by: Client | Staff, trail: Trail | None = None) -> None:
    """Take the agreement for all invoices of an owner back. Twice is as good as once.

    Raises:
        NotAllowed: this client does not pay for this owner.
        Required: the agency wants it; staff may end it.
    """
    if isinstance(by, Client):
        if owner not in owners_of(by):
            raise NotAllowed
        if queries.owner_policy(owner) == Policy.REQUIRED:
            raise Required
    mandate = queries.mandate_of(owner)
    if mandate is None:
        return
    _end(Mandate.objects.filter(pk=mandate.pk), by)
    summary = f"Switched automatic payment of all invoices to {owner} off"
    record("invoices.autopay_ended", mandate, by=by, summary=summary, **(trail or {}))


@transaction.atomic
def set_terms(
    owner: Company | Client, *, autopay: str, by: Staff | None, trail: Trail | None = None
) -> PayingTerms:
    """What holds for one client's invoices from now on; "" is what holds for all.

    Raises:
        NotValid: there is no such choice.
    """
    policy = _policy(autopay)
    company = owner if isinstance(owner, Company) else None
    client = owner if isinstance(owner, Client) else None
    terms, _ = PayingTerms.objects.get_or_create(company=company, client=client)
    before, terms.autopay = terms.autopay, policy
    terms.save(update_fields=["autopay"])
    if before != policy:
        record("invoices.terms_changed", terms, by=by, summary=f"Changed how {owner} pays",
               change={"autopay": [before, policy]}, **(trail or {}))  # fmt: skip
    return terms


@transaction.atomic
def set_ways(
    invoice: Invoice,
    *,
    autopay: str,
    plan_parts: int | None,
    plan_first_percent: int | None,
    by: Staff | None,
    trail: Trail | None = None,
) -> Invoice:
    """How one invoice may be paid, instead of what holds for its client or for all: "" and None.

    Raises:
        NotValid: a value is out of range.
    """
    held: Invoice = Invoice.objects.select_for_update(of=("self",)).get(pk=invoice.pk)
    fields = {
        "autopay": _policy(autopay),
        "plan_parts": _within(plan_parts, 0, MOST_PARTS, "plan_parts"),
        "plan_first_percent": _within(plan_first_percent, 0, 90, "plan_first_percent"),
    }
    change = {name: [getattr(held, name), new] for name, new in fields.items() if getattr(held, name) != new}
    for name, new in fields.items():
        setattr(held, name, new)
    held.save(update_fields=list(fields))
    if change:
        record("invoices.ways_changed", held, by=by, summary=f"Changed how {held} may be paid",
               change=change, **(trail or {}))  # fmt: skip
    return held


def _end(mandates: object, by: Client | Staff) -> None:
    who = {"ended_by_client": by} if isinstance(by, Client) else {"ended_by_staff": by}
    mandates.update(ended_at=clock.now(), **who)  # type: ignore[attr-defined]


def _policy(text: str) -> str:
    if text and text not in Policy.values:
        raise NotValid("Choose one of the list.", field="autopay")
    return text


def _within(number: int | None, least: int, most: int, field: str) -> int | None:
    if number is not None and not least <= number <= most:
        raise NotValid(f"Choose a number from {least} to {most}.", field=field)
    return number
