"""Where signing in leads: only ever a path on the host that was asked."""

import unicodedata
from urllib.parse import urlsplit

from django.utils.http import url_has_allowed_host_and_scheme

LONGEST = 500
# Signing in must not lead straight back to signing in, or out.
_LOOPS = ("/sign-in/", "/sign-out/", "/enter/", "/invitation/")


def safe_next(wanted: str | None, default: str = "/") -> str:
    """`wanted` if it is a path on this very host, else `default`.

    Refused: other hosts and schemes, `//`, backslashes (browsers read them as slashes), control and
    invisible characters (browsers drop some of them before they look for `//`).
    """
    if not wanted or len(wanted) > LONGEST or not wanted.startswith("/"):
        return default
    if "\\" in wanted or any(unicodedata.category(c)[0] in "CZ" for c in wanted):
        return default
    if not url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return default
    path = urlsplit(wanted).path
    if "//" in path or any(part in (".", "..") for part in path.split("/")) or path.startswith(_LOOPS):
        return default
    return wanted
