"""The operators' view of agencies' domains: how far each is, why, and the few things one may do to it."""

import json

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from kit import clock
from kit.refused import Refused
from tenants.certificates.models import Order
from tenants.domains.models import Domain
from tenants.domains.queries import view
from tenants.domains.timeline import sentence
from tenants.operators.domain_acts import ACTS, act, possible
from tenants.operators.domain_forms import ActForm, DomainSearchForm
from tenants.operators.domain_queries import found
from tenants.operators.pages import PER_PAGE, operators_only

MOST_ORDERS = 20


@require_safe
@operators_only
def domains(request: HttpRequest) -> HttpResponse:
    """List and search."""
    form = DomainSearchForm(request.GET)
    page = Paginator(found(form.wanted()), PER_PAGE).get_page(request.GET.get("page"))
    query = urlencode({key: request.GET.get(key, "") for key in ("q", "state", "order", "agency")}) + "&"
    context = {"page": page, "form": form, "query": query, "now": clock.now()}
    return render(request, "operators/domains.html", context)


@require_safe
@operators_only
def domain(request: HttpRequest, domain_id: int) -> HttpResponse:
    """One claim: state, last look, orders, timeline."""
    return _page(request, _domain(domain_id), ActForm())


@require_POST
@operators_only
def change(request: HttpRequest, domain_id: int, what: str) -> HttpResponse:
    """Look now, try again, block, unblock."""
    shown = _domain(domain_id)
    form = ActForm(request.POST)
    if form.is_valid():
        try:
            act(domain_id, what, operator=request.user, reason=form.cleaned_data["reason"])  # type: ignore[arg-type]
        except Refused as refused:
            form.add_error(None, refused.words)
        else:
            messages.success(request, f"{shown.host}: “{ACTS[what][0]}” is done, and in the log.")
            return redirect("operators:domain", domain_id=domain_id)
    return _page(request, shown, form)


def _domain(domain_id: int) -> Domain:
    return get_object_or_404(Domain.objects.select_related("agency"), pk=domain_id)


def _page(request: HttpRequest, shown: Domain, form: ActForm) -> HttpResponse:
    context = {
        "domain": shown,
        "view": view(shown),
        "events": [(event, sentence(event)) for event in shown.events.all()[:PER_PAGE]],
        "rivals": Domain.objects.open().filter(host=shown.host).exclude(pk=shown.pk).select_related("agency"),
        "orders": Order.objects.defer("sealed_key").filter(host=shown.host).order_by("-pk")[:MOST_ORDERS],
        "acts": [(name, ACTS[name][0]) for name in possible(shown)],
        "report_text": json.dumps(shown.report, indent=2, ensure_ascii=False),
        "form": form,
    }
    status = 422 if form.errors else 200
    return render(request, "operators/domain.html", context, status=status)
