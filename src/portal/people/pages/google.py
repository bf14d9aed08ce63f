"""Sign-in by Google: off to it, back from it, and the account on the profile."""

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kit.refused import Refused
from portal.gate import open_page, works_read_only
from portal.http import Request
from portal.people import google, sign_in_limits
from portal.people.pages.answers import no_referrer, not_ahead, too_fast
from portal.people.sessions import fresh_only
from portal.people.sign_in_paths import safe_next

WHY = {
    "cancelled": "You came back from Google without choosing an account.",
    "unreachable": "Google does not answer at the moment.",
    "refused": "Google's answer could not be checked, so nobody was signed in.",
    "late": "This took longer than a minute, or it was begun in another browser.",
    "access": "The Google account that you chose has no access here.",
}


@open_page
@works_read_only
@not_ahead
@require_GET
def begin(request: Request) -> HttpResponse:
    """Off to Google. A plain link: it changes nothing but which page is shown."""
    next_path = safe_next(request.GET.get("next"))
    if request.client is not None:
        return HttpResponseRedirect(next_path)
    return _off(request, next_path, is_connecting=False)


@open_page
@works_read_only
@require_GET
def no(request: Request) -> HttpResponse:
    """Why one is not signed in, and the other ways."""
    why = request.GET.get("why", "")
    context = {"why": WHY.get(why, WHY["refused"]), "is_offered": google.is_offered()}
    return render(request, "portal/sign_in/google_no.html", {**context, "is_access": why == "access"})


@open_page
@works_read_only
@csrf_exempt  # see sign_in_browser.proof(): the cookie of the browser that began is the proof
@no_referrer
@not_ahead
@require_http_methods(["GET", "HEAD", "POST"])
def arrive(request: Request, code: str) -> HttpResponse:
    """GET shows a button (and presses it, to sign in); only the POST uses the code up."""
    wait = sign_in_limits.google(request)
    if wait:
        return too_fast(request, wait)
    if request.method == "POST":
        return _arrived(request, code)
    attempt = google.look(request, code)
    if attempt is None:
        return _no("late")
    is_connecting = "session" in attempt.words
    if is_connecting and request.client is None:
        return _no("late")
    context = {"email": attempt.email, "is_connecting": is_connecting}
    return render(request, "portal/sign_in/google_arrive.html", context)


@fresh_only
@require_GET
def show(request: Request) -> HttpResponse:
    """The account that signs this client in, or how to connect one."""
    if not google.is_offered():
        raise Http404
    return render(request, "portal/sign_in/google.html", {"account": request.client.google_accounts.first()})


@fresh_only
@require_POST
def connect(request: Request) -> HttpResponse:
    """Off to Google, to choose the account."""
    return _off(request, "/profile/google/", is_connecting=True)


@fresh_only
@require_POST
def disconnect(request: Request) -> HttpResponse:
    """Sign in by mail again."""
    if google.disconnect(request):
        messages.success(request, "You no longer sign in by Google. The link by mail keeps working.")
    return redirect("people:google")


def _off(request: Request, next_path: str, *, is_connecting: bool) -> HttpResponse:
    if not google.is_offered():
        raise Http404
    wait = sign_in_limits.google(request)
    if wait:
        return too_fast(request, wait)
    try:
        url, secret = google.begin(request, next_path=next_path, is_connecting=is_connecting)
    except google.Unreachable:
        return _no("unreachable")
    response = HttpResponseRedirect(url)
    response["Referrer-Policy"] = "no-referrer"
    google.keep(response, secret)
    return response


def _arrived(request: Request, code: str) -> HttpResponse:
    response = HttpResponseRedirect("/")
    attempt = google.redeem(request, response, code)
    if attempt is None:
        return _no("late")
    response["Location"] = safe_next(attempt.words.get("next"))
    try:
        if "session" in attempt.words:
            google.connect(request, attempt)
            messages.success(request, "Done. From now on you can sign in by Google.")
        else:
            google.enter(request, response, attempt)
    except google.NoAccessHere:
        return _no("access")
    except Refused as refused:
        messages.error(request, str(refused))
    return response


def _no(why: str) -> HttpResponse:
    return HttpResponseRedirect(f"/sign-in/google/no/?why={why}")
