"""When a claim is looked at again. All waits are in seconds."""

import random
from datetime import datetime, timedelta

from kit import clock
from tenants.agencies.models import AgencyState
from tenants.domains.models import Domain

LONGEST_DNS_WAIT = 4 * 3600
# Let's Encrypt's integration guide: a minute, ten, a hundred, then once a day.
ISSUE_WAITS = (60, 600, 6_000, 86_400)
DEPLOY_WAITS = (2, 5, 15, 60, 300)
DAY, HOUR = 86_400, 3_600
AT_ONCE = 200


def dns_wait(attempts: int) -> float:
    """How long after so many fruitless looks a pending claim's DNS is looked at again."""
    return float(min(60 * (1.05 if attempts < 10 else 1.15) ** min(attempts, 100), LONGEST_DNS_WAIT))


def issue_wait(attempts: int) -> float:
    """How long after the n-th refusal (from 1) the certificate authority is asked again."""
    return float(ISSUE_WAITS[min(attempts, len(ISSUE_WAITS)) - 1])


def deploy_wait(attempts: int) -> float:
    """How long after the n-th fruitless probe (from 1) the edges are asked again."""
    return float(DEPLOY_WAITS[min(attempts, len(DEPLOY_WAITS)) - 1])


def about(seconds: float) -> datetime:
    """That long from now, give or take a tenth, so that what began together does not stay together."""
    return clock.now() + timedelta(seconds=seconds * random.uniform(0.9, 1.1))


def after(seconds: float) -> datetime:
    """Exactly that long from now: what a certificate authority asked for is not shortened."""
    return clock.now() + timedelta(seconds=seconds)


def is_due(domain: Domain) -> bool:
    """Whether its next step may be tried now."""
    return domain.next_try_at is not None and domain.next_try_at <= clock.now()


def due(most: int = AT_ONCE) -> list[int]:
    """Claims whose turn it is, the longest waiting first; none of agencies that are gone."""
    found = Domain.objects.due().exclude(agency__state=AgencyState.GONE)
    return list(found.order_by("next_try_at").values_list("pk", flat=True)[:most])
