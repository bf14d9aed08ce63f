"""Unsubscribing, without signing in: the link in the mail, and the one click of mail programs (RFC 8058)."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from portal.delivery import unsubscribing
from portal.gate import on_any_host, open_page, works_closed, works_read_only
from portal.http import Request


# A mail program has no cookie and no token: the signed name is what it brings. What a stranger could do with a
# forged form is to end mails that nobody needs, and for that they would have to know the name.
@csrf_exempt
@open_page
@on_any_host
@works_closed
@works_read_only
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: Request, name: str) -> HttpResponse:
    """GET asks, so that scanners that follow links unsubscribe nobody; POST does it, or takes it back.

    Raises:
        Http404: we have not signed this name for this agency.
    """
    client = unsubscribing.read(name)
    if client is None:
        raise Http404
    if request.method == "POST":
        unsubscribing.choose(client, wants=request.POST.get("again") == "1", request=request)
        client.refresh_from_db(fields=["wants_marketing"])
    page = {
        "is_done": request.method == "POST",
        "wants": client.wants_marketing,
        "address": _covered(client.email),
    }
    response = render(request, "portal/unsubscribe.html", page)
    response["Cache-Control"] = "private, no-store"
    return response


def _covered(address: str) -> str:
    """Enough for its owner to know it: whoever has the link is not signed in."""
    local, _, domain = address.partition("@")
    return f"{local[:1]}…@{domain}"
