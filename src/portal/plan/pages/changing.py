"""Another plan than the agency has: what it means first, then the deed; and its end."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from portal.http import Request
from portal.plan.doors import or_back, owners_only
from portal.plan.forms import UpgradeForm
from portal.plan.pages.answers import choice_of, note
from portal.plan.shown import load, owed
from portal.plan.usage import losses
from tenants.agencies.current import outside_agencies
from tenants.billing import changing, refreshing
from tenants.billing.prices import price_of
from tenants.plans import Plan

# Every four seconds for a quarter of an hour: who is at his bank that long comes back by himself.
MOST_LOOKS = 225


@require_safe
@owners_only
@or_back
def change(request: Request) -> HttpResponse:
    """What another plan means, before it is chosen: what it costs now, or what it closes later."""
    choice = choice_of(request.GET)
    plan, interval = choice["plan"], choice["interval"]
    page: dict[str, Any] = {"plan": plan, "interval": interval}
    with outside_agencies():
        page["row"] = row = refreshing.subscription_of(request.agency.id)
        kind = changing.kind_of_change(row, plan, interval)
        page["price"] = price_of(plan, interval)
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
        row = changing.upgrade(
            request.agency.id, plan, form.cleaned_data["interval"], at=form.cleaned_data["at"]
        )
    if row.waiting_plan is not None:
        note(request, "plan.upgrade_waits", f"Asked for {plan.label}, which is not paid yet")
        return redirect("plan:unpaid")
    note(request, "plan.upgraded", f"Changed the plan to {plan.label}")
    messages.success(request, f"You are on {plan.label} now. Everything in it is open.")
    return redirect("plan:index")


@require_safe
@owners_only
@or_back
def unpaid(request: Request) -> HttpResponse:
    """An upgrade that the bank wants confirmed, or refused: what happened, and the way to pay it.

    The page asks every few seconds what the webhook has told us; only who opens it asks Stripe.
    """
    looks = request.GET.get("looks", "0")
    looked = int(looks) if looks.isascii() and looks.isdigit() else 0
    with outside_agencies():
        if not request.htmx:
            refreshing.refresh(request.agency.id)
        shown = load(request.agency)
    row = shown.row
    if row.waiting_plan is None:
        if row.is_live and row.plan is not None:
            messages.info(request, f"You are on {Plan(row.plan).label}.")
        back = request.agency.console_url("/plan/")
        return (
            HttpResponse(status=204, headers={"HX-Redirect": back})
            if request.htmx
            else redirect("plan:index")
        )
    page = {"row": row, "due": owed(row), "looks": looked + 1, "asks_again": looked < MOST_LOOKS}
    return render(request, "console/plan/unpaid.html", page)


@require_POST
@owners_only
@or_back
def drop(request: Request) -> HttpResponse:
    """No upgrade after all."""
    with outside_agencies():
        changing.drop_upgrade(request.agency.id)
    note(request, "plan.upgrade_dropped", "Dropped the upgrade that was not paid")
    messages.success(request, "The upgrade is off. Nothing was charged.")
    return redirect("plan:index")


@require_POST
@owners_only
@or_back
def downgrade(request: Request) -> HttpResponse:
    """The lower plan, from the end of the paid period on."""
    choice = choice_of(request.POST)
    plan, interval = choice["plan"], choice["interval"]
    with outside_agencies():
        row = changing.downgrade(request.agency.id, plan, interval)
    planned = f"{plan.label}, {interval.label.lower()}"
    note(request, "plan.downgrade_planned", f"Planned to go on with {planned}")
    day = row.pending_from.astimezone(request.agency.tzinfo) if row.pending_from else None
    when = f"{day.day} {day:%B %Y}" if day else "the end of the paid period"
    messages.success(request, f"{planned}: begins on {when}. Until then nothing changes.")
    return redirect("plan:index")


@require_POST
@owners_only
@or_back
def stay(request: Request) -> HttpResponse:
    """No downgrade after all."""
    with outside_agencies():
        changing.undo_downgrade(request.agency.id)
    note(request, "plan.downgrade_undone", "Stayed on the plan after all")
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
    note(request, "plan.ended", "Ended the plan with the paid period")
    messages.success(request, "Your plan ends with what is paid. Until then nothing changes.")
    return redirect("plan:index")


@require_POST
@owners_only
@or_back
def go_on(request: Request) -> HttpResponse:
    """Not ended after all."""
    with outside_agencies():
        changing.undo_cancel(request.agency.id)
    note(request, "plan.end_undone", "Let the plan go on after all")
    messages.success(request, "Your plan goes on.")
    return redirect("plan:index")
