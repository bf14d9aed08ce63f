"""Whether a live name's certificate is to be renewed, and how that went. Imported where renewals run (jobs)."""

from django.db import transaction

from kit import clock
from tenants.agencies.models import AgencyState
from tenants.certificates import renewing
from tenants.certificates.models import Bundle
from tenants.domains import life, looking, timeline
from tenants.domains.models import LINKED, Domain


@renewing.keeps
def may_renew(host: str) -> bool:
    """Whether the name is some agency's live domain and its DNS is right now: no order is spent on wrong DNS."""
    live = Domain.objects.linked().exclude(agency__state=AgencyState.GONE)
    domain = live.filter(host=host).select_related("agency").first()
    if domain is None:
        return False
    if looking.look(domain).is_good(False):
        return True
    # The daily look comes early, and with it what there is to say about it.
    Domain.objects.filter(pk=domain.pk, state__in=LINKED).update(next_try_at=clock.now())
    return False


@renewing.hears
def note(host: str, bundle: Bundle | None, problem: str) -> None:
    """Write a renewal, or what kept it, into the timeline of whose name it is."""
    for domain_id in Domain.objects.linked().filter(host=host).values_list("pk", flat=True):
        with transaction.atomic():
            domain = life.locked(domain_id)
            note_renewal(domain)
            if bundle is None:
                _note_failure(domain, problem)


def note_renewal(domain: Domain) -> None:
    """Say in the timeline (once) that the certificate is another one than last time."""
    bundle = Bundle.objects.filter(host=domain.host).first()
    last = domain.events.of_kinds(["issued", "renewed"]).first()
    if bundle and last and last.details.get("serial") != bundle.serial:
        timeline.record(domain, "renewed", serial=bundle.serial, not_after=bundle.not_after.isoformat())


def _note_failure(domain: Domain, problem: str) -> None:
    last = domain.events.of_kinds(["issued", "renewed", "renewal_failed"]).first()
    if last is None or last.details.get("code") != problem:
        timeline.record(domain, "renewal_failed", code=problem)
