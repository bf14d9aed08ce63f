"""What people may do to a claim: its agency, and our operators. Claiming itself is in `claiming`.

With `agency_id` a claim of another agency is not found, as if it did not exist.
"""

from django.db import transaction

from kit.refused import Refused
from tenants.agencies.current import outside_agencies
from tenants.domains import life, timeline
from tenants.domains.models import LINKED, OVER, Domain, DomainState
from tenants.domains.removing import BY_OPERATOR, remove
from tenants.domains.schedule import is_due
from tenants.ratelimits.operations import take
from tenants.routing import hosts

__all__ = ["block", "check_now", "make_primary", "remove", "try_again", "unblock", "verify_now"]

LOOK_SECONDS = 10
TRIES_AN_HOUR = 3
# "Not before then", of a certificate authority or of our own limits: pressing a button does not change it.
NOT_BEFORE = "rateLimited"


class NotNow(Refused):
    """Too soon, or the claim is not in a state for this."""


@outside_agencies()
def verify_now(domain_id: int, *, by: str, agency_id: int | None = None) -> Domain:
    """Look at a claim's DNS now, in a job; `by` is who asked. At most once in ten seconds.

    Raises:
        Domain.DoesNotExist: there is none, or it is not `agency_id`'s.
        Refused: it was looked at just now, is over, or waits for a certificate authority.
    """
    domain = _open(domain_id, agency_id)
    if domain.state == DomainState.BLOCKED:
        raise NotNow("This domain is blocked.")
    if wait := take(f"domains:verify:{domain.pk}", most=1, per_seconds=LOOK_SECONDS):
        raise NotNow(f"We looked just now. Look again in {_seconds(wait)}.")
    if domain.state == DomainState.ISSUE_RETRY:
        _may_ask_the_authority(domain)
    _enqueue(domain)
    return domain


def try_again(domain_id: int, *, by: str, agency_id: int | None = None) -> Domain:
    """Ask for a delayed certificate now: `verify_now`, named after what it does there."""
    return verify_now(domain_id, by=by, agency_id=agency_id)


@outside_agencies()
def check_now(domain_id: int, *, by: str) -> Domain:
    """An operator's look: no limit but what the certificate authority set.

    Raises:
        Refused: it is over or blocked.
    """
    domain = _open(domain_id, None)
    if domain.state == DomainState.BLOCKED:
        raise NotNow("It is blocked: unblock it first.")
    _enqueue(domain)
    return domain


@outside_agencies()
def make_primary(domain_id: int, *, by: str, agency_id: int | None = None) -> Domain:
    """Have links and redirects use this domain from now on.

    Raises:
        Refused: it is not active.
    """
    with transaction.atomic():
        domain = _locked(domain_id, agency_id)
        if domain.state not in LINKED:
            raise NotNow("Only an active domain can be the main address.")
        Domain.objects.filter(agency_id=domain.agency_id).exclude(pk=domain.pk).update(is_primary=False)
        domain.is_primary = True
        domain.save(update_fields=["is_primary"])
        timeline.record(domain, "primary", by)
    hosts.forget_all()
    return domain


@outside_agencies()
def block(domain_id: int, *, by: str, reason: str) -> Domain:
    """Stop serving a name, for an operator's reason, until it is unblocked. The agency cannot undo it.

    Raises:
        Refused: it is over, or blocked already.
    """
    with transaction.atomic():
        domain = _locked(domain_id, None)
        if domain.problem == BY_OPERATOR:
            raise NotNow("It is blocked already.")
        if domain.state != DomainState.BLOCKED:
            life.move(domain, DomainState.BLOCKED, "blocked", actor=by, reason=reason, by_operator=True)
        else:
            timeline.record(domain, "blocked", by, reason=reason, by_operator=True)
        domain.problem, domain.problem_detail = BY_OPERATOR, reason
        domain.save()
    hosts.forget_all()
    return domain


@outside_agencies()
def unblock(domain_id: int, *, by: str, reason: str = "") -> Domain:
    """Let a blocked claim start again at its DNS; whoever claimed the name meanwhile has to be answered by TXT.

    Raises:
        Refused: it is not blocked.
    """
    with transaction.atomic():
        domain = _locked(domain_id, None)
        if domain.state != DomainState.BLOCKED:
            raise NotNow("It is not blocked.")
        life.move(domain, DomainState.PENDING_DNS, "unblocked", actor=by, reason=reason)
        _enqueue(domain)
    return domain


def _open(domain_id: int, agency_id: int | None) -> Domain:
    domain = Domain.objects.get(pk=domain_id)
    if agency_id not in (None, domain.agency_id):
        raise Domain.DoesNotExist(domain_id)
    if domain.state in OVER:
        raise NotNow("This domain is not connected any more: enter it again.")
    return domain


def _locked(domain_id: int, agency_id: int | None) -> Domain:
    _open(domain_id, agency_id)
    domain = life.locked(domain_id)
    if domain.state in OVER:
        raise NotNow("This domain is not connected any more: enter it again.")
    return domain


def _may_ask_the_authority(domain: Domain) -> None:
    if domain.problem == NOT_BEFORE and not is_due(domain) and domain.next_try_at:
        raise NotNow(
            "The certificate authority asked us to wait. The next try is by itself, at "
            f"{domain.next_try_at:%H:%M} UTC on {domain.next_try_at.day} {domain.next_try_at:%B}."
        )
    # Failed tries count at the certificate authority, too: five an hour for one name.
    if wait := take(f"domains:issue:{domain.pk}", most=TRIES_AN_HOUR, per_seconds=3600):
        raise NotNow(f"It was tried several times just now. Try again in {_seconds(wait)}.")


def _enqueue(domain: Domain) -> None:
    from tenants.domains import jobs

    jobs.step.send(domain_id=domain.pk, asked=True)


def _seconds(wait: float) -> str:
    if wait > 90:
        return f"{round(wait / 60)} minutes"
    seconds = max(1, round(wait))
    return "a second" if seconds == 1 else f"{seconds} seconds"
