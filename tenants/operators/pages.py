"""Our own people's view of the agencies: rows of the public schema, never what is inside an agency."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from kit.refused import Refused
from tenants.accounts.logins import has_second_factor
from tenants.accounts.models import Account
from tenants.agencies.models import Agency
from tenants.operators import operations
from tenants.operators.forms import PlanForm, ReasonForm, SearchForm, StateForm, TrialForm
from tenants.operators.models import Entry

PER_PAGE = 50
FORMS: dict[str, type[ReasonForm]] = {"plan": PlanForm, "state": StateForm, "trial": TrialForm}
ACTS: dict[str, Callable[..., Agency]] = {
    "plan": operations.change_plan,
    "state": operations.change_state,
    "trial": operations.extend_trial,
}
View = Callable[..., HttpResponse]


def operators_only(view: View) -> View:
    """Operators with a second factor; to everybody else the page does not exist."""

    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        person = request.user
        if not isinstance(person, Account) or not person.is_operator:
            raise Http404
        if settings.OPERATORS_NEED_MFA and not has_second_factor(person):
            messages.warning(request, "The operators’ pages open with a second step: set one up first.")
            return redirect("mfa_index")
        return view(request, **kwargs)

    return guarded


@require_safe
@operators_only
def agencies(request: HttpRequest) -> HttpResponse:
    """List and search."""
    form = SearchForm(request.GET)
    wanted = form.wanted()
    found = Agency.objects.order_by("-created_at", "-pk")
    if words := wanted.pop("q", ""):
        found = found.filter(Q(name__icontains=words) | Q(slug__icontains=words))
    page = Paginator(found.filter(**wanted), PER_PAGE).get_page(request.GET.get("page"))
    query = urlencode({key: request.GET.get(key, "") for key in ("q", "plan", "state")}) + "&"
    return render(request, "operators/agencies.html", {"page": page, "form": form, "query": query})


@require_safe
@operators_only
def agency(request: HttpRequest, agency_id: int) -> HttpResponse:
    """One agency, what may be done to it and what was."""
    return _agency_page(request, get_object_or_404(Agency, pk=agency_id))


@require_POST
@operators_only
def act(request: HttpRequest, agency_id: int, what: str) -> HttpResponse:
    """Change its plan or state, or make its trial longer."""
    shown = get_object_or_404(Agency, pk=agency_id)
    form = FORMS[what](request.POST, prefix=what)
    if form.is_valid():
        try:
            ACTS[what](agency_id, operator=request.user, **form.cleaned_data)
        except Refused as refused:
            form.add_error(refused.field or None, refused.words)
        else:
            messages.success(request, f"{shown.name}: the {what} is changed. It counts within a second.")
            return redirect("operators:agency", agency_id=agency_id)
    return _agency_page(request, shown, **{what: form})


@require_safe
@operators_only
def entries(request: HttpRequest) -> HttpResponse:
    """Everything that operators did."""
    rows = Entry.objects.select_related("agency")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "operators/entries.html", {"page": page})


def _agency_page(request: HttpRequest, shown: Agency, **bound: ReasonForm) -> HttpResponse:
    fresh = {
        "plan": PlanForm(prefix="plan", initial={"plan": shown.plan}),
        "state": StateForm(prefix="state", initial={"state": shown.state}),
        "trial": TrialForm(prefix="trial"),
    }
    context = {
        "shown": shown,
        "current": shown.current(),
        "forms": {**fresh, **bound},
        "owners": Account.objects.filter(memberships__agency=shown, memberships__role="owner"),
        "entries": Entry.objects.filter(agency=shown)[:PER_PAGE],
    }
    return render(request, "operators/agency.html", context)
