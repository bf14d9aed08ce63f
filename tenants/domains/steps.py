"""Takes a claim as far as it can go now. Safe to call from any worker at any time, as often as one likes."""

import time
from collections.abc import Callable
from datetime import timedelta

import structlog

from kit import clock
from tenants.agencies.current import outside_agencies
from tenants.certificates import issuing, probing
from tenants.certificates.models import Bundle
from tenants.domains import leases, looking, notices, ownership, removing, schedule, timeline, watching
from tenants.domains.leases import Lease
from tenants.domains.life import move
from tenants.domains.models import Domain, DomainState
from tenants.domains.targets import is_entitled

log = structlog.get_logger()
PENDING_FOR = timedelta(days=30)
# A look this old is not trusted with an order.
FRESH = timedelta(seconds=60)
MOST_MOVES = 8
# `issuing.issue` takes two minutes at most, after 40 s of waiting for another worker at the same name.
ISSUE_SECONDS = 180.0
LOOK_SECONDS = PROBE_SECONDS = 30.0
# Edges hear of a bundle within a quarter of a second; after these we come back later.
PROBE_PAUSES = (0.0, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
UNEXPECTED_SECONDS = 600.0
LONGEST_OUTAGE_WAIT = 6_000.0


@outside_agencies()
def step(domain_id: int, *, asked: bool = False) -> Domain:
    """Advance one claim until it has to wait; the claim as it is then. Never inside a transaction.

    Does nothing while another worker is at it, or before its time, unless somebody `asked`.
    """
    lease = leases.take(domain_id)
    if lease is not None:
        try:
            _advance(lease, asked)
        except leases.Lost as lost:
            log.info("domains.lease_lost", domain=domain_id, why=str(lost))
        except Exception:
            # The job fails and is seen; the claim is not tried again every few seconds.
            later = schedule.after(UNEXPECTED_SECONDS)
            Domain.objects.filter(pk=domain_id, lease_until=lease.until).update(next_try_at=later)
            raise
        finally:
            lease.give_back()
    return Domain.objects.get(pk=domain_id)


def _advance(lease: Lease, asked: bool) -> None:
    for _ in range(MOST_MOVES):
        domain = Domain.objects.select_related("agency").get(pk=lease.domain_id)
        act = ACTS.get(domain.state)
        if act is None or not (asked or schedule.is_due(domain)):
            return
        act(domain, lease)
        asked = False


def _await_dns(domain: Domain, lease: Lease) -> None:
    report = looking.look(domain)
    with lease.writing(DomainState.PENDING_DNS) as row:
        # A look that somebody asked for does not put off the next one.
        if schedule.is_due(row):
            row.attempts += 1
            row.next_try_at = schedule.after(schedule.dns_wait(row.attempts))
        ownership.demand(row, report)
        looking.note(row, report)
        if not is_entitled(row.agency.current()):
            row.problem = "plan"
        elif loser := ownership.settle(row, report):
            notices.tell(loser, notices.LOST)
        if row.state == DomainState.PENDING_DNS:
            _still_pending(row)


def _still_pending(row: Domain) -> None:
    if row.problem == "owner_is_busy":
        row.next_try_at = schedule.after(5)
    if clock.now() - row.state_since >= PENDING_FOR:
        move(row, DomainState.EXPIRED, "expired")
        notices.tell(row, notices.EXPIRED)


def _begin_issuing(domain: Domain, lease: Lease) -> None:
    if not is_entitled(domain.agency.current()):
        _postpone(lease, float(schedule.HOUR), "plan", "the plan does not include it", state=domain.state)
    elif _dns_is_right(domain, lease):
        with lease.writing(domain.state) as row:
            move(row, DomainState.ISSUING, "issuing")


def _issue(domain: Domain, lease: Lease) -> None:
    if not _dns_is_right(domain, lease):
        return
    lease.extend(ISSUE_SECONDS)
    try:
        bundle = issuing.issue(domain.host)
    except issuing.Postponed as wait:
        _postpone(lease, wait.seconds, wait.code, wait.detail)
    except issuing.Rejected as no:
        _reject(lease, no)
    else:
        _install(domain, lease, bundle)


def _dns_is_right(domain: Domain, lease: Lease) -> bool:
    """No order is spent on wrong DNS: it is looked at again unless that was just now."""
    last = looking.last_report(domain)
    if last and last.is_good(False) and domain.checked_at and clock.now() - domain.checked_at < FRESH:
        return True
    lease.extend(LOOK_SECONDS)
    report = looking.look(domain)
    with lease.writing(domain.state) as row:
        looking.note(row, report)
        if report.is_good(False):
            return True
        if not report.could_not_ask:
            move(row, DomainState.PENDING_DNS, "dns_changed")
            row.next_try_at = schedule.after(schedule.dns_wait(0))
            return False
    _postpone(lease, 300.0, "dns", "the name servers did not answer", state=domain.state)
    return False


def _postpone(
    lease: Lease, seconds: float, code: str, detail: str, *, state: str = DomainState.ISSUING
) -> None:
    with lease.writing(state) as row:
        if state == DomainState.ISSUING:
            move(row, DomainState.ISSUE_RETRY, "postponed", code=code, detail=detail)
            # Without a word from the CA we ask less and less often, but never only once a day.
            seconds = max(seconds, min(schedule.issue_wait(_tries(row, "postponed")), LONGEST_OUTAGE_WAIT))
        row.problem, row.problem_detail = code[:40], detail
        row.next_try_at = schedule.after(seconds)


def _reject(lease: Lease, no: issuing.Rejected) -> None:
    with lease.writing(DomainState.ISSUING) as row:
        if no.permanent:
            move(row, DomainState.BLOCKED, "blocked", code=no.code, detail=no.detail)
        else:
            move(row, DomainState.ISSUE_RETRY, "issue_failed", code=no.code, detail=no.detail)
            row.next_try_at = schedule.after(schedule.issue_wait(_tries(row, "issue_failed")))
        row.problem, row.problem_detail = no.code[:40], no.detail
        if no.permanent:
            notices.tell(row, notices.BLOCKED)


def _tries(row: Domain, kind: str) -> int:
    """How often that has happened since the name was verified."""
    since = row.verified_at or row.state_since
    return max(1, row.events.of_kinds([kind]).filter(at__gte=since).count())


def _install(domain: Domain, lease: Lease, bundle: Bundle) -> None:
    try:
        with lease.writing(DomainState.ISSUING) as row:
            until = bundle.not_after.isoformat()
            move(row, DomainState.DEPLOYING, "issued", serial=bundle.serial, not_after=until)
    except leases.Lost:
        # It was removed, or proved by another agency, while the CA worked: nobody serves this then.
        removing.forget_orphan(domain.host)
        raise


def _deploy(domain: Domain, lease: Lease) -> None:
    bundle = Bundle.objects.filter(host=domain.host).first()
    if bundle is None:
        with lease.writing(DomainState.DEPLOYING) as row:
            move(row, DomainState.ISSUING, "certificate_lost")
        return
    lease.extend(PROBE_SECONDS)
    is_served = _edges_serve(domain.host, bundle.serial)
    with lease.writing(DomainState.DEPLOYING) as row:
        if is_served:
            move(row, DomainState.ACTIVE, "active")
            row.next_try_at = schedule.about(schedule.DAY)
            notices.tell(row, notices.ACTIVE)
            return
        row.attempts += 1
        row.next_try_at = schedule.after(schedule.deploy_wait(row.attempts))
        if row.attempts == len(schedule.DEPLOY_WAITS):
            timeline.record(row, "slow_edge")


def _edges_serve(host: str, serial: str) -> bool:
    end = time.monotonic() + PROBE_SECONDS / 2
    for pause in PROBE_PAUSES:
        time.sleep(pause)
        if probing.serves(host, serial):
            return True
        if time.monotonic() > end:
            break
    return False


ACTS: dict[str, Callable[[Domain, Lease], None]] = {
    DomainState.PENDING_DNS: _await_dns,
    DomainState.VERIFIED: _begin_issuing,
    DomainState.ISSUING: _issue,
    DomainState.ISSUE_RETRY: _begin_issuing,
    DomainState.DEPLOYING: _deploy,
    DomainState.ACTIVE: watching.watch,
    DomainState.DEGRADED: watching.watch,
}
