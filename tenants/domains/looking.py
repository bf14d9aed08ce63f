"""A look at a claim's DNS, and writing down what was found."""

from kit import clock
from tenants.domains import diagnosis, targets, timeline
from tenants.domains.diagnosis import Report
from tenants.domains.models import Domain


def look(domain: Domain) -> Report:
    """Ask the DNS what it says of the name now: at most ten seconds, never inside a transaction."""
    return diagnosis.diagnose(domain.host, target=targets.of(domain.agency_id), proof=domain.proof)


def note(domain: Domain, report: Report) -> None:
    """Keep the report with the claim (locked, saved by the caller); the timeline hears of it if it is news."""
    codes = report.situations(domain.needs_txt)
    last = domain.events.of_kinds(["checked"]).first()
    if last is None or last.details.get("codes") != codes:
        timeline.record(domain, "checked", codes=codes)
    domain.report, domain.checked_at = report.to_json(), clock.now()


def last_report(domain: Domain) -> Report | None:
    """What the last look found."""
    return Report.from_json(domain.report) if domain.report else None
