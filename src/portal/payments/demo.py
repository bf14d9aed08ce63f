"""The demo's agencies can be paid: their accounts at the simulator are set up, as their owners would have done it."""

import json
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import stripe
from django.conf import settings

from portal.payments.models import PaymentSettings
from portal.payments.queries import SETTINGS
from tenants.agencies.current import CurrentAgency, outside_agencies
from tenants.gateway import accounts
from tenants.gateway.client import is_configured
from tenants.gateway.models import ConnectAccount

SECONDS = 10
_WORDS = """{name}
IBAN DE89 3704 0044 0532 0130 00, BIC COBADEFFXXX
Please write the invoice number as the reference."""


def furnish(agency: CurrentAgency) -> None:
    """What the owner has chosen on the page Payments. Inside the agency."""
    words = {"country": "DE", "currency": "EUR", "transfer_words": _WORDS.format(name=agency.name)}
    PaymentSettings.objects.update_or_create(pk=SETTINGS, defaults=words)


def connect(agency: CurrentAgency, email: str) -> bool:
    """Have an account that can be paid, at the simulator only; whether there is one. Not inside a transaction."""
    if not is_configured() or urlsplit(settings.STRIPE_API_BASE).hostname not in ("127.0.0.1", "localhost"):
        return False
    known = accounts.account_of(agency)
    if known is not None and not _is_there(known):
        with outside_agencies():
            known.delete()  # a simulator that began anew
    account = accounts.begin(agency, email=email, country="DE", currency="EUR")
    if not account.charges_enabled:
        _set_up(str(account.stripe_account_id))
        accounts.refresh(account)
    return account.charges_enabled


def _is_there(account: ConnectAccount) -> bool:
    try:
        accounts.refresh(account)
    except stripe.StripeError:
        return False
    return True


def _set_up(account_id: str) -> None:
    body = json.dumps({"account": account_id, "status": "active"}).encode()
    url = f"{settings.STRIPE_API_BASE}/_control/onboard"
    with urlopen(Request(url, body, {"Content-Type": "application/json"}), timeout=SECONDS):
        pass
