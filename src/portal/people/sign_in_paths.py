"""Where signing in leads: only ever a page of the portal, on the host that was asked."""

import unicodedata
from urllib.parse import unquote, urlsplit

from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme

from tenants.routing.middleware import PORTAL_URLS

LONGEST = 500
# Signing in must not lead straight back to signing in, or out.
_LOOPS = (
    "/sign-in/",
    "/sign-out/",
    "/enter/",
    "/invitation/",
    "/confirm-email/",
    "/undo-email/",
    "/arrive/",
    "/leave/",
)


def safe_next(wanted: str | None, default: str = "/") -> str:
    """`wanted` if it is the path of a page of the portal, else `default`.

    Refused: what is no page, other hosts and schemes, `//`, backslashes (browsers read them as slashes), control and
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
    return wanted if _is_page(path) else default


def _is_page(path: str) -> bool:
    try:
        resolve(unquote(path), urlconf=PORTAL_URLS)
    except Resolver404:
        return False
    return True
