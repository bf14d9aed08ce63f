"""The operators' view of what agencies pay us, and what they may give or change."""

import stripe
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kit import clock
from kit.money import format_money, from_stripe
from kit.refused import Refused
from tenants.agencies.models import Agency
from tenants.billing import comps
from tenants.billing.models import AgencySubscription, Interval
from tenants.billing.prices import all_prices
from tenants.billing.standing import export_ends, grace_ends
from tenants.gateway.client import is_configured
from tenants.operators.billing_acts import ACTS, act, drop_coupon, make_coupon, set_price
from tenants.operators.billing_forms import (
    CompForm,
    CouponOnForm,
    DropCouponForm,
    NewCouponForm,
    PaidPlanForm,
    PriceForm,
    SubscriptionSearchForm,
)
from tenants.operators.forms import ReasonForm
from tenants.operators.models import Entry
from tenants.operators.pages import PER_PAGE, operators_only
from tenants.plans import Plan

FORMS: dict[str, type[ReasonForm]] = {
    "comp": CompForm,
    "end-comp": ReasonForm,
    "plan": PaidPlanForm,
    "coupon": CouponOnForm,
    "coupon-off": ReasonForm,
    "refresh": ReasonForm,
}
STRIPE_SAID = "Stripe refused, or does not answer: {words}"


@require_safe
@operators_only
def subscriptions(request: HttpRequest) -> HttpResponse:
    """List and search."""
    form = SubscriptionSearchForm(request.GET)
    wanted = form.wanted()
    rows = AgencySubscription.objects.select_related("agency").order_by("-is_doubled", "-agency_id")
    if words := wanted.get("q"):
        rows = rows.filter(Q(agency__name__icontains=words) | Q(agency__slug__icontains=words))
    status = wanted.get("status")
    if status == "comp":
        rows = rows.filter(comp_until__gt=clock.now())
    elif status:
        rows = rows.filter(status=status)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    query = urlencode({key: request.GET.get(key, "") for key in ("q", "status")}) + "&"
    context = {"page": page, "form": form, "query": query, "now": clock.now()}
    return render(request, "operators/billing.html", context)


@require_safe
@operators_only
def subscription(request: HttpRequest, agency_id: int) -> HttpResponse:
    """One agency: what it pays, was given, and owes."""
    return _page(request, get_object_or_404(Agency, pk=agency_id))


@require_POST
@operators_only
def change(request: HttpRequest, agency_id: int, what: str) -> HttpResponse:
    """One of ACTS."""
    agency = get_object_or_404(Agency, pk=agency_id)
    form = FORMS[what](request.POST, prefix=what)
    if form.is_valid():
        try:
            act(agency_id, what, form.cleaned_data, operator=request.user)  # type: ignore[arg-type]
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refused.words)
        except stripe.StripeError as error:
            form.add_error(None, STRIPE_SAID.format(words=error.user_message or type(error).__name__))
        else:
            messages.success(request, f"{agency.name}: “{ACTS[what].label}” is done, and in the log.")
            return redirect("operators:billing-agency", agency_id=agency_id)
    return _page(request, agency, **{what.replace("-", "_"): form})


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def show_prices(request: HttpRequest) -> HttpResponse:
    """What plans cost, and another price for those who buy from now on."""
    form = PriceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        set_price(
            plan=said["plan"],
            interval=said["interval"],
            price=said["amount"],
            operator=request.user,  # type: ignore[arg-type]
            reason=said["reason"],
        )
        messages.success(request, "The price is changed. Who has the plan goes on paying what was agreed.")
        return redirect("operators:billing-prices")
    found = all_prices()
    rows = [(plan, [str(found[(plan, interval)]) for interval in Interval]) for plan in Plan]
    context = {"rows": rows, "intervals": list(Interval), "form": form}
    return render(request, "operators/billing_prices.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def show_coupons(request: HttpRequest) -> HttpResponse:
    """The coupons at Stripe; a new one, and the end of one."""
    is_drop = "drop" in request.POST
    form = NewCouponForm(None if is_drop else request.POST or None)
    dropping = DropCouponForm(request.POST if is_drop else None, prefix="drop")
    found, trouble = [], ""
    try:
        if not is_drop and form.is_valid():
            make_coupon(**form.cleaned_data, operator=request.user)  # type: ignore[arg-type]
            messages.success(request, "The coupon is made.")
            return redirect("operators:billing-coupons")
        if dropping.is_valid():
            drop_coupon(**dropping.cleaned_data, operator=request.user)  # type: ignore[arg-type]
            messages.success(request, "Nobody can use this coupon any more.")
            return redirect("operators:billing-coupons")
        found = comps.coupons()
    except Refused as refused:
        trouble = refused.words
    except stripe.StripeError as error:
        trouble = STRIPE_SAID.format(words=error.user_message or type(error).__name__)
    context = {"coupons": found, "form": form, "dropping": dropping, "trouble": trouble}
    is_wrong = form.errors or dropping.errors
    return render(request, "operators/billing_coupons.html", context, status=422 if is_wrong else 200)


def _page(request: HttpRequest, agency: Agency, **bound: ReasonForm) -> HttpResponse:
    row, _ = AgencySubscription.objects.get_or_create(agency=agency)
    forms = {name.replace("-", "_"): kind(prefix=name) for name, kind in FORMS.items()}
    context = {
        "agency": agency,
        "row": row,
        "is_comped": row.is_comped(clock.now()),
        "grace_ends": grace_ends(row),
        "export_ends": export_ends(row),
        "is_configured": is_configured(),
        "forms": {**forms, **bound},
        "invoices": [
            (one, format_money(from_stripe(one.minor, one.currency), one.currency))
            for one in agency.plan_invoices.all()[:24]
        ],
        "price": format_money(from_stripe(row.minor, row.currency), row.currency) if row.currency else "",
        "entries": Entry.objects.filter(agency=agency)[:PER_PAGE],
    }
    return render(request, "operators/billing_agency.html", context, status=422 if bound else 200)
