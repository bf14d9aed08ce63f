"""What time alone changes: grace that ends, a lower plan that begins, a gift that is over, an event that was lost."""

from datetime import timedelta

from django.db.models import Q, QuerySet

from kit import clock
from tenants.agencies.models import AgencyState
from tenants.billing.models import LIVE, AgencySubscription
from tenants.billing.refreshing import refresh, settle
from tenants.gateway.client import is_configured

# Stripe says by itself when a period is over; so long after it we ask, should that have been lost.
SILENCE = timedelta(hours=2)
ASKED_EVERY = timedelta(hours=6)


def walk() -> int:
    """Let count what is due now; the number of agencies looked at."""
    ids = list(_due().values_list("agency_id", flat=True))
    for agency_id in ids:
        settle(agency_id)
    return len(ids)


def ask_again() -> int:
    """Refresh agencies of which Stripe should have told us something and did not; the number asked."""
    if not is_configured():
        return 0
    now = clock.now()
    silent = Q(period_end__lt=now - SILENCE) | Q(status="past_due")
    waiting = Q(refreshed_at__lt=now - ASKED_EVERY) | Q(refreshed_at__isnull=True)
    found = AgencySubscription.objects.filter(silent & waiting, status__in=LIVE)
    ids = list(found.values_list("agency_id", flat=True)[:200])
    for agency_id in ids:
        refresh(agency_id)
    return len(ids)


def _due() -> QuerySet[AgencySubscription]:
    now = clock.now()
    return AgencySubscription.objects.filter(
        Q(pending_from__lte=now)
        | Q(waiting_until__lte=now)
        | Q(past_due_since__isnull=False)
        | Q(comp_until__isnull=False)
        | Q(read_only_since__isnull=False)
    ).exclude(agency__state=AgencyState.GONE)
