"""How often one may try: counted before anything is looked up, so that a limit tells nothing either."""

from portal.http import Request
from tenants.ratelimits.operations import take

MINUTE, DAY = 60, 24 * 3600


def ask(request: Request, email: str) -> float:
    """Count one mail asked for; the seconds to wait, 0.0 if it may go."""
    agency = request.agency.schema_name
    return _take_all(
        (f"sign-in:agency:{agency}", 1000, 10 * MINUTE),
        (f"sign-in:ip:{agency}:{_address(request)}", 100, 10 * MINUTE),
        (f"sign-in:address:{agency}:{_folded(email)}", 20, 10 * MINUTE),
        (f"sign-in:address-day:{agency}:{_folded(email)}", 50, DAY),
    )


def ask_from_link(request: Request, email: str) -> float:
    """Count one mail asked for from a link's page: few, so that a scanner that presses buttons soon stops."""
    agency = request.agency.schema_name
    return max(ask(request, email), take(f"sign-in-from:{agency}:{_folded(email)}", most=3, per_seconds=900))


def code(request: Request) -> float:
    """Count one code typed. That a code dies after five tries is the link's own; this is against many links."""
    agency = request.agency.schema_name
    return _take_all(
        (f"sign-in-code:agency:{agency}", 2000, 10 * MINUTE),
        (f"sign-in-code:ip:{agency}:{_address(request)}", 60, 10 * MINUTE),
    )


def password(request: Request, email: str) -> float:
    """Count one password tried."""
    agency = request.agency.schema_name
    return _take_all(
        (f"sign-in-password:agency:{agency}", 1000, 10 * MINUTE),
        (f"sign-in-password:ip:{agency}:{_address(request)}", 50, 10 * MINUTE),
        (f"sign-in-password:address:{agency}:{_folded(email)}", 10, 15 * MINUTE),
    )


def passkey(request: Request) -> float:
    """Count one passkey tried."""
    agency = request.agency.schema_name
    return _take_all((f"sign-in-passkey:ip:{agency}:{_address(request)}", 60, 10 * MINUTE))


def google(request: Request) -> float:
    """Count one way to Google begun, or come back from."""
    agency = request.agency.schema_name
    return _take_all(
        (f"sign-in-google:agency:{agency}", 2000, 10 * MINUTE),
        (f"sign-in-google:ip:{agency}:{_address(request)}", 60, 10 * MINUTE),
    )


def move(request: Request) -> float:
    """Count one session brought along to another host: a browser that goes in circles is let out of them."""
    return take(f"move:{request.agency.schema_name}:{request.client_session.pk}", most=20, per_seconds=MINUTE)


def first_time(what: str, *, within_seconds: int) -> bool:
    """Whether this is the first time lately: for things noted once, and challenges used once."""
    return take(f"first:{what}", most=1, per_seconds=within_seconds) == 0.0


def _take_all(*limits: tuple[str, int, int]) -> float:
    # All are counted, always: as many queries for a stranger as for a client.
    return max([take(key, most=most, per_seconds=seconds) for key, most, seconds in limits])


def _address(request: Request) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


def _folded(email: str) -> str:
    return email.strip().casefold()
