"""What the pages show of claims, for staff and operators."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings

from tenants.agencies.current import outside_agencies
from tenants.certificates.models import Bundle
from tenants.domains import looking, names, targets, timeline, watching
from tenants.domains.diagnosis import Report
from tenants.domains.models import LINKED, OVER, SERVING, Domain, DomainEvent, DomainState, TxtReason
from tenants.domains.removing import BY_OPERATOR
from tenants.domains.situations import Explained, Record, explain

NEWEST_EVENTS = 50

# What is so now, and what happens next.
NOW = {
    DomainState.PENDING_DNS: "Add the records below where the domain's DNS is run. We look again by ourselves.",
    DomainState.VERIFIED: "The DNS is right. The certificate is asked for now.",
    DomainState.ISSUING: "The DNS is right. The certificate is on its way; this takes a few seconds.",
    DomainState.ISSUE_RETRY: "The DNS is right, but the certificate has to wait. It is tried again by itself.",
    DomainState.DEPLOYING: "The certificate is there and is being installed; this takes a few seconds.",
    DomainState.ACTIVE: "Your portal answers here. The certificate is renewed by itself.",
    DomainState.DEGRADED: "The DNS has changed: put the records below back.",
    DomainState.BLOCKED: "This name gets no certificate. Your portal answers on its default address.",
    DomainState.RELEASED: "This name is not connected any more. Enter it again to use it.",
    DomainState.EXPIRED: "Its DNS was not set up within 30 days. Enter it again to try anew.",
    DomainState.REMOVED: "You removed this name. Enter it again to use it.",
}
PROBLEMS = {
    "plan": "Your plan does not include a domain of your own.",
    "contested": "Another agency's TXT record is beside yours. Delete the other one where the DNS is run.",
    "owner_is_busy": "The name is being handed over; this takes a few seconds.",
    "caa": "A CAA record forbids our certificate authority: the certificate cannot be renewed until it is changed.",
    BY_OPERATOR: "Our team has blocked this name. Write to us, please.",
}


@dataclass(frozen=True)
class Line:
    """One entry of the timeline."""

    at: datetime
    sentence: str
    actor: str


@dataclass(frozen=True)
class Certificate:
    """What is served for the name now."""

    not_after: datetime
    renew_at: datetime
    serial: str


@dataclass(frozen=True)
class DomainView:
    """One claim as a page shows it."""

    id: int
    agency_id: int
    host: str
    shown: str
    state: DomainState
    state_label: str
    now: str
    problem: str
    is_primary: bool
    is_served: bool
    is_linked: bool
    is_over: bool
    is_moving: bool
    url: str
    target: str
    zone: str
    needs_txt: bool
    why_txt: str
    records: Sequence[Record]
    explained: Sequence[Explained]
    report: Report | None
    checked_at: datetime | None
    next_try_at: datetime | None
    claimed_at: datetime
    claimed_by: str
    state_since: datetime
    gives_up_at: datetime | None
    grace_until: datetime | None
    certificate: Certificate | None
    may_look: bool
    may_remove: bool
    timeline: Sequence[Line] = field(default_factory=tuple)


@outside_agencies()
def domains_of(agency_id: int, *, with_over: bool = False) -> list[DomainView]:
    """An agency's claims: the main address first, then by age; those that are over last, if wanted."""
    claims = Domain.objects.filter(agency_id=agency_id)
    if not with_over:
        claims = claims.open()
    found = sorted(claims, key=lambda d: (d.state in OVER, not d.is_primary, d.claimed_at))
    return [view(domain) for domain in found]


@outside_agencies()
def domain_of(agency_id: int, domain_id: int) -> DomainView:
    """One claim of that agency.

    Raises:
        Domain.DoesNotExist: there is none, or it is another agency's.
    """
    return view(Domain.objects.get(pk=domain_id, agency_id=agency_id))


@outside_agencies()
def view(domain: Domain) -> DomainView:
    """A claim with everything that a page says of it."""
    report = looking.last_report(domain)
    state = DomainState(domain.state)
    target = targets.of(domain.agency_id)
    return DomainView(
        id=domain.pk,
        agency_id=domain.agency_id,
        host=domain.host,
        shown=names.shown(domain.host),
        state=state,
        state_label=state.label,
        now=NOW[state],
        problem=_problem(domain),
        is_primary=domain.is_primary,
        is_served=state in SERVING,
        is_linked=state in LINKED,
        is_over=state in OVER,
        is_moving=state in (DomainState.VERIFIED, DomainState.ISSUING, DomainState.DEPLOYING),
        url=f"https://{domain.host}{settings.EDGE_PORT_SUFFIX}/",
        target=target,
        zone=report.zone if report else "",
        needs_txt=domain.needs_txt,
        why_txt=TxtReason(domain.txt_reason).label if domain.needs_txt else "",
        records=records(domain, report, target),
        explained=_explained(domain, report, target),
        report=report,
        checked_at=domain.checked_at,
        next_try_at=domain.next_try_at,
        claimed_at=domain.claimed_at,
        claimed_by=domain.claimed_by,
        state_since=domain.state_since,
        gives_up_at=_gives_up_at(domain),
        grace_until=domain.grace_until,
        certificate=_certificate(domain),
        may_look=state not in (*OVER, DomainState.BLOCKED),
        may_remove=state not in OVER and domain.problem != BY_OPERATOR,
        timeline=_lines(domain),
    )


def records(domain: Domain, report: Report | None, target: str) -> list[Record]:
    """What has to be in the DNS for this claim; a zone's own name cannot have a CNAME."""
    if report and report.zone == domain.host:
        wanted = [Record("A", domain.host, address) for address in settings.EDGE_IPV4]
        wanted += [Record("AAAA", domain.host, address) for address in settings.EDGE_IPV6]
    else:
        wanted = [Record("CNAME", domain.host, target)]
    if domain.needs_txt:
        wanted.append(Record("TXT", domain.proof_host, domain.proof))
    return wanted


def _problem(domain: Domain) -> str:
    words = PROBLEMS.get(domain.problem, "")
    return words or domain.problem_detail


def _explained(domain: Domain, report: Report | None, target: str) -> list[Explained]:
    if report is None or domain.state in (*OVER, DomainState.BLOCKED):
        return []
    return explain(report, host=domain.host, target=target, proof=domain.proof, needs_txt=domain.needs_txt)


def _gives_up_at(domain: Domain) -> datetime | None:
    from tenants.domains.steps import PENDING_FOR

    if domain.state == DomainState.PENDING_DNS:
        return domain.state_since + PENDING_FOR
    return watching.released_on(domain) if domain.state == DomainState.DEGRADED else None


def _certificate(domain: Domain) -> Certificate | None:
    bundle = Bundle.objects.filter(host=domain.host).first() if domain.state in SERVING else None
    return Certificate(bundle.not_after, bundle.renew_at, bundle.serial) if bundle else None


def _lines(domain: Domain) -> list[Line]:
    newest = domain.events.all()[:NEWEST_EVENTS]
    return [Line(event.at, timeline.sentence(event), _actor(event)) for event in newest]


def _actor(event: DomainEvent) -> str:
    # Staff read who of them it was; our operators' addresses are nothing to them.
    return "" if event.kind in ("blocked", "unblocked") else event.actor
