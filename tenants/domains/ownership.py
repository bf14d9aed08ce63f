"""Whose a name is. Every function runs under the name's lock, on a report that is seconds old.

What counts as proof: a CNAME to the agency's own target, which only whoever runs the DNS can have typed; or
this claim's random TXT. An address record is none, since it is the same for every agency. The CNAME alone
does not do where two agencies want the name, where it was another's lately, or where a wildcard answers.
"""

from kit import clock
from tenants.domains import life, timeline
from tenants.domains.diagnosis import Report
from tenants.domains.models import Domain, DomainQuerySet, DomainState, PastOwner, TxtReason

# Reasons that stay with a claim; the others are asked anew at every look.
LASTING = (TxtReason.ALREADY_POINTED, TxtReason.ALSO_CLAIMED, TxtReason.PAST_OWNER)
# Claims that own nothing yet: a rival makes them prove it by TXT.
WAITING = (DomainState.PENDING_DNS, DomainState.BLOCKED)


def rivals(host: str, agency_id: int) -> DomainQuerySet:
    """Other agencies' claims to the name that are not over."""
    return Domain.objects.open().filter(host=host).exclude(agency_id=agency_id)


def reason_at_claim(host: str, agency_id: int, report: Report) -> TxtReason:
    """Why a new claim needs the TXT record; NONE when the CNAME will do."""
    if report.points_here_at_all and not report.points_to_target:
        return TxtReason.ALREADY_POINTED
    return _reason(host, agency_id, report)


def reason_now(domain: Domain, report: Report) -> TxtReason:
    """Why a pending claim needs the TXT record, as things are."""
    kept = TxtReason(domain.txt_reason)
    if kept in LASTING or report.could_not_ask:
        return kept
    return _reason(domain.host, domain.agency_id, report)


def warn_rivals(host: str, agency_id: int) -> list[Domain]:
    """Have every waiting claim of other agencies prove the name by TXT from now on; those that did not have to."""
    switched = []
    for rival in rivals(host, agency_id).filter(state__in=WAITING).exclude(txt_reason__in=LASTING):
        rival.txt_reason = TxtReason.ALSO_CLAIMED
        rival.save(update_fields=["txt_reason"])
        timeline.record(rival, "txt_needed", reason=rival.txt_reason)
        switched.append(rival)
    return switched


def demand(domain: Domain, report: Report) -> None:
    """Bring up to date whether a pending claim (locked) needs the TXT record, and say so when it is news."""
    reason = reason_now(domain, report)
    if reason not in (TxtReason.NONE, domain.txt_reason):
        timeline.record(domain, "txt_needed", reason=str(reason))
    domain.txt_reason = reason


def settle(domain: Domain, report: Report) -> Domain | None:
    """Make a pending claim (locked, `demand` done) the owner of its name if the report proves it.

    Whether it became so is in its state. Returns the claim that lost the name by it, if there was one.
    """
    if not report.is_good(domain.needs_txt):
        domain.problem = ""
        return None
    owner = Domain.objects.owning().select_for_update().filter(host=domain.host).exclude(pk=domain.pk).first()
    if owner is not None:
        return owner if _take_over(domain, owner, report) else None
    domain.verified_at = clock.now()
    life.move(domain, DomainState.VERIFIED, "verified", by="txt" if domain.needs_txt else "cname")
    return None


def _take_over(domain: Domain, owner: Domain, report: Report) -> bool:
    if report.ownership != "ok":
        return False
    if owner.proof in report.txt_found:
        if domain.problem != "contested":
            timeline.record(domain, "contested")
        domain.problem = "contested"
        return False
    if owner.lease_until and owner.lease_until > clock.now():
        domain.problem = "owner_is_busy"
        return False
    life.move(owner, DomainState.RELEASED, "lost", to_agency=domain.agency_id)
    domain.verified_at = clock.now()
    life.move(domain, DomainState.VERIFIED, "took_over", from_agency=owner.agency_id)
    return True


def _reason(host: str, agency_id: int, report: Report) -> TxtReason:
    if rivals(host, agency_id).exists():
        return TxtReason.ALSO_CLAIMED
    past = PastOwner.objects.filter(host=host, until__gt=clock.now()).exclude(agency_id=agency_id)
    if past.exists():
        return TxtReason.PAST_OWNER
    if report.is_wildcard:
        return TxtReason.WILDCARD
    # A zone's own name cannot have a CNAME; an ALIAS or an address names no agency.
    if report.zone == host or (report.points_here_at_all and not report.points_to_target):
        return TxtReason.BY_ADDRESS
    return TxtReason.NONE
