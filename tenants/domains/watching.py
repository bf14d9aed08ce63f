"""The daily look at a live name's DNS. A question without an answer never moves it."""

from datetime import datetime, timedelta

from kit import clock
from tenants.certificates.models import Bundle
from tenants.domains import keeping, looking, notices, schedule
from tenants.domains.diagnosis import Report
from tenants.domains.leases import Lease
from tenants.domains.life import move
from tenants.domains.models import Domain, DomainState

# A name that still leads here from somewhere is looked at once more before anybody is alarmed.
DOUBT = timedelta(minutes=10)
MOVED_FOR = timedelta(days=7)


def watch(domain: Domain, lease: Lease) -> None:
    """Look whether a live name (active or degraded) still leads here, and act upon it."""
    report = looking.look(domain)
    with lease.writing(domain.state) as row:
        looking.note(row, report)
        if row.state == DomainState.ACTIVE and not Bundle.objects.filter(host=row.host).exists():
            move(row, DomainState.ISSUING, "certificate_lost")
        elif report.could_not_ask:
            row.next_try_at = schedule.about(schedule.HOUR)
        elif report.leads_here:
            _leads_here(row, report)
        elif row.state == DomainState.ACTIVE:
            _doubt(row, report)
        else:
            _still_away(row, report)


def _leads_here(row: Domain, report: Report) -> None:
    row.bad_since = None
    if row.state == DomainState.DEGRADED:
        move(row, DomainState.ACTIVE, "recovered")
    keeping.note_renewal(row)
    row.next_try_at = schedule.about(schedule.DAY)
    row.problem = "caa" if report.caa == "forbid" else ""
    if row.problem:
        notices.tell(row, notices.CAA)


def _doubt(row: Domain, report: Report) -> None:
    row.bad_since = row.bad_since or clock.now()
    if half_here(report) and clock.now() - row.bad_since < DOUBT:
        row.next_try_at = schedule.after(DOUBT.total_seconds())
        return
    move(row, DomainState.DEGRADED, "degraded", routing=report.routing)
    row.problem = report.routing[:40]
    row.next_try_at = schedule.about(schedule.HOUR)
    notices.tell(row, notices.DEGRADED)


def _still_away(row: Domain, report: Report) -> None:
    row.bad_since = row.bad_since or clock.now()
    row.next_try_at = schedule.about(schedule.HOUR)
    # As long as somebody reaches the portal by it, it is not taken away from them.
    if clock.now() - row.bad_since >= MOVED_FOR and not half_here(report):
        move(row, DomainState.RELEASED, "released", reason="moved")
        notices.tell(row, notices.RELEASED)


def half_here(report: Report) -> bool:
    """Whether somebody still reaches this agency's portal by it; another agency's target is not here."""
    return any(seen.is_good or seen.verdict == "mixed" for seen in report.servers)


def released_on(domain: Domain) -> datetime | None:
    """When a degraded name is released if nothing changes."""
    return domain.bad_since + MOVED_FOR if domain.bad_since else None
