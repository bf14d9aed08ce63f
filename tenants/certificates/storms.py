"""What is due, worked off a bounded part at a time: many renewals at once must not crowd the CA or the workers."""

import time
from datetime import timedelta

from kit import clock
from kit.locks import Busy, alone
from tenants.certificates import authorities, budgets, renewal_times, renewing
from tenants.certificates.issuing import Postponed
from tenants.certificates.models import Challenge, Order, OrderState

# One job's time; the next one comes a minute after it began.
WORK_SECONDS = 45
MOST_RENEWALS, MOST_QUESTIONS = 30, 60
# A limit may be of one name only; so many in a row are of our account.
MOST_LIMITED = 3
# How long operators can look an order up. CAs keep theirs for a week.
KEPT = timedelta(days=90)


def work_off() -> tuple[int, int]:
    """Renew what is due and ask about what may become due; how many of each. One process at a time does it.

    When the CA itself is in trouble the rest is left for the next minute: one question tells as much as many.
    """
    try:
        with alone("renewals"):
            until = time.monotonic() + WORK_SECONDS
            return _renew(until), _ask(until)
    except Busy:
        return 0, 0


def _renew(until: float) -> int:
    renewed = limited = 0
    for host in renewing.due()[:MOST_RENEWALS]:
        if time.monotonic() > until:
            break
        try:
            renewed += renewing.renew(host)
        except Postponed as postponed:
            limited += postponed.code == "rateLimited"
            if _is_of_all(postponed) or limited >= MOST_LIMITED:
                break
    return renewed


def _is_of_all(postponed: Postponed) -> bool:
    """Whether the next name would hear the same."""
    if postponed.code == "rateLimited":
        return all(budgets.is_spent(authority.directory) for authority in authorities.in_order())
    return postponed.code != "busy"


def _ask(until: float) -> int:
    asked = 0
    for bundle in renewal_times.to_ask(MOST_QUESTIONS):
        if time.monotonic() > until or not renewal_times.ask(bundle):
            break
        asked += 1
    return asked


def tidy() -> None:
    """Forget what no longer counts: allowances that are whole, orders and answers of long ago."""
    budgets.forget_old()
    Order.objects.exclude(state=OrderState.OPEN).filter(ended_at__lt=clock.now() - KEPT).delete()
    Challenge.objects.filter(created_at__lt=clock.now() - KEPT).delete()
