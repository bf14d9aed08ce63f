"""The optional password: signing in with it, and setting, changing, removing it."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from portal.gate import open_page, works_read_only
from portal.http import Request
from portal.people import passwords, sign_in, sign_in_limits
from portal.people.forms_sign_in import NewPasswordForm, PasswordSignInForm
from portal.people.pages.answers import too_fast
from portal.people.sessions import fresh_only
from portal.people.sign_in_paths import safe_next

NOT_RIGHT = "Address and password do not belong together. You can always sign in with a link by mail."


@open_page
@works_read_only
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_page(request: Request) -> HttpResponse:
    """One refusal for all: strangers, clients without a password, wrong passwords, ended access."""
    next_path = safe_next(request.POST.get("next") or request.GET.get("next"))
    if request.client is not None:
        return HttpResponseRedirect(next_path)
    form = PasswordSignInForm(request.POST or None)
    if form.is_valid():
        wait = sign_in_limits.password(request, form.cleaned_data["email"])
        if wait:
            return too_fast(request, wait)
        if response := _enter(request, form, next_path):
            return response
        form.add_error(None, NOT_RIGHT)
    context = {"form": form, "next": next_path}
    return render(request, "portal/sign_in/password.html", context, status=422 if form.is_bound else 200)


@sensitive_post_parameters("password", "again")
@fresh_only
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: Request) -> HttpResponse:
    """Set or change the password."""
    form = NewPasswordForm(request.POST or None, client=request.client)
    if form.is_valid():
        passwords.change(request, form.cleaned_data["password"])
        messages.success(request, "Your password is saved. The link by mail keeps working.")
        return redirect("people:password")
    status = 422 if form.is_bound else 200
    return render(request, "portal/sign_in/password_change.html", {"form": form}, status=status)


@fresh_only
@require_POST
def remove(request: Request) -> HttpResponse:
    """Go without a password again."""
    if request.client.password:
        passwords.change(request, "")
        messages.success(request, "Your password is removed. You sign in with a link by mail.")
    return redirect("people:password")


@transaction.atomic
def _enter(request: Request, form: PasswordSignInForm, next_path: str) -> HttpResponse | None:
    client = passwords.client_of(form.cleaned_data["email"], form.cleaned_data["password"])
    if client is None:
        return None
    response = HttpResponseRedirect(next_path)
    sign_in.admit(request, response, client, by="password")
    return response
