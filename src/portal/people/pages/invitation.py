"""The invitation's link. Looking at it never uses it up; the button does, once."""

from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from portal.gate import open_page, works_read_only
from portal.http import Request
from portal.people import invitations, sign_in, sign_in_browser, sign_in_limits
from portal.people.devices import describe
from portal.people.models import Client, Invitation
from portal.people.pages.answers import no_referrer
from portal.people.pages.link_pages import link_page
from portal.people.refusals import LinkUnusable
from portal.people.sign_in_paths import safe_next

# Why csrf_exempt: see sign_in_browser.proof(). The proof in the form says that a page opened in this
# browser sent it; a program that posts to the bare address has none and uses nothing up.


@open_page
@works_read_only
@csrf_exempt
@no_referrer
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: Request, token: str) -> HttpResponse:
    """Welcome, with one button that signs in on this browser."""
    invitation = invitations.find(token)
    if invitation is not None and _is_signed_in_as(request, invitation.client):
        return _go_on(invitation)
    if request.method == "POST" and sign_in_browser.has_proof(request, token):
        return _accept(request, token)
    if invitation is None or not invitations.is_usable(invitation):
        return _gone(request, token)
    if request.method == "GET":
        invitations.note_opened(invitation, request.headers.get("User-Agent", ""))
    context = {"invitation": invitation, "invited": invitation.client}
    return link_page(request, "portal/invitation/show.html", token, context)


@open_page
@works_read_only
@csrf_exempt
@no_referrer
@require_POST
def fresh_link(request: Request, token: str) -> HttpResponse:
    """From a link that no longer works: mail a sign-in link to its client. The answer is always the same."""
    if not sign_in_browser.has_proof(request, token):
        return _gone(request, token)
    invitation = invitations.find(token)
    email = invitation.client.email if invitation is not None else ""
    if not sign_in_limits.ask_from_link(request, email or "nobody") and invitation is not None:
        sign_in.ask(
            email,
            browser=sign_in_browser.hash_of(sign_in_browser.token_of(request)),
            next_path=safe_next(invitation.next_path),
            device=describe(request.headers.get("User-Agent", "")),
        )
    # Nothing that is only true of a known link may show: neither the address nor whether a mail goes out.
    return render(request, "portal/invitation/link_sent.html")


def _accept(request: Request, token: str) -> HttpResponse:
    try:
        with transaction.atomic():
            invitation = invitations.accept(token, request=request)
            response = _go_on(invitation)
            sign_in.admit(request, response, invitation.client, by="invitation")
    except LinkUnusable:
        return _gone(request, token)
    return response


def _go_on(invitation: Invitation) -> HttpResponse:
    return HttpResponseRedirect(safe_next(invitation.next_path))


def _is_signed_in_as(request: Request, client: Client) -> bool:
    return request.client is not None and request.client.pk == client.pk


def _gone(request: Request, token: str) -> HttpResponse:
    return link_page(request, "portal/invitation/gone.html", token, {}, status=410)
