"""Saving a card or account without paying: a Checkout Session in setup mode, shown inside our page."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import stripe
from django.db import transaction

from kit import clock
from kit.refused import Refused
from portal.audit.operations import record
from portal.http import Request
from portal.links import portal_link
from portal.payments import methods
from portal.payments.mandates import VERSION, keeping_words
from portal.payments.methods import customer_of
from portal.payments.models import SavedMethod, Saving
from portal.payments.queries import can_take_cards, default_currency
from portal.payments.stripe_account import NoCards, stripe_of_agency
from portal.people.models import Client, Company
from tenants.agencies.current import current_agency
from tenants.gateway.accounts import asked_politely

GIVEN_UP = timedelta(hours=26)  # Stripe ends a session after a day
AT_ONCE = 100


def begin(
    *, client: Client, company: Company | None, return_path: str, request: Request | None = None
) -> Saving:
    """Commit an attempt and open its session. Not inside a transaction.

    Raises:
        Refused: no cards here, or Stripe does not answer.
    """
    if not can_take_cards():
        raise NoCards
    saving = Saving(
        client=client,
        company=company,
        mandate_words=keeping_words(),
        mandate_version=VERSION,
        return_path=return_path[:300],
    )
    with transaction.atomic(durable=True):
        saving.save(force_insert=True)
    session = asked_politely(lambda: _create(saving))
    Saving.objects.filter(pk=saving.pk).update(session_id=session.id)
    saving.refresh_from_db()
    return saving


def finish(uid: UUID | str, *, request: Request | None = None) -> Saving:
    """Take over what the session saved; any number of times. Not inside a transaction.

    Raises:
        Saving.DoesNotExist: there is no such attempt in this agency.
        NoCards, stripe.StripeError: Stripe could not be asked.
    """
    saving = Saving.objects.select_related("client", "company").get(uid=uid)
    if not saving.session_id or saving.state != Saving.State.OPEN:
        return saving
    session = _session(saving.session_id)
    intent = session.get("setup_intent")
    if session["status"] == "complete" and isinstance(intent, dict) and intent["status"] == "succeeded":
        _keep(saving, intent, request)
    elif session["status"] == "expired":
        Saving.objects.filter(pk=saving.pk, state=Saving.State.OPEN).update(state=Saving.State.EXPIRED)
    saving.refresh_from_db()
    return saving


def secret_of(saving: Saving) -> tuple[str, str]:
    """The session's status and, while it is open, the secret with which the browser shows it.

    Raises:
        NoCards, stripe.StripeError: Stripe could not be asked.
    """
    client, options = stripe_of_agency()
    session = client.v1.checkout.sessions.retrieve(str(saving.session_id), {}, options)
    return str(session.status), session.client_secret or ""


def finish_open() -> int:
    """Look at attempts that are still open; how many ended. Those that nobody can finish any more expire."""
    waiting = Saving.objects.filter(state=Saving.State.OPEN)
    waiting.filter(session_id=None, created_at__lte=clock.now() - GIVEN_UP).update(state=Saving.State.EXPIRED)
    ended = 0
    for saving in waiting.exclude(session_id=None).order_by("created_at")[:AT_ONCE]:
        with _spared():
            ended += finish(saving.uid).state != Saving.State.OPEN
    return ended


@transaction.atomic
def _keep(saving: Saving, intent: dict[str, Any], request: Request | None) -> None:
    held = Saving.objects.select_for_update().get(pk=saving.pk)
    if held.state != Saving.State.OPEN:
        return
    method = methods.note(
        intent["payment_method"],
        customer_id=str(intent["customer"]),
        words=held.mandate_words,
        version=held.mandate_version,
        agreed_by=held.client,
    )
    held.state, held.method = Saving.State.SAVED, method
    held.save(update_fields=["state", "method"])
    if method is not None:
        _record(saving, method, request)


def _record(saving: Saving, method: SavedMethod, request: Request | None) -> None:
    whose = f" for {saving.company}" if saving.company else ""
    summary = f"Saved {method.label}{whose} and agreed to: {saving.mandate_words}"
    record("payments.method_saved", f"savedmethod:{method.pk}", by=saving.client, summary=summary,
           request=request)  # fmt: skip


def _create(saving: Saving) -> Any:
    metadata = {"saving": str(saving.uid)}
    customer = customer_of(saving.owner, email=saving.client.email).stripe_id
    client, options = stripe_of_agency(f"saving:{saving.uid}")
    params: Any = {
        "mode": "setup",
        "ui_mode": "embedded_page",
        "currency": default_currency().lower(),
        "customer": customer,
        "return_url": portal_link(current_agency(), "payments:saved", saving.uid),
        "client_reference_id": str(saving.uid),
        "metadata": metadata,
        "setup_intent_data": {"metadata": metadata},
    }
    return client.v1.checkout.sessions.create(params, options)


def _session(session_id: str) -> dict[str, Any]:
    client, options = stripe_of_agency()
    expand: Any = {"expand": ["setup_intent.payment_method"]}
    return client.v1.checkout.sessions.retrieve(session_id, expand, options).to_dict(for_json=True)


@contextmanager
def _spared() -> Iterator[None]:
    """One that cannot be read does not stop the others."""
    try:
        yield
    except (stripe.StripeError, Refused):
        return
