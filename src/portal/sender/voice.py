"""In whose name the current agency's mails go out."""

import logging
from dataclasses import dataclass
from email.utils import formataddr

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from portal.branding.queries import load_settings
from portal.sender.keys import open_key
from portal.sender.models import SenderDomain, SenderSettings
from portal.sender.signing import Signer
from tenants.agencies.current import current_agency
from tenants.certificates.sealing import SealBroken

log = logging.getLogger(__name__)
CAPABILITY = "sender.domain"


@dataclass(frozen=True)
class Voice:
    """`bounce_host`: where reports come back to, "" for the platform's; `signer`: None unless the domain is theirs."""

    from_header: str
    reply_to: str
    bounce_host: str
    signer: Signer | None


def is_offered() -> bool:
    """Whether agencies can send from their own domain here: a mail service signs by itself, for its own domains."""
    return bool(settings.CERTIFICATE_KEYS) and settings.SIGNS_MAILS


def voice() -> Voice:
    """Name, address and signature, as things stand at this moment: a broken domain is not used."""
    agency, portal = current_agency(), load_settings()
    chosen = SenderSettings.objects.filter(pk=1).first() or SenderSettings()
    name = chosen.name or portal.title or agency.name
    domain = in_use()
    signer = _signer(domain) if domain else None
    is_own = domain is not None and signer is not None
    return Voice(
        from_header=formataddr((name, str(domain) if is_own else settings.DEFAULT_FROM_EMAIL)),
        reply_to=chosen.reply_to or portal.support_email,
        bounce_host=bounce_host(domain.domain) if domain and is_own else "",
        signer=signer,
    )


def _signer(domain: SenderDomain) -> Signer | None:
    try:
        return Signer(domain.domain, domain.selector, open_key(domain))
    except (SealBroken, ImproperlyConfigured):
        # CERTIFICATE_KEYS has changed: mails that clients wait for go out all the same, from our own address.
        log.error("sender.key_does_not_open", extra={"selector": domain.selector})
        return None


def in_use() -> SenderDomain | None:
    """The agency's own domain, if mails go out from it now."""
    if not (is_offered() and current_agency().has(CAPABILITY)):
        return None
    found: SenderDomain | None = SenderDomain.objects.filter(state=SenderDomain.State.ACTIVE).first()
    return found


def bounce_host(domain: str) -> str:
    """The name below a sending domain at which reports come back: its MX and SPF records lead to us."""
    return f"bounce.{domain}"
