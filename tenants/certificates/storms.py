"""What is due, worked off a bounded part at a time: many renewals at once must not crowd the CA or the workers."""

import time

from tenants.certificates import budgets, renewal_times, renewing
from tenants.certificates.issuing import Postponed
from tenants.certificates.locks import Busy, alone

# One job's time; the next one comes a minute after it began.
WORK_SECONDS = 45
MOST_RENEWALS, MOST_QUESTIONS = 30, 60


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
    renewed = 0
    for host in renewing.due()[:MOST_RENEWALS]:
        if time.monotonic() > until:
            break
        try:
            renewed += renewing.renew(host)
        except Postponed as postponed:
            # "busy" and a limit of this one name say nothing of the next name.
            if postponed.code not in ("busy", "rateLimited"):
                break
    return renewed


def _ask(until: float) -> int:
    asked = 0
    for bundle in renewal_times.to_ask(MOST_QUESTIONS):
        if time.monotonic() > until or not renewal_times.ask(bundle):
            break
        asked += 1
    return asked


def tidy() -> None:
    """Forget what no longer counts."""
    budgets.forget_old()
