"""What staff do with addresses of their own: asked of `tenants.domains`, and kept in the agency's audit log."""

from portal.audit.operations import record
from portal.http import Request
from portal.people.models import Staff
from tenants.agencies.current import current_agency
from tenants.domains import claiming, operations
from tenants.domains.models import Domain


def claim(raw: str, *, by: Staff, request: Request | None = None) -> Domain:
    """Begin to connect a name.

    Raises:
        Refused: of `tenants.domains.claiming.claim`; its `field` is "host" where the name is the reason.
    """
    domain = claiming.claim(current_agency().id, raw, by=by.email)
    _note("branding.domain_claimed", domain, f"Entered {domain.host} as the portal’s address", by, request)
    return domain


def verify_now(domain: Domain, *, by: Staff) -> None:
    """Look at its DNS at once.

    Raises:
        Refused: it was asked a moment ago; the words name the seconds.
    """
    operations.verify_now(domain.pk, by=by.email, agency_id=current_agency().id)


def try_again(domain: Domain, *, by: Staff) -> None:
    """Ask for the certificate now instead of later.

    Raises:
        Refused: not in this state, or asked a moment ago.
    """
    operations.try_again(domain.pk, by=by.email, agency_id=current_agency().id)


def make_primary(domain: Domain, *, by: Staff, request: Request | None = None) -> None:
    """Let mails and redirects use this name.

    Raises:
        Refused: the portal does not answer on it.
    """
    operations.make_primary(domain.pk, by=by.email, agency_id=current_agency().id)
    _note("branding.domain_primary", domain, f"Made {domain.host} the portal’s main address", by, request)


def remove(domain: Domain, *, by: Staff, request: Request | None = None) -> None:
    """Give a name up.

    Raises:
        Refused: it is over already.
    """
    operations.remove(domain.pk, by=by.email, agency_id=current_agency().id)
    _note("branding.domain_removed", domain, f"Removed {domain.host} from the portal", by, request)


def _note(verb: str, domain: Domain, summary: str, by: Staff, request: Request | None) -> None:
    change = {"host": [None, domain.host]} if verb == "branding.domain_claimed" else {}
    record(verb, f"domain:{domain.pk}", by=by, summary=summary, change=change, request=request)
