"""When the certificate authority wants a certificate renewed (ARI, RFC 9773): asked about twice a day."""

import random
from datetime import datetime, timedelta

from django.db.models import F, Q

from kit import clock
from tenants.certificates import accounts, authorities
from tenants.certificates.answers import Answer, Problem
from tenants.certificates.bundles import renew_by_age
from tenants.certificates.models import Bundle

USUAL, UNANSWERED = timedelta(hours=12), timedelta(hours=6)
SOONEST, LATEST = timedelta(minutes=1), timedelta(days=1)


def to_ask(most: int) -> list[Bundle]:
    """Bundles about which their CA is to be asked now; never about expired ones (RFC 9773 §4.3.3)."""
    now = clock.now()
    due = Bundle.objects.exclude(directory="").exclude(certificate_id="").filter(not_after__gt=now)
    never_asked_first = F("ari_next_at").asc(nulls_first=True)
    return list(
        due.filter(Q(ari_next_at__isnull=True) | Q(ari_next_at__lte=now)).order_by(never_asked_first)[:most]
    )


def ask(bundle: Bundle) -> bool:
    """Ask that bundle's CA and write down when to renew; whether it answered. It is asked again later anyway."""
    try:
        answer = _window(bundle)
    except Problem as problem:
        # A CA that is down, or does not know the certificate: its age decides.
        _next(bundle, problem.retry_after, UNANSWERED)
        return problem.status != 0
    if answer is None:
        _next(bundle, None, LATEST)
        return True
    start, end, retry_after = answer
    Bundle.objects.filter(pk=bundle.pk, serial=bundle.serial).update(
        renew_at=_chosen(bundle, start, end), ari_checked_at=clock.now()
    )
    _next(bundle, retry_after, USUAL)
    return True


def _chosen(bundle: Bundle, start: datetime, end: datetime) -> datetime:
    # Chosen once: a new moment at every look would pull all renewals to the window's beginning. What is due
    # already stays due, and the age of a certificate is a limit that no CA moves.
    if bundle.renew_at <= clock.now() or (bundle.ari_checked_at and start <= bundle.renew_at <= end):
        return bundle.renew_at
    moment = start + (end - start) * random.random()
    return min(moment, renew_by_age(bundle.not_before, bundle.not_after))


def _window(bundle: Bundle) -> tuple[datetime, datetime, float | None] | None:
    """The window in which to renew, and how long its CA wants not to be asked; None when it has no opinion."""
    authority = authorities.named(bundle.directory)
    if authority is None:
        return None
    ca = accounts.anonymous(authority)
    base = ca.directory.get("renewalInfo")
    if not isinstance(base, str):
        return None
    answer = ca.get(f"{base.rstrip('/')}/{bundle.certificate_id}")
    start, end = _moment(answer, "start"), _moment(answer, "end")
    if end < start:
        raise Problem("nonsense", "its renewal window ends before it begins")
    return start, end, answer.retry_after


def _moment(answer: Answer, name: str) -> datetime:
    window = answer.json.get("suggestedWindow")
    text = str(window.get(name)) if isinstance(window, dict) else ""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Problem("nonsense", "its renewal window is no moment in time")
    return moment


def _next(bundle: Bundle, retry_after: float | None, usual: timedelta) -> None:
    pause = usual if retry_after is None else timedelta(seconds=min(retry_after, LATEST.total_seconds()))
    pause = min(max(pause, SOONEST), LATEST)
    Bundle.objects.filter(pk=bundle.pk, serial=bundle.serial).update(ari_next_at=clock.now() + pause)
