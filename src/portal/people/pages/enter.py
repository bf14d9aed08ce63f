"""The page that a sign-in mail leads to. Opening it uses nothing up: mail scanners open everything."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from kit.tokens import same
from portal.gate import open_page, works_read_only
from portal.http import Request
from portal.people import sign_in, sign_in_limits
from portal.people.devices import describe
from portal.people.forms_sign_in import CodeForm
from portal.people.models import SignInLink
from portal.people.pages.answers import no_referrer, too_fast
from portal.people.pages.sign_in import WRONG_CODE
from portal.people.sign_in_browser import (
    has_proof,
    hash_of,
    is_prefetch,
    keep_asked,
    proof,
    secret_for,
    set_cookie,
    token_of,
)
from portal.people.sign_in_paths import safe_next

# Why csrf_exempt: see sign_in_browser.proof(). The first form needs no proof of its own, the cookie of the
# browser that asked is one: another site can neither set it nor send it along (SameSite).


@open_page
@works_read_only
@csrf_exempt
@no_referrer
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: Request, token: str) -> HttpResponse:
    """GET shows a button; POST from the browser that asked signs in; from any other it only explains."""
    link = sign_in.find(token)
    if link is None:
        return _dead(request, token)
    if _is_door(link):
        return _door(request, link, token)
    is_own = _asked_here(request, link)
    if not is_own or is_prefetch(request):
        sign_in.note_scan(link, request)
    if not is_own:
        return _elsewhere(request, token, status=409 if request.method == "POST" else 200)
    if request.method == "POST" and not is_prefetch(request):
        return _admit(request, link, by="mail link") or _dead(request, token)
    return render(request, "portal/sign_in/enter.html")


@open_page
@works_read_only
@csrf_exempt
@no_referrer
@require_POST
def by_code(request: Request, token: str) -> HttpResponse:
    """Sign in on another device than the one that asked: with the code from the same mail."""
    wait = sign_in_limits.code(request)
    if wait:
        return too_fast(request, wait)
    link = sign_in.find(token)
    if link is None or _is_door(link):
        return _dead(request, token)
    if not has_proof(request, token):
        return _elsewhere(request, token, status=403)
    form = CodeForm(request.POST)
    if form.is_valid():
        found = sign_in.link_by_code(form.cleaned_data["code"], link=link)
        if found and (response := _admit(request, found, by="mail link and code")):
            return response
        form.add_error("code", WRONG_CODE)
    return _elsewhere(request, token, form=form, status=422)


@open_page
@works_read_only
@csrf_exempt
@no_referrer
@require_POST
def new_link(request: Request, token: str) -> HttpResponse:
    """Send a new mail whose link works on this device; the older link dies with it."""
    link = sign_in.find(token)
    if link is None:
        return _dead(request, token)
    if not has_proof(request, token):
        return _elsewhere(request, token, status=403)
    email = link.client.email
    wait = sign_in_limits.ask_from_link(request, email)
    if wait:
        return too_fast(request, wait)
    device = describe(request.headers.get("User-Agent", ""))
    browser = hash_of(token_of(request))
    sign_in.ask(email, browser=browser, next_path=link.next_path, device=device)
    response = redirect("people:sign-in-sent")
    keep_asked(response, email, link.next_path)
    return response


def _asked_here(request: Request, link: SignInLink) -> bool:
    return bool(link.browser_hash) and same(link.browser_hash, hash_of(token_of(request)))


def _is_door(link: SignInLink) -> bool:
    """Whether nobody asked for it: it came in a mail of the agency's (see mail_links) and lets nobody in."""
    return not link.browser_hash


def _door(request: Request, link: SignInLink, token: str) -> HttpResponse:
    if request.client is not None and request.client.pk == link.client_id:
        return HttpResponseRedirect(safe_next(link.next_path))
    secret = secret_for(request)
    context = {"token": token, "proof": proof(secret, token)}
    response = render(request, "portal/sign_in/door.html", context)
    set_cookie(response, "browser", secret)
    return response


def _admit(request: Request, link: SignInLink, *, by: str) -> HttpResponse | None:
    response = HttpResponseRedirect(safe_next(link.next_path))
    try:
        sign_in.enter(request, response, link, by=by)
    except sign_in.LinkDead:
        return None
    return response


def _elsewhere(
    request: Request, token: str, *, form: CodeForm | None = None, status: int = 200
) -> HttpResponse:
    secret = secret_for(request)
    context = {"form": form or CodeForm(), "token": token, "proof": proof(secret, token)}
    response = render(request, "portal/sign_in/elsewhere.html", context, status=status)
    set_cookie(response, "browser", secret)
    return response


def _dead(request: Request, token: str) -> HttpResponse:
    if request.client is not None:
        spent = sign_in.find_spent(token, request.client)
        if spent is not None:
            # A double click, or the mail opened once more: the client is in already.
            return HttpResponseRedirect(safe_next(spent.next_path))
    return render(request, "portal/sign_in/dead.html", status=410)
