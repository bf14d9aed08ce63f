"""Certificates are renewed before they run out, while somebody still wants them.

Whose names they are is not known here: others say which hosts they still serve (`keeps`), and hear how it went
(`hears`). A storm of due renewals is worked off one after the other, the soonest to expire first.
"""

from collections.abc import Callable
from datetime import timedelta

import structlog
from django.db.models import F, Q

from kit import clock
from tenants.certificates.issuing import Postponed, Rejected, issue
from tenants.certificates.models import Bundle

Check = Callable[[str], bool]
Ear = Callable[[str, Bundle | None, str], None]

log = structlog.get_logger()
BACKOFF = (timedelta(minutes=1), timedelta(minutes=10), timedelta(minutes=100), timedelta(days=1))
# Never wait longer than this part of the life that is left.
PART_OF_LIFE = 8
# Let's Encrypt allows five failures of one name an hour.
SHORTEST, EXPIRED_PAUSE, NOTHING = timedelta(minutes=15), timedelta(hours=1), timedelta()
NOT_SERVED = "notServed"
ASK_AGAIN = timedelta(hours=1)
_checks: list[Check] = []
_ears: list[Ear] = []


def keeps(check: Check) -> Check:
    """Register who says whether a host is still served: it is renewed when one of them says yes.

    It may ask DNS and the like; it is called outside transactions, right before each order.
    """
    _checks.append(check)
    return check


def hears(ear: Ear) -> Ear:
    """Register who is told how a renewal went: the host, its new bundle or None, and why not ("" if it did)."""
    _ears.append(ear)
    return ear


def due() -> list[str]:
    """Hosts whose certificate is to be renewed now, the soonest to expire first."""
    now = clock.now()
    bundles = Bundle.objects.exclude(directory="").filter(renew_at__lte=now)
    waiting = Q(renewal_next_at__isnull=True) | Q(renewal_next_at__lte=now)
    return list(bundles.filter(waiting).order_by("not_after", "host").values_list("host", flat=True))


def renew(host: str) -> bool:
    """Replace the host's certificate by a new one; whether that was done. The old one is served until then.

    Raises Postponed when the CA, not the name, is the reason, after having noted it.
    """
    bundle = Bundle.objects.filter(host=host).first()
    if bundle is None:
        return False
    if not any(check(host) for check in _checks):
        # Nobody serves it now; it may be again (a domain whose DNS came back).
        again = clock.now() + ASK_AGAIN
        Bundle.objects.filter(pk=host).update(renewal_next_at=again, renewal_problem=NOT_SERVED)
        return False
    try:
        fresh = issue(host, replaces=bundle.certificate_id)
    except Postponed as postponed:
        _note(bundle, postponed.code, postponed.detail, postponed.seconds)
        raise
    except Rejected as rejected:
        _note(bundle, rejected.code, rejected.detail)
        return False
    _tell(host, fresh, "")
    return True


def next_try(failures: int, not_after_in: timedelta, asked: timedelta) -> timedelta:
    """How long to wait after so many failures in a row, with that much life left, when that was asked for."""
    usual = BACKOFF[min(failures, len(BACKOFF)) - 1]
    left = not_after_in / PART_OF_LIFE if not_after_in > NOTHING else EXPIRED_PAUSE
    # What the CA asks for is kept, even if it is long: asking before would be refused, too.
    return max(min(usual, max(left, SHORTEST)), asked)


def _note(bundle: Bundle, code: str, detail: str, asked: float = 0.0) -> None:
    now = clock.now()
    wait = next_try(
        bundle.renewal_failures + 1,
        bundle.not_after - now,
        timedelta(seconds=asked) if code == "rateLimited" else timedelta(),
    )
    Bundle.objects.filter(pk=bundle.pk, serial=bundle.serial).update(
        renewal_failures=F("renewal_failures") + 1,
        renewal_next_at=now + wait,
        renewal_problem=code,
        renewal_detail=detail,
    )
    _tell(bundle.host, None, code)


def _tell(host: str, bundle: Bundle | None, problem: str) -> None:
    for ear in _ears:
        try:
            ear(host, bundle, problem)
        except Exception:
            # Whoever listens must not keep other hosts from being renewed.
            log.exception("renewal not heard", host=host, ear=getattr(ear, "__qualname__", repr(ear)))
