"""At which hosts mail may come."""

from django.conf import settings

from portal.intake.addresses import Destination
from portal.sender.models import SenderDomain
from portal.sender.voice import bounce_host
from tenants.agencies.current import inside, leave_agency
from tenants.routing import hosts


def is_ours(destination: Destination) -> bool:
    """Whether mail for this destination may come at the host that its address names: ours, or for bounces the
    name below the sending domain of the agency that signed it."""
    if destination.domain == settings.INTAKE_HOST:
        return True
    leave_agency()
    agency = hosts.by_id(destination.agency_id)
    if agency is None or agency.is_behind:
        return False
    with inside(agency):
        # In whatever state: a report may come days after the mail.
        named = SenderDomain.objects.values_list("domain", flat=True).first()
    return named is not None and destination.domain == bounce_host(named)
