"""Asking for a sign-in mail, and typing its code where one asked."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from portal.gate import open_page, works_read_only
from portal.http import Request
from portal.people import google, passkeys, sign_in, sign_in_limits
from portal.people.devices import describe
from portal.people.forms_sign_in import CodeForm, EmailForm
from portal.people.pages.answers import too_fast
from portal.people.sign_in_browser import asked_of, hash_of, keep_asked, secret_for, set_cookie, token_of
from portal.people.sign_in_paths import safe_next

WRONG_CODE = (
    "This code is not right, or it no longer works: a code is good for ten minutes and five tries."
    " You can send a new one below."
)


@open_page
@works_read_only
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: Request) -> HttpResponse:
    """The e-mail form. Its answer is the same for everybody, known here or not."""
    next_path = safe_next(request.POST.get("next") or request.GET.get("next"))
    if request.client is not None:
        return HttpResponseRedirect(next_path)
    form = EmailForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _ask(request, form.cleaned_data["email"], next_path)
    status = 422 if form.is_bound else 200
    context = {"form": form, "next": next_path, "has_moved": passkeys.has_moved(request)}
    context["by_google"] = google.is_offered()
    return render(request, "portal/sign_in/show.html", context, status=status)


@open_page
@works_read_only
@require_http_methods(["GET", "HEAD", "POST"])
def sent(request: Request) -> HttpResponse:
    """What to do now; the code from the mail works here, in the browser that asked."""
    asked = asked_of(request)
    if request.client is not None:
        return HttpResponseRedirect(safe_next(asked["next"] if asked else None))
    if asked is None:
        return redirect("people:sign-in")
    form = CodeForm(request.POST or None)
    if request.method == "POST":
        wait = sign_in_limits.code(request)
        if wait:
            return too_fast(request, wait)
        if form.is_valid() and (response := _by_code(request, form.cleaned_data["code"])):
            return response
        if form.is_valid():
            form.add_error("code", WRONG_CODE)
    context = {"form": form, "asked": asked}
    return render(request, "portal/sign_in/sent.html", context, status=422 if form.is_bound else 200)


def _ask(request: Request, email: str, next_path: str) -> HttpResponse:
    wait = sign_in_limits.ask(request, email)
    if wait:
        return too_fast(request, wait)
    secret = secret_for(request)
    device = describe(request.headers.get("User-Agent", ""))
    sign_in.ask(email, browser=hash_of(secret), next_path=next_path, device=device)
    response = redirect("people:sign-in-sent")
    set_cookie(response, "browser", secret)
    keep_asked(response, email, next_path)
    return response


def _by_code(request: Request, code: str) -> HttpResponse | None:
    link = sign_in.link_by_code(code, browser=hash_of(token_of(request)))
    if link is None:
        return None
    response = HttpResponseRedirect(safe_next(link.next_path))
    try:
        sign_in.enter(request, response, link, by="code from the mail")
    except sign_in.LinkDead:
        return None
    return response
