"""At which hosts mail may come."""

from django.conf import settings

from portal.intake.addresses import Destination


def is_ours(destination: Destination) -> bool:
    """Whether mail for this destination may come at the host that its address names."""
    return destination.domain == settings.INTAKE_HOST
