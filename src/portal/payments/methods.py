"""Ways to pay that were saved, with the words that were agreed to; and who somebody is at Stripe."""

from typing import TYPE_CHECKING

import stripe

from kit import clock
from portal.payments.models import Payment, SavedMethod, StripeCustomer
from portal.payments.stripe_account import stripe_of_agency
from portal.people.models import Client, Company

if TYPE_CHECKING:
    from portal.payments.truth import Truth


def customer_of(owner: Client | Company) -> StripeCustomer:
    """The owner's customer on the agency's account, made when there is none. Not inside a transaction.

    Raises:
        stripe.StripeError: it could not be made.
    """
    whose = {"client": owner} if isinstance(owner, Client) else {"company": owner}
    customer, _ = StripeCustomer.objects.get_or_create(**whose)
    if not customer.stripe_id:
        client, options = stripe_of_agency(f"customer:{customer.uid}")
        wanted: stripe.params.CustomerCreateParams = {"name": str(owner)[:100]}
        if isinstance(owner, Client):
            wanted["email"] = owner.email
        customer.stripe_id = client.v1.customers.create(wanted, options).id
        customer.save(update_fields=["stripe_id"])
    return customer


def keep(payment: Payment, truth: "Truth") -> None:
    """Remember the card or account that a payment saved. Any number of times."""
    customer = StripeCustomer.objects.filter(stripe_id=truth.customer_id or None).first()
    if customer is None or not truth.method.get("id"):
        return
    label, expires = _words(truth.method)
    words = {"customer": customer, "label": label, "expires": expires}
    words |= {"mandate_words": payment.mandate_words, "agreed_by": payment.client}
    SavedMethod.objects.get_or_create(stripe_id=truth.method["id"], defaults=words)


def remove(method: SavedMethod) -> None:
    """Never charge it again; at Stripe it is detached. Not inside a transaction.

    Raises:
        stripe.StripeError: Stripe could not be asked; here it is removed all the same.
    """
    SavedMethod.objects.filter(pk=method.pk, removed_at=None).update(removed_at=clock.now())
    client, options = stripe_of_agency()
    try:
        client.v1.payment_methods.detach(method.stripe_id, {}, options)
    except stripe.InvalidRequestError:
        return  # it is gone there already


def _words(method: dict[str, object]) -> tuple[str, str]:
    kind = str(method.get("type", ""))
    found = method.get(kind)
    shown = found if isinstance(found, dict) else {}
    name = str(shown.get("brand") or shown.get("bank_name") or kind.replace("_", " ")).title()
    last = shown.get("last4")
    expires = f"{shown['exp_month']:02d}/{shown['exp_year']}" if shown.get("exp_year") else ""
    return (f"{name} ending in {last}" if last else name)[:80], expires
