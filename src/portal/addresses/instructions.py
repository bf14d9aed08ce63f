"""The mail to whoever runs an agency's DNS: the records, and what they are for."""

from typing import Any

from django.db import transaction
from django.template.loader import render_to_string

from kit.refused import Refused
from portal.addresses.shown import Shown
from portal.audit.operations import record
from portal.http import Request
from portal.people.models import Staff
from tenants.agencies.current import current_agency, outside_agencies
from tenants.mail.operations import write
from tenants.ratelimits.operations import take

KIND = "console/branding/mail/instructions"
# It goes to any address one types: few enough that nobody uses it to write to strangers.
PER_ADDRESS_A_DAY, PER_AGENCY_A_DAY = 3, 15
DAY_SECONDS = 86_400


class TooManyMails(Refused):
    """They were sent too often."""

    words = "These instructions went out often enough for today. Copy them from this page instead."


def words_for(shown: Shown, by: Staff) -> dict[str, Any]:
    """What the mail's templates print."""
    agency = current_agency()
    return {"shown": shown, "agency_name": agency.name, "sender": str(by), "sender_email": by.email}


def preview(shown: Shown, by: Staff) -> str:
    """The words of the mail, as plain text without its foot."""
    return render_to_string("console/branding/mail/_instructions.txt", words_for(shown, by)).strip()


def send(shown: Shown, email: str, *, by: Staff, request: Request | None = None) -> None:
    """Mail the records.

    Raises:
        TooManyMails: three a day to one address, fifteen a day of one agency.
    """
    agency = current_agency()
    keys = (
        (f"domain-mail:{email.lower()}", PER_ADDRESS_A_DAY),
        (f"domain-mail:{agency.id}", PER_AGENCY_A_DAY),
    )
    if any(take(key, most=most, per_seconds=DAY_SECONDS) for key, most in keys):
        raise TooManyMails(field="email")
    words = words_for(shown, by)
    with transaction.atomic():
        with outside_agencies():
            write(KIND, email, words)
        summary = f"Sent the DNS instructions for {shown.host} to {email}"
        record("branding.domain_instructions", f"domain:{shown.id}", by=by, summary=summary, request=request)
