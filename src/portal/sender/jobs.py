"""Queued work of senders."""

from portal.jobs import job
from portal.sender import keys, operations
from portal.sender.models import SenderDomain
from portal.sender.voice import CAPABILITY, is_offered
from tenants.agencies.current import current_agency

DAY = 86_400


@job("sender.check", every_seconds=DAY)
def check_domain() -> None:
    """Look at the DNS of the agency's sending domain: records vanish when somebody moves a website."""
    found = SenderDomain.objects.first()
    if found is not None and is_offered() and current_agency().has(CAPABILITY):
        operations.check(found)
        keys.seal_anew(found)
