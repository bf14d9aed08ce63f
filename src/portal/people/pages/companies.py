"""Staff look after companies: who acts for them, what each may do, since when each sees the records."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods

from kit import clock
from kit.paging import BadCursor
from portal.forms import carry_out, searched
from portal.gate import managers_only
from portal.http import Request
from portal.panels import filled_panels
from portal.people import queries, queries_teams, teams
from portal.people.forms_teams import ColleagueForm, CompanyForm, MembershipForm
from portal.people.models import Company, CompanyMembership
from portal.people.rights import name_of
from portal.records.filtering import OwnFieldsFilter
from portal.records.models import CustomField

read_and_write = require_http_methods(["GET", "HEAD", "POST"])


@require_GET
def companies(request: Request) -> HttpResponse:
    """All companies, newest first, with search."""
    search, own = searched(request), OwnFieldsFilter(request.GET, CustomField.About.COMPANY)
    try:
        page = queries_teams.list_companies(
            request.staff, search=search, own=own, cursor=request.GET.get("after")
        )
    except BadCursor as error:
        raise Http404 from error
    context = {
        "rows": page.rows,
        "next_cursor": page.next_cursor,
        "search": search,
        "own": own,
        "query": urlencode({"q": search, **own.query}),
        "is_later_page": "after" in request.GET,
    }
    return render(request, "console/people/companies.html", context)


@read_and_write
def new(request: Request) -> HttpResponse:
    """Add a company; its people come next."""
    form = CompanyForm(request.POST if request.method == "POST" else None)
    make = teams.make_company
    if request.method == "POST" and (done := carry_out(form, make, by=request.staff, request=request)):
        messages.success(request, f"{done.result} is added. Now say who acts for it.")
        return redirect("people:company", done.result.pk)
    return _form(request, form, "Add a company", "Add", None)


@require_GET
def company(request: Request, company_id: int) -> HttpResponse:
    """One company: its people, and what it has here."""
    shown = _company(request, company_id)
    context = {
        "company": shown,
        "team": queries_teams.team_of(shown),
        "counts": queries_teams.counts_of(shown),
        "places": queries.places(),
        "panels": filled_panels("people.company", request, shown),
    }
    return render(request, "console/people/company.html", context)


@read_and_write
def rename(request: Request, company_id: int) -> HttpResponse:
    """Another name."""
    shown = _company(request, company_id)
    form = CompanyForm(request.POST if request.method == "POST" else None, initial={"name": shown.name})
    if request.method == "POST" and carry_out(
        form, teams.rename_company, shown, by=request.staff, request=request
    ):
        messages.success(request, "Saved. What you sent before keeps the old name.")
        return redirect("people:company", shown.pk)
    return _form(request, form, f"Rename {shown}", "Save", shown)


@read_and_write
def add(request: Request, company_id: int) -> HttpResponse:
    """Somebody new, or a client whom the agency knows already."""
    shown = _company(request, company_id)
    form = ColleagueForm(request.POST if request.method == "POST" else None, initial={"with_history": "all"})
    is_invited = request.POST.get("then") != "later"

    def join(*, with_history: bool, **fields: Any) -> None:
        since = None if with_history else clock.now()
        teams.add_contact(
            shown, sees_from=since, is_invited=is_invited, by=request.staff, request=request, **fields
        )

    if request.method == "POST" and carry_out(form, join):
        name = form.cleaned_data["name"]
        sent = (
            f"Invitation sent. {name} gets it by mail now."
            if is_invited
            else "Added. Nothing was mailed yet."
        )
        messages.success(request, sent)
        return redirect("people:company", shown.pk)
    context = {"form": form, "company": shown}
    return render(request, "console/people/contact_new.html", context, status=422 if form.errors else 200)


@read_and_write
@managers_only
def member(request: Request, company_id: int, membership_id: int) -> HttpResponse:
    """What somebody may do in the company, and since when it sees the records."""
    found = _membership(request, company_id, membership_id)
    initial = {"since": found.sees_from, "sees_from": _day(request, found)}
    form = MembershipForm(request.POST if request.method == "POST" else None, now=found, initial=initial)

    if request.method == "POST" and carry_out(
        form, teams.set_membership, found, by=request.staff, request=request
    ):
        messages.success(request, f"Saved. It holds for {found.client.shown_name} from the next click on.")
        return redirect("people:company", company_id)
    context = {"form": form, "company": found.company, "found": found, "called": name_of(found)}
    return render(request, "console/people/contact.html", context, status=422 if form.errors else 200)


@read_and_write
@managers_only
def leave(request: Request, company_id: int, membership_id: int) -> HttpResponse:
    """Ask, then take somebody out of the company."""
    found = _membership(request, company_id, membership_id)
    if request.method != "POST":
        context = {"company": found.company, "found": found}
        return render(request, "console/people/contact_leave.html", context)
    teams.leave_company(found, by=request.staff, request=request)
    messages.success(request, f"{found.client.shown_name} sees nothing of {found.company} any more.")
    return redirect("people:company", company_id)


def _form(
    request: Request, form: CompanyForm, title: str, button: str, shown: Company | None
) -> HttpResponse:
    context = {"form": form, "title": title, "button": button, "company": shown}
    return render(request, "console/people/company_form.html", context, status=422 if form.errors else 200)


def _company(request: Request, company_id: int) -> Company:
    return get_object_or_404(Company.objects.served_by(request.staff), pk=company_id)


def _membership(request: Request, company_id: int, membership_id: int) -> CompanyMembership:
    found = _company(request, company_id).memberships.select_related("client", "company")
    return get_object_or_404(found, pk=membership_id)


def _day(request: Request, membership: CompanyMembership) -> Any:
    since = membership.sees_from
    return since.astimezone(request.agency.tzinfo).date() if since else None
