"""Which browser asks: a random cookie that a sign-in link is bound to, and what was typed on the way."""

import re
from datetime import timedelta
from typing import Any, TypedDict

from django.core import signing
from django.http import HttpResponse

from kit.tokens import digest, new_token, same
from portal.http import Request

LIFETIME = timedelta(hours=2)
_WELL_FORMED = re.compile(r"[\w-]{43}\Z", re.ASCII)


class Asked(TypedDict):
    """What this browser last asked for; of no secret, so that a reload keeps it."""

    email: str
    next: str


def set_cookie(response: HttpResponse, name: str, value: str, lifetime: timedelta = LIFETIME) -> None:
    """Set a cookie that scripts cannot read and that stays on this host (HostCookiesMiddleware)."""
    response.set_cookie(name, value, max_age=lifetime, httponly=True, samesite="Lax")


def forget_cookie(response: HttpResponse, name: str) -> None:
    """Take one of these cookies away."""
    response.delete_cookie(name, samesite="Lax")


def secret_in(request: Request, name: str) -> str:
    """The random secret that this browser has in one of these cookies, "" if it has none."""
    token = request.COOKIES.get(name, "")
    return token if _WELL_FORMED.match(token) else ""


def token_of(request: Request) -> str:
    """The browser's own secret, "" if it has none."""
    return secret_in(request, "browser")


def hash_of(token: str) -> str:
    """What is stored of a browser's secret."""
    return digest(token, salt="browser") if token else ""


def secret_for(request: Request) -> str:
    """The browser's secret, or a new one for it; the answer must carry it: `set_cookie(…, "browser", …)`."""
    return token_of(request) or new_token()


def is_prefetch(request: Request) -> bool:
    """Whether a browser or a preview says by itself that no person looks at the page."""
    names = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
    said = " ".join(request.headers.get(name, "") for name in names).lower()
    return request.method == "HEAD" or any(word in said for word in ("prefetch", "preview", "prerender"))


def proof(token: str, link_token: str) -> str:
    """What the link page's forms carry: only a page opened in this browser can know it.

    Under `Referrer-Policy: no-referrer` browsers send `Origin: null` with a form, which Django's own CSRF
    check must refuse; this stands in for it.
    """
    return digest(token, salt=f"proof:{link_token}") if token else ""


def has_proof(request: Request, link_token: str) -> bool:
    """Whether a form of the link page was sent from this browser's own copy of the page."""
    wanted = proof(token_of(request), link_token)
    return bool(wanted) and same(wanted, request.POST.get("proof", ""))


def keep_asked(response: HttpResponse, email: str, next_path: str) -> None:
    """Note what was asked for, so that the next page can say it and ask again."""
    set_cookie(response, "asked", signing.dumps({"email": email, "next": next_path}, salt="sign-in.asked"))


def asked_of(request: Request) -> Asked | None:
    """What this browser asked for on this host, if it did lately."""
    value = request.COOKIES.get("asked", "")
    try:
        found: Any = signing.loads(value, salt="sign-in.asked", max_age=LIFETIME)
    except signing.BadSignature:
        return None
    return Asked(email=str(found["email"]), next=str(found["next"]))


def forget(response: HttpResponse) -> None:
    """After signing in: the browser's secret has done its work."""
    forget_cookie(response, "browser")
    forget_cookie(response, "asked")
