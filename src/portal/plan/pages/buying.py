"""What the agency has, uses and pays; the ways to Stripe and back."""

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from portal.http import Request
from portal.plan.doors import or_back, owners_only
from portal.plan.pages.answers import choice_of, note
from portal.plan.shown import load
from portal.plan.usage import meters
from tenants.agencies.current import outside_agencies
from tenants.billing import buying, refreshing
from tenants.billing.models import Interval, PlanInvoice
from tenants.plans import Plan


@require_safe
@owners_only
def index(request: Request) -> HttpResponse:
    """What the agency has, uses and may have instead."""
    with outside_agencies():
        shown = load(request.agency)
    asked = request.GET.get("interval") or shown.row.interval
    interval = Interval(asked) if asked in Interval.values else Interval.MONTH
    page = {
        "shown": shown,
        "row": shown.row,
        "meters": meters(),
        "offers": shown.offers(interval),
        "interval": interval.value,
    }
    return render(request, "console/plan/index.html", page)


@require_POST
@owners_only
@or_back
def checkout(request: Request) -> HttpResponse:
    """To the hosted Checkout."""
    choice = choice_of(request.POST)
    with outside_agencies():
        address = buying.start_checkout(
            request.agency.id,
            plan=choice["plan"],
            interval=choice["interval"],
            by=request.staff.email,
            back=request.agency.console_url("/plan/"),
        )
    note(request, "plan.checkout_began", f"Went to buy {choice['plan'].label}")
    return HttpResponseRedirect(address)


@require_safe
@owners_only
@or_back
def done(request: Request) -> HttpResponse:
    """The way back from Checkout. What was bought is asked at Stripe; the address tells nothing."""
    with outside_agencies():
        row = refreshing.refresh(request.agency.id)
    if row.is_live and row.plan is not None:
        messages.success(request, f"Thank you. You are on {Plan(row.plan).label} now.")
    else:
        messages.info(request, "Your payment is on its way. This page changes as soon as it is there.")
    return redirect("plan:index")


@require_POST
@owners_only
@or_back
def billing_portal(request: Request) -> HttpResponse:
    """To Stripe's billing portal: card, address, tax number."""
    with outside_agencies():
        back = request.agency.console_url("/plan/done/")
        address = buying.portal_address(request.agency.id, back=back)
    return HttpResponseRedirect(address)


@require_POST
@owners_only
@or_back
def pay(request: Request) -> HttpResponse:
    """To Stripe's page of what is open: to pay it, or to confirm it with the bank."""
    with outside_agencies():
        address = buying.payment_address(request.agency.id)
    note(request, "plan.payment_began", "Went to pay what is open")
    return HttpResponseRedirect(address)


@require_safe
@owners_only
@or_back
def invoice(request: Request, stripe_id: str) -> HttpResponse:
    """One invoice of ours to this agency, to download; another agency's is not there."""
    with outside_agencies():
        try:
            address = buying.invoice_address(request.agency.id, stripe_id)
        except PlanInvoice.DoesNotExist as error:
            raise Http404 from error
    return HttpResponseRedirect(address)
