"""The ends of a claim that somebody decides."""

from django.db import transaction

from kit import clock
from kit.refused import Refused
from tenants.agencies.current import outside_agencies
from tenants.agencies.models import AgencyState
from tenants.certificates import bundles
from tenants.certificates.models import Bundle
from tenants.domains import life
from tenants.domains.models import OVER, OWNING, Domain, DomainState, PastOwner

BY_OPERATOR = "blocked_by_operator"


class NotRemovable(Refused):
    """The claim cannot be taken away by its agency."""


@outside_agencies()
def remove(domain_id: int, *, by: str, agency_id: int | None = None) -> Domain:
    """End a claim because its agency wants it: the portal answers on its default address at once.

    Raises:
        Domain.DoesNotExist: there is none, or it is not `agency_id`'s.
        Refused: it is over already, or an operator blocked it.
    """
    with transaction.atomic():
        domain = life.locked(domain_id)
        if agency_id not in (None, domain.agency_id):
            raise Domain.DoesNotExist(domain_id)
        if domain.state in OVER:
            raise NotRemovable("This domain is not connected any more.")
        # Else a removal and a new claim would undo the block.
        if domain.problem == BY_OPERATOR:
            raise NotRemovable("Our team has blocked this domain. Write to us, please.")
        life.move(domain, DomainState.REMOVED, "removed", actor=by)
    return domain


def end(domain: Domain, kind: str, *, reason: str) -> None:
    """End a claim (locked) that its agency may not have any more: an owned name is released."""
    if domain.state in OWNING:
        life.move(domain, DomainState.RELEASED, "released", reason=reason)
    else:
        life.move(domain, DomainState.REMOVED, kind, reason=reason)


@outside_agencies()
def release_all(agency_id: int) -> int:
    """End every claim of an agency that is gone; the number ended. Runs again after an interruption."""
    ended = 0
    for domain_id in Domain.objects.open().filter(agency_id=agency_id).values_list("pk", flat=True):
        with transaction.atomic():
            domain = life.locked(domain_id)
            if domain.state not in OVER:
                end(domain, "agency_gone", reason="agency_gone")
                ended += 1
    return ended


def release_gone() -> int:
    """End the claims of all agencies that are gone, however they went; the number ended."""
    gone = Domain.objects.open().filter(agency__state=AgencyState.GONE)
    return sum(release_all(agency_id) for agency_id in set(gone.values_list("agency_id", flat=True)))


def forget_orphan(host: str) -> bool:
    """Take away the certificate of a name that was claimed once and that nobody owns now; whether it was so."""
    with transaction.atomic():
        life.lock_name(host)
        claims = Domain.objects.filter(host=host)
        if not claims.exists() or claims.owning().exists():
            return False
        return bundles.forget(host)


def forget_orphans() -> int:
    """The same for all names, and past owners whose time is over; the number of certificates."""
    PastOwner.objects.filter(until__lt=clock.now()).delete()
    owned = Domain.objects.owning().values("host")
    left = Bundle.objects.filter(host__in=Domain.objects.values("host")).exclude(host__in=owned)
    return sum(forget_orphan(host) for host in left.values_list("host", flat=True))
