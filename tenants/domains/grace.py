"""A plan without domains: fourteen days with three mails, then the portal is back on its default address."""

from datetime import timedelta

from django.db import transaction

from kit import clock
from tenants.agencies.models import AgencyState
from tenants.domains import life, notices, removing, timeline
from tenants.domains.models import OVER, Domain, DomainQuerySet, DomainState
from tenants.domains.targets import CAPABILITY
from tenants.plans import needs_plan

GRACE = timedelta(days=14)
TOLD_BEFORE = (1, 7)


def apply() -> int:
    """Begin, remind of, end or call off the grace of every claim that is concerned; how many changed."""
    changed = 0
    for domain_id in list(_concerned().values_list("pk", flat=True)):
        with transaction.atomic():
            domain = life.locked(domain_id)
            changed += domain.state not in (*OVER, DomainState.BLOCKED) and _apply(domain)
    return changed


def _concerned() -> DomainQuerySet:
    # A block outlives the plan: else a downgrade, some days and a new claim would undo it.
    claims = Domain.objects.open().exclude(state=DomainState.BLOCKED).exclude(agency__state=AgencyState.GONE)
    below = claims.filter(agency__plan__lt=needs_plan(CAPABILITY))
    return below | claims.filter(grace_until__isnull=False)


def _apply(domain: Domain) -> bool:
    if domain.agency.plan >= needs_plan(CAPABILITY):
        return _call_off(domain)
    if domain.grace_until is None:
        return _begin(domain)
    if domain.grace_until <= clock.now():
        return _end(domain)
    return _remind(domain)


def _begin(domain: Domain) -> bool:
    until = domain.grace_until = clock.now() + GRACE
    domain.save(update_fields=["grace_until"])
    timeline.record(domain, "grace_started", until=until.isoformat())
    return notices.tell(domain, notices.GRACE, part=until.isoformat(), day=until)


def _call_off(domain: Domain) -> bool:
    if domain.grace_until is None:
        return False
    domain.grace_until = None
    # What waited for the plan goes on at once.
    domain.next_try_at = clock.now() if domain.problem == "plan" else domain.next_try_at
    domain.save(update_fields=["grace_until", "next_try_at"])
    timeline.record(domain, "grace_ended")
    return True


def _end(domain: Domain) -> bool:
    removing.end(domain, "plan_ended", reason="plan")
    return notices.tell(domain, notices.GRACE_OVER)


def _remind(domain: Domain) -> bool:
    until = domain.grace_until
    assert until is not None
    for days in TOLD_BEFORE:
        if until - clock.now() <= timedelta(days=days):
            return notices.tell(domain, notices.GRACE, part=f"{until.isoformat()}:{days}", day=until)
    return False
