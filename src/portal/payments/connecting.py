"""Connecting the agency's account at Stripe, and what its page says of it."""

from dataclasses import dataclass

from kit.refused import Refused
from portal.audit.operations import record
from portal.http import Request
from portal.links import console_link
from portal.payments.models import PaymentSettings
from portal.payments.queries import SETTINGS, load_settings
from portal.payments.stripe_account import NoCards
from portal.people.models import Staff
from tenants.agencies.current import current_agency
from tenants.gateway import accounts
from tenants.gateway.client import is_configured
from tenants.gateway.models import ConnectAccount


class NoCountry(Refused):
    """Stripe's form depends on it."""

    words = "Choose the country of your business first, and save."
    field = "country"


@dataclass(frozen=True)
class Standing:
    """How far the account is, in words. `tone` colours the badge."""

    word: str
    tone: str
    note: str
    do: str = ""  # words of the button; empty: none


_ABSENT = Standing(
    "Not available", "", "Card payments are not set up on this installation. Your clients pay by transfer."
)
_NOT_BEGUN = Standing(
    "Not connected",
    "",
    "Connect Stripe and your clients pay by card, wallet or direct debit, inside your portal. "
    "The money goes to your own account.",
    "Connect Stripe",
)
_ENDED = Standing(
    "Disconnected",
    "negative",
    "The connection was ended at Stripe. Nobody can pay by card; what was paid before stays in your books.",
    "Connect again",
)
_ASKED = Standing(
    "Active",
    "warning",
    "Your clients can pay by card. Stripe asks you for something, so that it stays so.",
    "Answer at Stripe",
)
_NO_PAYOUTS = Standing(
    "Active",
    "warning",
    "Your clients can pay by card. Stripe does not pay out to your bank yet.",
    "Go on at Stripe",
)
_ACTIVE = Standing("Active", "positive", "Your clients can pay by card inside your portal.")
_IN_REVIEW = Standing(
    "In review",
    "warning",
    "Stripe has all it asked for and looks at it. That usually takes minutes, at times two days.",
)
_UNFINISHED = Standing(
    "Not finished",
    "warning",
    "Stripe needs to know more before your clients can pay by card.",
    "Go on at Stripe",
)


def standing(account: ConnectAccount | None) -> Standing:
    """What is true of the account now, and what comes next."""
    if not is_configured():
        return _ABSENT
    if account is None or not account.stripe_account_id:
        return _NOT_BEGUN
    if account.deauthorized_at is not None:
        return _ENDED
    if account.charges_enabled:
        return _ASKED if account.due else _ACTIVE if account.payouts_enabled else _NO_PAYOUTS
    return _IN_REVIEW if account.in_review and not account.due else _UNFINISHED


def onboard(*, by: Staff, request: Request | None = None) -> str:
    """Make the account if there is none; where to send the person now: an address of Stripe's.

    Raises:
        NoCountry: the country is not chosen yet.
        NoCards: this installation has no key.
        tenants.gateway.accounts.StripeSaidNo: Stripe refused or did not answer.
    """
    agency, wanted = current_agency(), load_settings()
    if not is_configured():
        raise NoCards(_ABSENT.note)
    known = accounts.account_of(agency)
    if known is None and not wanted.country:
        raise NoCountry
    if known is not None and known.deauthorized_at is not None:
        accounts.start_over(agency)
    account = accounts.begin(agency, email=by.email, country=wanted.country, currency=wanted.currency)
    if known is None:
        record(
            "payments.connected",
            f"account:{account.pk}",
            by=by,
            summary="Began to connect Stripe",
            request=request,
        )
    return accounts.onboarding_link(
        account,
        return_url=console_link(agency, "payments:returned"),
        refresh_url=console_link(agency, "payments:continue"),
    )


def change_settings(
    *, by: Staff, currency: str, country: str, transfer_words: str, request: Request | None = None
) -> bool:
    """Save the agency's choices; whether anything changed."""
    before = load_settings()
    wanted = {"currency": currency, "country": country, "transfer_words": transfer_words}
    change = {n: [getattr(before, n), value] for n, value in wanted.items() if getattr(before, n) != value}
    if change:
        PaymentSettings.objects.update_or_create(pk=SETTINGS, defaults=wanted)
        record(
            "payments.settings",
            "payment_settings:1",
            by=by,
            summary="Changed how clients pay",
            change=change,
            request=request,
        )
    return bool(change)
