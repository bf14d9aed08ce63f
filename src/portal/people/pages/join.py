"""The link of an invitation to the team, on the console's host. Looking at it uses nothing up."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST

from kit.refused import Refused
from portal.gate import open_page
from portal.http import Request
from portal.people import joining
from portal.people.forms_team import JoinCodeForm, NewLoginForm
from portal.people.models import StaffInvitation
from portal.people.pages.answers import no_referrer
from portal.people.refusals import LinkUnusable
from tenants.accounts.entering import enter_as
from tenants.accounts.logins import account_with_email
from tenants.accounts.models import Account
from tenants.agencies.current import outside_agencies
from tenants.ratelimits.operations import take


@open_page
@no_referrer
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: Request, token: str) -> HttpResponse:
    """Who asks, as what; below, the way in that fits who is looking."""
    invitation = joining.find(token)
    if invitation is None:
        return _gone(request)
    person = _person(request)
    if person is None:
        return _new_or_log_in(request, token, invitation)
    if request.method == "POST":
        return _accept(request, token, invitation, person)
    return _page(request, token, invitation, person=person, is_proven=joining.is_proven(invitation, person))


@open_page
@no_referrer
@require_POST
def code(request: Request, token: str) -> HttpResponse:
    """Mail a code to the invited address, for who is signed in with another."""
    person = _person(request)
    if person is None:
        return redirect("people:join", token)
    try:
        joining.send_code(token, person)
    except LinkUnusable:
        return _gone(request)
    except Refused as refused:
        messages.error(request, refused.words)
    else:
        messages.success(request, "A code is on its way to the invited address.")
    return redirect("people:join", token)


def _accept(request: Request, token: str, invitation: StaffInvitation, person: Account) -> HttpResponse:
    is_proven = joining.is_proven(invitation, person)
    form = JoinCodeForm(request.POST)
    if not is_proven and not form.is_valid():
        return _page(request, token, invitation, person=person, form=form, status=422)
    try:
        joining.accept(token, person, code="" if is_proven else form.cleaned_data["code"], request=request)
    except LinkUnusable:
        return _gone(request)
    except Refused as refused:
        form.add_error("code" if refused.field == "code" else None, refused.words)
        return _page(request, token, invitation, person=person, is_proven=is_proven, form=form, status=422)
    messages.success(request, f"Welcome to {request.agency.name}.")
    return HttpResponseRedirect(f"/{request.agency.slug}/")


def _new_or_log_in(request: Request, token: str, invitation: StaffInvitation) -> HttpResponse:
    with outside_agencies():
        is_known = account_with_email(invitation.email) is not None
    if is_known:
        return _page(request, token, invitation, login_path=_login_path(request))
    form = NewLoginForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _make_login(request, token, invitation, form)
    return _page(request, token, invitation, form=form, status=422 if form.errors else 200)


def _make_login(
    request: Request, token: str, invitation: StaffInvitation, form: NewLoginForm
) -> HttpResponse:
    if take(f"join:{request.META.get('REMOTE_ADDR')}", most=20, per_seconds=3600):
        form.add_error(None, "Too many tries. Please wait a little.")
        return _page(request, token, invitation, form=form, status=429)
    try:
        account = joining.make_login(token, **form.cleaned_data)
        if account is None:  # made in another tab meanwhile: that one has its own password
            return redirect("people:join", token)
        joining.accept(token, account, request=request)
    except LinkUnusable:
        return _gone(request)
    except Refused as refused:
        form.add_error(None, refused.words)
        return _page(request, token, invitation, form=form, status=422)
    with outside_agencies():
        enter_as(request, account, method="code")
    messages.success(request, f"Welcome to {request.agency.name}.")
    return HttpResponseRedirect(f"/{request.agency.slug}/")


def _page(
    request: Request, token: str, invitation: StaffInvitation, *, status: int = 200, **more: Any
) -> HttpResponse:
    is_code_sent = bool(invitation.code_account_id) and "person" in more
    context = {
        "other_login_path": _login_path(request),
        "invitation": invitation,
        "token": token,
        "agency": request.agency,
        "form": JoinCodeForm(),
        **more,
    }
    context["is_code_sent"] = is_code_sent and invitation.code_account_id == more["person"].pk
    return render(request, "console/team/join.html", context, status=status)


def _gone(request: Request) -> HttpResponse:
    return render(request, "console/team/join_gone.html", {"agencies_path": "/"}, status=410)


def _login_path(request: Request) -> str:
    return "/accounts/login/?" + urlencode({"next": request.get_full_path()})


def _person(request: Request) -> Account | None:
    """Read before the switch to the agency's schema, see AudienceMiddleware."""
    user: Any = request.user
    return user if user.is_authenticated else None
