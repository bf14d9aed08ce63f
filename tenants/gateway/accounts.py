"""Connected accounts: made for an agency (Accounts v2), set up by it at Stripe, looked at whenever there is a hint.

Stripe's words: https://docs.stripe.com/connect/accounts-v2.
"""

import logging
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import uuid4

import stripe
from django.db import transaction

from kit import clock
from kit.refused import Refused
from tenants.agencies.current import CurrentAgency, outside_agencies
from tenants.gateway import inbox
from tenants.gateway.client import stripe_client
from tenants.gateway.models import ConnectAccount, Endpoint, InboxEvent

INCLUDED: Any = ["configuration.merchant", "requirements", "identity", "defaults"]
COPIED = (
    "card_status", "charges_enabled", "payouts_enabled", "due", "in_review", "country", "currency", "refreshed_at",
)  # fmt: skip
log = logging.getLogger(__name__)
Answer = TypeVar("Answer")


class StripeSaidNo(Refused):
    """Stripe refused, or did not answer; the words are Stripe's where they are for people."""

    words = "Stripe does not answer at the moment. Please try again in a minute."


def asked_politely(call: Callable[[], Answer]) -> Answer:
    """What a call to Stripe answers, its refusals in words for people.

    Raises:
        StripeSaidNo: it refused, or did not answer.
    """
    try:
        return call()
    except stripe.InvalidRequestError as error:
        raise StripeSaidNo(error.user_message or str(error)) from error
    except stripe.StripeError as error:
        log.warning("stripe: %s", type(error).__name__)
        raise StripeSaidNo from error


def account_of(agency: CurrentAgency) -> ConnectAccount | None:
    """The agency's account, whatever its state."""
    with outside_agencies():
        return ConnectAccount.objects.filter(agency=agency.id).first()


def begin(agency: CurrentAgency, *, email: str, country: str, currency: str) -> ConnectAccount:
    """Make the agency's account at Stripe if there is none; country (ISO 3166) and currency are for good.

    Raises:
        StripeSaidNo: nothing was made; it can be tried again.
    """
    with outside_agencies():
        account = _row(agency, country, currency)
        if not account.stripe_account_id:
            # Stripe replays the answer to a key: one account, however often this is tried.
            made = asked_politely(lambda: _create(account, agency, email))
            account.stripe_account_id = made.id
            _copy(made.to_dict(), account)
            account.save(update_fields=["stripe_account_id", *COPIED])
            # Its first events may have been faster than this row.
            inbox.unpark(made.id)
        return account


def onboarding_link(account: ConnectAccount, *, return_url: str, refresh_url: str) -> str:
    """Where the agency sets its account up: an address of Stripe's, good once and for minutes.

    Raises:
        StripeSaidNo: there is none at the moment.
    """
    onboarding = {
        "configurations": ["merchant"],
        "return_url": return_url,
        "refresh_url": refresh_url,
        "collection_options": {"fields": "eventually_due"},
    }
    use_case: Any = {"type": "account_onboarding", "account_onboarding": onboarding}
    wanted: Any = {"account": account.stripe_account_id, "use_case": use_case}
    return str(asked_politely(lambda: stripe_client().v2.core.account_links.create(wanted)).url)


def refresh(account: ConnectAccount) -> ConnectAccount:
    """Copy what Stripe says of the account now.

    Raises:
        stripe.StripeError: it could not be asked.
    """
    if not account.stripe_account_id or account.deauthorized_at is not None:
        return account
    # Outside a transaction: nobody waits for us while we wait for Stripe.
    found = stripe_client().v2.core.accounts.retrieve(account.stripe_account_id, {"include": INCLUDED})
    with outside_agencies():
        _copy(found.to_dict(), account)
        # What else became of the row while we waited stays, e.g. that the account was taken away.
        account.save(update_fields=COPIED)
    return account


def refresh_all() -> None:
    """Every account; one that cannot be read does not stop the others."""
    for account in ConnectAccount.objects.exclude(stripe_account_id=None).filter(deauthorized_at=None):
        try:
            refresh(account)
        except stripe.StripeError as error:
            log.warning("account of agency %s: %s", account.agency_id, type(error).__name__)


