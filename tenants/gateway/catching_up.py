"""Events that never arrived: Stripe keeps its list for 30 days, we read it from where we stopped."""

import logging
from datetime import datetime, timedelta

import stripe
from stripe import RequestOptions

from kit import clock
from tenants.gateway import inbox
from tenants.gateway.client import stripe_client
from tenants.gateway.models import ConnectAccount, Endpoint, EventCursor

# What is listed may have happened a little before it appears in the list.
OVERLAP = timedelta(hours=1)
FIRST_READ = timedelta(days=2)
log = logging.getLogger(__name__)


def catch_up() -> int:
    """Read all accounts; how many events had been lost. One that cannot be read does not stop the others."""
    known = ConnectAccount.objects.exclude(stripe_account_id=None).filter(deauthorized_at=None)
    lost = 0
    for account in ["", *known.values_list("stripe_account_id", flat=True)]:
        try:
            lost += catch_up_with(account or "")
        except stripe.StripeError as error:
            log.warning("events of %s could not be listed: %s", account or "platform", type(error).__name__)
    return lost


def catch_up_with(account: str) -> int:
    """Read one account's list from its cursor into the inbox; how many were not there yet."""
    began = clock.now()
    cursor = EventCursor.objects.filter(account=account).first()
    since = cursor.read_until - OVERLAP if cursor else began - FIRST_READ
    endpoint = Endpoint.CONNECT if account else Endpoint.PLATFORM
    lost = sum(inbox.store(event, endpoint) for event in _listed(account, since))
    # Only now: a reading that broke off is done again from the start.
    EventCursor.objects.update_or_create(account=account, defaults={"read_until": began, "found_lost": lost})
    if lost:
        log.warning("%s events of %s had been lost", lost, account or "platform")
    return lost


def _listed(account: str, since: datetime) -> "list[dict[str, object]]":
    options: RequestOptions = {"stripe_account": account} if account else {}
    listed = stripe_client().v1.events.list(
        {"created": {"gte": int(since.timestamp())}, "limit": 100}, options
    )
    # Listed for an account, an event does not name it again.
    return [
        event.to_dict(for_json=True) | ({"account": account} if account else {})
        for event in listed.auto_paging_iter()
    ]
