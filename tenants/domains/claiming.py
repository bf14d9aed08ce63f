"""An agency claims a name."""

from django.db import connection, transaction

from kit import clock
from kit.refused import Refused
from tenants.agencies.current import CurrentAgency, outside_agencies
from tenants.agencies.models import Agency
from tenants.domains import diagnosis, life, names, notices, ownership, schedule, targets, timeline
from tenants.domains.models import Domain, DomainState, new_proof
from tenants.domains.targets import CAPABILITY
from tenants.plans import needs_plan
from tenants.ratelimits.operations import take

MOST_OPEN = 5
CLAIMS_AN_HOUR = 10
FIRST_LOOK_SECONDS = 60


class ClaimRefused(Refused):
    """The agency cannot claim this name now."""

    field = "host"


@outside_agencies()
def claim(agency_id: int, raw: str, *, by: str) -> Domain:
    """Write down that an agency wants its portal to answer on a name, and look at its DNS for the first time.

    Never inside a transaction: DNS is asked. `raw` is what a person typed, `by` that person's address.

    Raises:
        Refused: the name is none that can be claimed (`names.BadName`); the plan, the agency's state or the
            number of its claims forbids it; or it has claimed the name already.
    """
    agency = _entitled(agency_id)
    name = names.normalise(raw)
    names.refuse_lookalike(name, agency_id=agency_id)
    _refuse_again(agency_id, name.host)
    _take_turn(agency_id)
    proof = new_proof()
    report = diagnosis.diagnose(name.host, target=targets.of(agency.id), proof=proof)
    with transaction.atomic():
        life.lock_name(name.host)
        _lock_agency(agency_id)
        # All of it again: other claims may have come while DNS was asked.
        _entitled(agency_id)
        _refuse_again(agency_id, name.host)
        domain = _written(agency_id, name.host, proof, report, by)
        for rival in ownership.warn_rivals(name.host, agency_id):
            if rival.state == DomainState.PENDING_DNS:
                notices.tell(rival, notices.TXT_NEEDED)
        _enqueue_if_good(domain, report)
    return domain


def _entitled(agency_id: int) -> CurrentAgency:
    if not targets.is_offered():
        raise ClaimRefused("This installation gets no certificates, so no domain can be connected.")
    agency: CurrentAgency = Agency.objects.get(pk=agency_id).current()
    if not agency.has(CAPABILITY):
        raise ClaimRefused(f"A domain of your own is part of {needs_plan(CAPABILITY).label}.")
    if not targets.is_entitled(agency):
        raise ClaimRefused("Your portal is read-only: choose a plan before you connect a domain.")
    return agency


def _refuse_again(agency_id: int, host: str) -> None:
    claims = Domain.objects.open().filter(agency_id=agency_id)
    if claims.filter(host=host).exists():
        raise ClaimRefused(f"You have entered {host} already: it is in your list.")
    if claims.count() >= MOST_OPEN:
        raise ClaimRefused(f"You have {MOST_OPEN} domains. Remove one before you enter another.")


def _take_turn(agency_id: int) -> None:
    wait = take(f"domains:claim:{agency_id}", most=CLAIMS_AN_HOUR, per_seconds=3600)
    if wait:
        raise ClaimRefused(f"That were many names in a short time. Try again in {_minutes(wait)}.")


def _minutes(seconds: float) -> str:
    minutes = max(1, round(seconds / 60))
    return "a minute" if minutes == 1 else f"{minutes} minutes"


def _lock_agency(agency_id: int) -> None:
    # Two claims of one agency at the same time count each other. After the name's lock, always.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"claims:{agency_id}"])


def _written(agency_id: int, host: str, proof: str, report: diagnosis.Report, by: str) -> Domain:
    reason = ownership.reason_at_claim(host, agency_id, report)
    domain = Domain.objects.create(
        agency_id=agency_id,
        host=host,
        proof=proof,
        txt_reason=reason,
        claimed_by=by,
        is_primary=not Domain.objects.open().filter(agency_id=agency_id).exists(),
        report=report.to_json(),
        checked_at=clock.now(),
        next_try_at=schedule.after(FIRST_LOOK_SECONDS),
    )
    timeline.record(domain, "claimed", by, reason=str(reason))
    return domain


def _enqueue_if_good(domain: Domain, report: diagnosis.Report) -> None:
    from tenants.domains import jobs

    if report.is_good(domain.needs_txt):
        jobs.step.send(domain_id=domain.pk, asked=True)
