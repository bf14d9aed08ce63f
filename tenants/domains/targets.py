"""What an agency needs before any claim: a plan with domains, a place to point to, and certificates here."""

from django.conf import settings

from tenants.agencies.current import CurrentAgency
from tenants.agencies.models import AgencyState
from tenants.domains.models import Target

CAPABILITY = "branding.domain"


def is_offered() -> bool:
    """Whether agencies can connect domains here: without a certificate authority nobody can."""
    return bool(settings.ACME_DIRECTORY)


def is_entitled(agency: CurrentAgency) -> bool:
    """Whether the agency may bring names to life: its plan has them and it may change things."""
    return agency.has(CAPABILITY) and not agency.is_read_only and agency.state != AgencyState.GONE


def of(agency_id: int) -> str:
    """The agency's own CNAME target; made at the first question, never given to another agency."""
    target, _ = Target.objects.get_or_create(agency_id=agency_id)
    return f"{target.key}.{settings.EDGE_ZONE}"