def start_over(agency: CurrentAgency) -> None:
    """Forget an account that was taken away from us, so that another can be connected.

    Its payments can no longer be looked at; what the ledger holds of them stays.
    """
    with outside_agencies():
        gone = ConnectAccount.objects.filter(agency=agency.id, deauthorized_at__isnull=False)
        gone.update(
            uid=uuid4(), stripe_account_id=None, deauthorized_at=None, charges_enabled=False,
            payouts_enabled=False, card_status="", due=[], in_review=False, hosts=[], refreshed_at=None,
        )  # fmt: skip


@inbox.hears("account.updated", Endpoint.CONNECT)
def account_changed(event: InboxEvent) -> None:
    """The event of the older API: a hint like any other."""
    _refresh_known(event.account)


@inbox.hears("v2.core.account", Endpoint.CONNECT)
@inbox.hears("v2.core.account", Endpoint.PLATFORM)
def account_changed_v2(event: InboxEvent) -> None:
    """Thin events name the account and say nothing else; Stripe may send them to either endpoint."""
    related = event.payload.get("related_object") or {}
    is_account = related.get("type") == "v2.core.account"
    _refresh_known(str(related.get("id", "")) if is_account else event.account)


@inbox.hears("account.application.deauthorized", Endpoint.CONNECT)
def account_taken_away(event: InboxEvent) -> None:
    """No new payments from now on; what was paid before can still be refunded and disputed there."""
    with outside_agencies():
        known = ConnectAccount.objects.filter(stripe_account_id=event.account, deauthorized_at=None)
        known.update(deauthorized_at=clock.now(), charges_enabled=False)


def _refresh_known(account_id: str) -> None:
    with outside_agencies():
        account = ConnectAccount.objects.filter(stripe_account_id=account_id or None).first()
    if account is not None:
        refresh(account)


@transaction.atomic
def _row(agency: CurrentAgency, country: str, currency: str) -> ConnectAccount:
    wanted = {"country": country, "currency": currency}
    account, is_new = ConnectAccount.objects.select_for_update().get_or_create(
        agency_id=agency.id, defaults=wanted
    )
    if (
        not is_new
        and not account.stripe_account_id
        and (account.country, account.currency) != (country, currency)
    ):
        # Stripe replays errors as well: another wish needs another key.
        account.country, account.currency, account.uid = country, currency, uuid4()
        account.save(update_fields=["country", "currency", "uid"])
    return account


def _create(account: ConnectAccount, agency: CurrentAgency, email: str) -> Any:
    merchant = {"capabilities": {"card_payments": {"requested": True}}}
    # Direct charges: the agency is the merchant, pays Stripe's fees and bears its own losses.
    responsibilities = {"fees_collector": "stripe", "losses_collector": "stripe"}
    wanted: Any = {
        "display_name": agency.name,
        "contact_email": email,
        "dashboard": "full",
        "identity": {"country": account.country.lower()},
        "configuration": {"merchant": merchant},
        "defaults": {"currency": account.currency.lower(), "responsibilities": responsibilities},
        "include": INCLUDED,
    }
    return stripe_client().v2.core.accounts.create(wanted, {"idempotency_key": f"account:{account.uid}"})


def _copy(found: dict[str, Any], account: ConnectAccount) -> None:
    capabilities = _at(found, "configuration", "merchant", "capabilities")
    account.card_status = _at(capabilities, "card_payments").get("status") or ""
    account.charges_enabled = account.card_status == "active" and not found.get("closed")
    # Not every account has it as a capability of its own: then payouts go with payments.
    payouts = _at(capabilities, "stripe_balance", "payouts").get("status")
    account.payouts_enabled = payouts == "active" if payouts else account.charges_enabled
    entries = _at(found, "requirements").get("entries") or []
    account.due = sorted({e.get("description", "") for e in entries if _is_due(e)})
    account.in_review = any(e.get("awaiting_action_from") == "stripe" for e in entries)
    account.country = (_at(found, "identity").get("country") or account.country).upper()
    account.currency = (_at(found, "defaults").get("currency") or account.currency).upper()
    account.refreshed_at = clock.now()


def _is_due(entry: dict[str, Any]) -> bool:
    if entry.get("awaiting_action_from") == "stripe":
        return False
    return _at(entry, "minimum_deadline").get("status") in ("currently_due", "past_due")


def _at(found: dict[str, Any], *names: str) -> dict[str, Any]:
    for name in names:
        found = found.get(name) or {}
    return found
