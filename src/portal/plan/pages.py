"""The pages of "Plan and billing"."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from portal.audit.operations import record
from portal.http import Request
from portal.plan.doors import or_back, owners_only
from portal.plan.forms import ChoiceForm, UpgradeForm
from portal.plan.shown import load
from portal.plan.usage import losses, meters
from tenants.agencies.current import outside_agencies
from tenants.billing import buying, changing, refreshing
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
    choice = _choice(request.POST)
    with outside_agencies():
        address = buying.start_checkout(
            request.agency.id,
            plan=choice["plan"],
            interval=choice["interval"],
            by=request.staff.email,
            back=request.agency.console_url("/plan/"),
        )
    _note(request, "plan.checkout_began", f"Went to buy {choice['plan'].label}")
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


@require_safe
@owners_only
@or_back
def change(request: Request) -> HttpResponse:
    """What another plan means, before it is chosen: what it costs now, or what it closes later."""
    choice = _choice(request.GET)
    plan, interval = choice["plan"], choice["interval"]
    page: dict[str, Any] = {"plan": plan, "interval": interval}
    with outside_agencies():
        page["row"] = row = refreshing.subscription_of(request.agency.id)
        kind = changing.kind_of_change(row, plan, interval)
        if kind == "now":
            page["preview"] = changing.preview_upgrade(request.agency.id, plan, interval)
    if kind == "none":
        return redirect("plan:index")
    if kind == "later":
        page["losses"] = losses(plan)
        return render(request, "console/plan/downgrade.html", page)
    return render(request, "console/plan/upgrade.html", page)


@require_POST
@owners_only
@or_back
def upgrade(request: Request) -> HttpResponse:
    """The higher plan, now."""
    form = UpgradeForm(request.POST)
    if not form.is_valid():
        raise Http404
    plan = form.cleaned_data["plan"]
    with outside_agencies():
        changing.upgrade(request.agency.id, plan, form.cleaned_data["interval"], at=form.cleaned_data["at"])
    _note(request, "plan.upgraded", f"Changed the plan to {plan.label}")
    messages.success(request, f"You are on {plan.label} now. Everything in it is open.")
    return redirect("plan:index")


@require_POST
@owners_only
@or_back
def downgrade(request: Request) -> HttpResponse:
    """The lower plan, from the end of the paid period on."""
    plan = _choice(request.POST)["plan"]
    with outside_agencies():
        row = changing.downgrade(request.agency.id, plan)
    _note(request, "plan.downgrade_planned", f"Planned to go down to {plan.label}")
    day = row.pending_from.astimezone(request.agency.tzinfo) if row.pending_from else None
    when = f"{day.day} {day:%B %Y}" if day else "the end of the paid period"
    messages.success(request, f"{plan.label} begins on {when}. Until then nothing changes.")
    return redirect("plan:index")


@require_POST
@owners_only
@or_back
def stay(request: Request) -> HttpResponse:
    """No downgrade after all."""
    with outside_agencies():
        changing.undo_downgrade(request.agency.id)
    _note(request, "plan.downgrade_undone", "Stayed on the plan after all")
    messages.success(request, "You stay on your plan.")
    return redirect("plan:index")


@require_safe
@owners_only
def ending(request: Request) -> HttpResponse:
    """What happens when the plan ends, before it is ended."""
    with outside_agencies():
        row = refreshing.subscription_of(request.agency.id)
    if not row.is_live or row.cancel_at_period_end:
        return redirect("plan:index")
    return render(request, "console/plan/ending.html", {"row": row})


@require_POST
@owners_only
@or_back
def end(request: Request) -> HttpResponse:
    """End the plan with the paid period."""
    with outside_agencies():
        changing.cancel(request.agency.id)
    _note(request, "plan.ended", "Ended the plan with the paid period")
    messages.success(request, "Your plan ends with what is paid. Until then nothing changes.")
    return redirect("plan:index")


@require_POST
@owners_only
@or_back
def go_on(request: Request) -> HttpResponse:
    """Not ended after all."""
    with outside_agencies():
        changing.undo_cancel(request.agency.id)
    _note(request, "plan.end_undone", "Let the plan go on after all")
    messages.success(request, "Your plan goes on.")
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


def _choice(answers: Any) -> dict[str, Any]:
    form = ChoiceForm(answers)
    if not form.is_valid():
        raise Http404
    return dict(form.cleaned_data)


def _note(request: Request, verb: str, summary: str) -> None:
    record(verb, "plan:1", by=request.staff, summary=summary, request=request)
