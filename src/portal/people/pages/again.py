"""A fresh proof of who it is, before something that changes how one signs in."""

from urllib.parse import urlencode

from django.contrib.auth.hashers import check_password
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from portal.gate import works_read_only
from portal.http import Request
from portal.people import sessions, sign_in, sign_in_limits
from portal.people.devices import describe
from portal.people.forms_sign_in import CodeForm, PasswordProofForm
from portal.people.pages.answers import too_fast
from portal.people.pages.sign_in import WRONG_CODE
from portal.people.sign_in_browser import hash_of, secret_for, set_cookie, token_of
from portal.people.sign_in_paths import safe_next


@works_read_only
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: Request) -> HttpResponse:
    """Asks for the code of a mail, or for the password where there is one; then leads back."""
    form = CodeForm(request.POST or None)
    if request.method == "POST":
        wait = sign_in_limits.code(request)
        if wait:
            return too_fast(request, wait)
        if form.is_valid():
            if _proves(request, form.cleaned_data["code"]):
                return _back(request)
            form.add_error("code", WRONG_CODE)
    return _page(request, form=form)


@works_read_only
@require_POST
def send(request: Request) -> HttpResponse:
    """Mail a code to the client who is signed in."""
    wait = sign_in_limits.ask(request, request.client.email)
    if wait:
        return too_fast(request, wait)
    secret, next_path = secret_for(request), _next(request)
    device = describe(request.headers.get("User-Agent", ""))
    sign_in.ask(request.client.email, browser=hash_of(secret), next_path=next_path, device=device)
    query = urlencode({"next": next_path, "sent": "1"})
    response = HttpResponseRedirect(f"{reverse('people:sign-in-again')}?{query}")
    set_cookie(response, "browser", secret)
    return response


@works_read_only
@require_POST
def by_password(request: Request) -> HttpResponse:
    """The password as proof."""
    wait = sign_in_limits.password(request, request.client.email)
    if wait:
        return too_fast(request, wait)
    form = PasswordProofForm(request.POST)
    if form.is_valid():
        if check_password(form.cleaned_data["password"], request.client.password):
            sessions.mark_fresh(request.client_session)
            return _back(request)
        form.add_error("password", "This password is not right.")
    return _page(request, password_form=form)


@transaction.atomic
def _proves(request: Request, code: str) -> bool:
    link = sign_in.link_by_code(code, browser=hash_of(token_of(request)))
    if link is None or link.client_id != request.client.pk:
        return False
    try:
        sign_in.redeem(link)
    except sign_in.LinkDead:
        return False
    sessions.mark_fresh(request.client_session)
    return True


def _next(request: Request) -> str:
    return safe_next(request.POST.get("next") or request.GET.get("next"), default="/profile/")


def _back(request: Request) -> HttpResponse:
    return HttpResponseRedirect(_next(request))


def _page(
    request: Request, *, form: CodeForm | None = None, password_form: PasswordProofForm | None = None
) -> HttpResponse:
    if form is None:
        form = CodeForm()
    context = {
        "form": form,
        "password_form": password_form or (PasswordProofForm() if request.client.password else None),
        "next": _next(request),
        "is_sent": "sent" in request.GET or form.is_bound,
    }
    is_refused = form.is_bound or password_form is not None
    return render(request, "portal/sign_in/again.html", context, status=422 if is_refused else 200)
