"""The console's page "Team": who works here, as what, and for whom."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kit.refused import Refused
from portal.apikeys.models import ApiKey
from portal.forms import add_refusal
from portal.gate import managers_only
from portal.http import Request
from portal.people import joining, ownership, roles, team_queries
from portal.people.forms_team import InviteStaffForm, RoleForm, ScopeForm, TeamSettingsForm
from portal.people.models import Staff, StaffInvitation, TeamSettings

read_and_write = require_http_methods(["GET", "HEAD", "POST"])


@managers_only
@require_safe
def index(request: Request) -> HttpResponse:
    """Everybody, who was asked, and what owners decide."""
    return _index(request)


@managers_only
@require_POST
def save_settings(request: Request) -> HttpResponse:
    """What owners ask of everybody."""
    form = TeamSettingsForm(request.POST, initial=_choices())
    if form.is_valid():
        try:
            roles.save_settings(by=request.staff, request=request, **form.cleaned_data)
        except Refused as refused:
            add_refusal(form, refused)
        else:
            messages.success(request, "Saved.")
            return redirect("people:team")
    return _index(request, form)


@managers_only
@read_and_write
def invite(request: Request) -> HttpResponse:
    """Ask somebody to join."""
    form = InviteStaffForm(request.POST if request.method == "POST" else None, by=request.staff)
    if request.method == "POST" and form.is_valid():
        try:
            made = joining.invite_staff(
                email=form.cleaned_data["email"],
                role=form.cleaned_data["role"],
                by=request.staff,
                request=request,
                **form.scope,
            )
        except Refused as refused:
            add_refusal(form, refused)
        else:
            messages.success(request, f"Invitation sent. {made.email} gets it by mail now.")
            return redirect("people:team")
    context = {"form": form, "places": team_queries.places()}
    return render(request, "console/team/invite.html", context, status=422 if form.errors else 200)


@managers_only
@require_POST
def resend(request: Request, invitation_id: int) -> HttpResponse:
    """Mail it again, with a new link."""
    one = get_object_or_404(StaffInvitation, pk=invitation_id)
    return _press(request, "Sent again. The earlier link ends now.", joining.resend, one)


@managers_only
@require_POST
def revoke(request: Request, invitation_id: int) -> HttpResponse:
    """Kill it."""
    one = get_object_or_404(StaffInvitation, pk=invitation_id)
    return _press(request, "Revoked. Its link no longer works.", joining.revoke, one)


@managers_only
@read_and_write
def colleague(request: Request, staff_id: int) -> HttpResponse:
    """One colleague's role."""
    other = _colleague(staff_id)
    form = RoleForm(request.POST if request.method == "POST" else None, by=request.staff,
                    initial={"role": other.role})  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            roles.change_role(other, form.cleaned_data["role"], by=request.staff, request=request)
        except Refused as refused:
            form.add_error(None, refused.words)
        else:
            messages.success(request, "Saved. It holds from their next click on.")
            return redirect("people:colleague", other.pk)
    return _colleague_page(request, other, form=form)


@managers_only
@require_POST
def scope(request: Request, staff_id: int) -> HttpResponse:
    """Whom a member sees."""
    other = _colleague(staff_id)
    form = ScopeForm(request.POST, initial=_scope_of(other))
    if form.is_valid():
        return _press(
            request, "Saved. It holds from their next click on.", roles.set_scope, other, **form.scope
        )
    return _colleague_page(request, other, scope_form=form)


@managers_only
@read_and_write
def remove(request: Request, staff_id: int) -> HttpResponse:
    """Ask, then close the console to them."""
    other = _colleague(staff_id)
    if request.method != "POST":
        keys = ApiKey.objects.filter(made_by=other, revoked_at__isnull=True).count()
        return render(request, "console/team/remove.html", {"other": other, "keys": keys})
    return _press(request, f"{other} is out from now on. What they wrote stays.", roles.remove_staff, other)


@read_and_write
def leave(request: Request) -> HttpResponse:
    """Leave the agency oneself; members may, too."""
    if request.method != "POST":
        return render(request, "console/team/leave.html")
    try:
        roles.leave(request.staff, request=request)
    except Refused as refused:
        messages.error(request, refused.words)
        return redirect("people:leave")
    response = HttpResponse(status=302)
    response["Location"] = "/"
    return response


def _index(request: Request, form: TeamSettingsForm | None = None) -> HttpResponse:
    settings = TeamSettings.load()
    context = {
        "team": team_queries.team_for(request.staff),
        "asked": team_queries.asked_for(request.staff),
        "places": team_queries.places(),
        "settings": settings,
        "is_due": team_queries.is_second_factor_due(settings.second_factor_from),
        "transfer": ownership.open_transfer_of(request.staff),
        "is_owner": request.staff.role == Staff.Role.OWNER,
        "form": form or TeamSettingsForm(initial=_choices()),
    }
    return render(request, "console/team/index.html", context, status=422 if form else 200)


def _choices() -> dict[str, Any]:
    settings = TeamSettings.load()
    return {name: getattr(settings, name) for name in TeamSettingsForm.base_fields}


def _colleague(staff_id: int) -> Staff:
    return get_object_or_404(Staff, pk=staff_id, is_active=True)


def _scope_of(other: Staff) -> dict[str, Any]:
    chosen = list(other.scopes.values_list("company_id", "client_id"))
    return {
        "sees": "all" if other.sees_all else "some",
        "companies": [company for company, _ in chosen if company],
        "clients": [client for _, client in chosen if client],
    }


def _colleague_page(
    request: Request, other: Staff, *, form: RoleForm | None = None, scope_form: ScopeForm | None = None
) -> HttpResponse:
    context = {
        "other": other,
        "form": form or RoleForm(by=request.staff, initial={"role": other.role}),
        "scope_form": scope_form or ScopeForm(initial=_scope_of(other)),
        "may_change": roles.may_change(request.staff, other),
    }
    is_refused = bool((form and form.errors) or (scope_form and scope_form.errors))
    return render(request, "console/team/colleague.html", context, status=422 if is_refused else 200)


def _press(request: Request, done: str, do: Callable[..., Any], thing: Any, **more: Any) -> HttpResponse:
    try:
        do(thing, by=request.staff, request=request, **more)
    except Refused as refused:
        messages.error(request, refused.words)
    else:
        messages.success(request, done)
    return redirect("people:team")
