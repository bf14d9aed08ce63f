"""A client's own team: who acts for its company and sees what; whoever has the right invites and changes."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from kit.refused import Refused
from portal.forms import carry_out
from portal.http import Request
from portal.people import queries_teams, teams
from portal.people.forms_teams import ColleagueForm, RightsForm
from portal.people.models import Client, CompanyMembership, Right
from portal.people.rights import name_of

read_and_write = require_http_methods(["GET", "HEAD", "POST"])


@require_GET
def show(request: Request) -> HttpResponse:
    """The companies of this client and their people."""
    return render(request, "portal/team/show.html", {"teams": queries_teams.teams_of(request.client)})


@read_and_write
def invite(request: Request, company_id: int) -> HttpResponse:
    """Invite a colleague, with no more rights than the own ones."""
    own = _own(request, company_id, Right.INVITE)
    form = ColleagueForm(request.POST if request.method == "POST" else None, may_give=own.rights)
    if own.sees_from is not None:
        words = f"What you see|Records since {own.sees_from.astimezone(request.agency.tzinfo):%-d %B %Y}."
        now = form.fields["with_history"].choices[1]  # type: ignore[attr-defined]
        form.fields["with_history"].choices = [("all", words), now]  # type: ignore[attr-defined]
    if request.method == "POST" and carry_out(
        form, teams.invite_colleague, own.company, by=request.client, request=request
    ):
        messages.success(request, f"Invitation sent. {form.cleaned_data['name']} gets it by mail now.")
        return redirect("people:team")
    context = {"form": form, "company": own.company}
    return render(request, "portal/team/invite.html", context, status=422 if form.errors else 200)


@read_and_write
def member(request: Request, company_id: int, membership_id: int) -> HttpResponse:
    """What a colleague may do."""
    own, found = _colleague(request, company_id, membership_id)
    form = RightsForm(request.POST if request.method == "POST" else None, may_give=own.rights, now=found)
    if request.method == "POST" and carry_out(
        form, teams.set_rights, found, by=request.client, request=request
    ):
        messages.success(request, f"Saved. It holds for {found.client.shown_name} from the next click on.")
        return redirect("people:team")
    context = {"form": form, "found": found, "called": name_of(found)}
    return render(request, "portal/team/member.html", context, status=422 if form.errors else 200)


@read_and_write
def leave(request: Request, company_id: int, membership_id: int) -> HttpResponse:
    """Ask, then take a colleague out of the company."""
    _, found = _colleague(request, company_id, membership_id)
    if request.method != "POST":
        return render(request, "portal/team/leave.html", {"found": found})
    try:
        teams.leave_company(found, by=request.client, request=request)
    except Refused as refused:
        messages.error(request, refused.words)
    else:
        messages.success(request, f"{found.client.shown_name} sees nothing of {found.company} any more.")
    return redirect("people:team")


def _own(request: Request, company_id: int, right: Right) -> CompanyMembership:
    client: Client = request.client
    mine = client.memberships.filter(rights__contains=[right]).select_related("company")
    return get_object_or_404(mine, company=company_id)


def _colleague(
    request: Request, company_id: int, membership_id: int
) -> tuple[CompanyMembership, CompanyMembership]:
    own: Any = _own(request, company_id, Right.MANAGE_TEAM)
    found = own.company.memberships.select_related("client", "company")
    colleague = get_object_or_404(found, pk=membership_id)
    if not queries_teams.may_change(own, colleague):
        raise Http404
    return own, colleague
