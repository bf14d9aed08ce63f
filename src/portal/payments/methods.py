"""Ways to pay that were saved, with the words that were agreed to; and who somebody is at Stripe."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import stripe
from django.db import transaction

from kit import clock
from kit.refused import Refused
from portal.payments.models import Payment, SavedMethod, StripeCustomer
from portal.payments.stripe_account import stripe_of_agency
from portal.people.models import Client, Company

if TYPE_CHECKING:
    from portal.payments.truth import Truth

# Why a method must stay, in a client's words; asked before one is removed.
Reliance = Callable[[SavedMethod], list[str]]
_relying: list[Reliance] = []


class ReliedOn(Refused):
    """Something is paid with it."""


def relies(reason: Reliance) -> Reliance:
    """Register a module's answer to "what is paid with this method?"; call it in AppConfig.ready."""
    _relying.append(reason)
    return reason


def reasons_to_stay(method: SavedMethod) -> list[str]:
    """What would not be paid any more without it, each a whole sentence."""
    return [words for reason in _relying for words in reason(method)]


def customer_of(owner: Client | Company, *, email: str = "") -> StripeCustomer:
    """The owner's customer on the agency's account, made when there is none. Not inside a transaction.

    Args:
        email: of who pays for a company: without one Stripe's form asks for it each time.

    Raises:
        stripe.StripeError: it could not be made.
    """
    whose = {"client": owner} if isinstance(owner, Client) else {"company": owner}
    customer, _ = StripeCustomer.objects.get_or_create(**whose)
    if not customer.stripe_id:
        email = owner.email if isinstance(owner, Client) else email
        # A key stands for one request: with another address it is another one.
        client, options = stripe_of_agency(f"customer:{customer.uid}:{email}"[:255])
        wanted: stripe.params.CustomerCreateParams = {"name": str(owner)[:100]}
        if email:
            wanted["email"] = email
        customer.stripe_id = client.v1.customers.create(wanted, options).id
        customer.save(update_fields=["stripe_id"])
    return customer


def keep(payment: Payment, truth: "Truth") -> None:
    """Remember the card or account that a payment saved. Any number of times."""
    note(
        truth.method,
        customer_id=truth.customer_id,
        words=payment.mandate_words,
        version=payment.mandate_version,
        agreed_by=payment.client,
    )


@transaction.atomic
def note(
    method: dict[str, Any], *, customer_id: str, words: str, version: str, agreed_by: Client | None
) -> SavedMethod | None:
    """Remember a method as Stripe has it; one that was agreed to becomes the one that is charged. Any number of
    times. None when the customer is not one of ours.
    """
    # The customer's row is held: of two that are saved at once one is the default.
    customers = StripeCustomer.objects.select_for_update()
    customer = customers.filter(stripe_id=customer_id).first() if customer_id else None
    if customer is None or not method.get("id"):
        return None
    known = SavedMethod.objects.filter(stripe_id=method["id"]).first()
    if known is not None and (known.mandate_words or known.removed_at or not words):
        return known
    found = known or SavedMethod(customer=customer, stripe_id=method["id"])
    found.label, found.expires = _words(method)
    found.mandate_words, found.mandate_version, found.agreed_by = words, version, agreed_by
    defaults = customer.methods.filter(is_default=True, removed_at=None)
    found.is_default = bool(words) or not defaults.exists()
    if found.is_default:
        defaults.update(is_default=False)
    found.save()
    return found


def follow(stripe_id: str) -> None:
    """What Stripe has of a method now: one that a subscription saved is listed, too, and one that was detached at
    Stripe is not charged any more. Not inside a transaction; any number of times.

    Raises:
        stripe.StripeError: Stripe could not be asked.
    """
    client, options = stripe_of_agency()
    method = client.v1.payment_methods.retrieve(stripe_id, {}, options).to_dict(for_json=True)
    if method.get("customer"):
        note(method, customer_id=str(method["customer"]), words="", version="", agreed_by=None)
        return
    for gone in SavedMethod.objects.filter(stripe_id=stripe_id, removed_at=None):
        _drop(gone)


@transaction.atomic
def make_default(method: SavedMethod) -> None:
    """Charge this one from now on. Twice is as good as once."""
    StripeCustomer.objects.select_for_update().get(pk=method.customer_id)
    others = SavedMethod.objects.filter(customer=method.customer_id, removed_at=None)
    if others.filter(pk=method.pk).exists():
        others.exclude(pk=method.pk).filter(is_default=True).update(is_default=False)
        others.filter(pk=method.pk).update(is_default=True)


def remove(method: SavedMethod) -> None:
    """Never charge it again; at Stripe it is detached. Not inside a transaction.

    Raises:
        ReliedOn: something is paid with it.
        stripe.StripeError: Stripe could not be asked; here it is removed all the same.
    """
    _forget(method)
    client, options = stripe_of_agency()
    try:
        client.v1.payment_methods.detach(method.stripe_id, {}, options)
    except stripe.InvalidRequestError:
        return  # it is gone there already


@transaction.atomic
def _forget(method: SavedMethod) -> None:
    StripeCustomer.objects.select_for_update().get(pk=method.customer_id)
    is_there = SavedMethod.objects.filter(pk=method.pk, removed_at=None).exists()
    if is_there and (reasons := reasons_to_stay(method)):
        raise ReliedOn(" ".join(reasons))
    _drop(method)


@transaction.atomic
def _drop(method: SavedMethod) -> None:
    """Under the customer's lock: there is always one that is charged, while there is any."""
    StripeCustomer.objects.select_for_update().get(pk=method.customer_id)
    held = SavedMethod.objects.filter(pk=method.pk, removed_at=None)
    if not held.update(removed_at=clock.now(), is_default=False):
        return
    others = SavedMethod.objects.filter(customer=method.customer_id, removed_at=None)
    newest = others.order_by("-pk").first()
    if newest is not None and not others.filter(is_default=True).exists():
        others.filter(pk=newest.pk).update(is_default=True)


def _words(method: dict[str, Any]) -> tuple[str, str]:
    kind = str(method.get("type", ""))
    found = method.get(kind)
    shown = found if isinstance(found, dict) else {}
    name = str(shown.get("brand") or shown.get("bank_name") or kind.replace("_", " ")).title()
    last = shown.get("last4")
    expires = f"{shown['exp_month']:02d}/{shown['exp_year']}" if shown.get("exp_year") else ""
    return (f"{name} ending in {last}" if last else name)[:80], expires
