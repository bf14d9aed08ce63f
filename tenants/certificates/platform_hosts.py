"""Certificates of the platform's own hosts, one for each, where there is no wildcard (PLATFORM_TLS=per-host).

A CA gives fifty new ones a week for one registered domain: an installation that grows faster takes a wildcard.
"""

from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.core.cache import cache

from kit import clock
from kit.locks import Busy, alone
from tenants.agencies.models import Agency
from tenants.certificates import bundles
from tenants.certificates.issuing import Postponed, Rejected, issue
from tenants.certificates.models import Bundle, Order, OrderState
from tenants.routing.resolve import CONSOLE_LABEL

log = structlog.get_logger()
# An order may take a minute, and a job has two.
MOST_AT_ONCE = 20
SECONDS_FOR_ALL = 45.0
AFTER_A_NO = (timedelta(minutes=1), timedelta(minutes=10), timedelta(minutes=100), timedelta(days=1))
WAIT = "certificates.platform_hosts.wait"


def hosts() -> list[str]:
    """The platform, the console, and every agency's default address; those that should have a certificate."""
    if settings.PLATFORM_TLS != "per-host":
        return []
    labels = Agency.objects.reachable().order_by("pk").values_list("slug", flat=True)
    platform = settings.PORTICO_HOST
    return [platform, *(f"{label}.{platform}" for label in (CONSOLE_LABEL, *labels))]


def is_kept(host: str) -> bool:
    """Whether the certificate of this host is one of the platform's own and to be renewed."""
    if settings.PLATFORM_TLS != "per-host":
        return False
    label, _, rest = host.partition(".")
    if host == settings.PORTICO_HOST:
        return True
    return rest == settings.PORTICO_HOST and (
        label == CONSOLE_LABEL or Agency.objects.reachable().filter(slug=label).exists()
    )


def keep_up() -> int:
    """Get certificates for hosts that have none, and take those away of hosts that are gone; how many were got.

    One process at a time, for 45 s and what the last order takes. What the CA postpones is waited for.
    """
    try:
        with alone(WAIT):
            _forget_gone()
            return 0 if cache.get(WAIT) else _issue_missing()
    except Busy:
        return 0


def _issue_missing() -> int:
    began, got = clock.now(), 0
    for host in _missing()[:MOST_AT_ONCE]:
        if (clock.now() - began).total_seconds() > SECONDS_FOR_ALL:
            break
        try:
            issue(host)
            got += 1
        except Postponed as postponed:
            log.warning("platform_host.postponed", host=host, code=postponed.code, detail=postponed.detail)
            cache.set(WAIT, postponed.code, timeout=max(1, postponed.seconds))
            break
        except Rejected as rejected:
            log.error("platform_host.rejected", host=host, code=rejected.code, detail=rejected.detail)
    return got


def _missing() -> list[str]:
    wanted = hosts()
    there = set(Bundle.objects.filter(host__in=wanted).values_list("host", flat=True))
    now = clock.now()
    return [host for host in wanted if host not in there and _next_try_at(host, now) <= now]


def _next_try_at(host: str, now: datetime) -> datetime:
    """After each no of the CA later: 1, 10, 100 minutes, then daily."""
    noes = list(
        Order.objects.filter(host=host, state=OrderState.FAILED, ended_at__gt=now - timedelta(days=7))
        .exclude(problem__in=("forgotten", "stale", "superseded", "sealing"))
        .order_by("-ended_at")
        .values_list("ended_at", flat=True)[: len(AFTER_A_NO)]
    )
    return (noes[0] or now) + AFTER_A_NO[len(noes) - 1] if noes else now


def _forget_gone() -> None:
    """A host of an agency that is gone. Another installation's or setting's certificates are left to run out."""
    if not (wanted := set(hosts())):
        return
    below = Bundle.objects.filter(host__endswith=f".{settings.PORTICO_HOST}").exclude(directory="")
    for host in below.values_list("host", flat=True):
        if host.removesuffix(f".{settings.PORTICO_HOST}").count(".") == 0 and host not in wanted:
            bundles.forget(host)
