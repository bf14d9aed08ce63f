"""What a client may do with a running subscription: another plan, a pause, an end, and back again."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from kit.refused import Refused
from modules.subscriptions import operations, queries
from modules.subscriptions.forms import CancelForm, PauseForm, PlanForm
from modules.subscriptions.models import Offer, Subscription
from modules.subscriptions.pages.client import may_pay, one
from portal.forms import carry_out
from portal.http import Request


def plans(request: Request, pk: int) -> HttpResponse:
    """The plans of the group."""
    subscription = _decided(request, pk)
    found = queries.plans_for(subscription)
    context = {"subscription": subscription, "row": queries.row_of(subscription), "plans": found}
    return render(request, "subscriptions/client/plans.html", context)


def plan(request: Request, pk: int, offer_id: int) -> HttpResponse:
    """What changing costs, then the change."""
    subscription = _decided(request, pk)
    offer = get_object_or_404(Offer.objects.open_to(subscription.buyer), pk=offer_id)
    trail = operations.Trail(request=request)
    form = PlanForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and carry_out(
        form, operations.change_plan, subscription, offer, client=request.client, trail=trail
    ):
        messages.success(request, f"You have {offer} now.")
        return redirect("subscriptions:show", pk)
    try:
        preview = operations.preview_plan(subscription, offer, client=request.client)
    except Refused as refused:
        messages.error(request, refused.words)
        return redirect("subscriptions:show", pk)
    currency = subscription.currency
    context = {
        "subscription": subscription,
        "row": queries.row_of(subscription),
        "offer": offer,
        "preview": preview,
        "refused": [words for errors in form.errors.values() for words in errors],
        "price": queries.price_of(offer),
        "now": queries.money(preview.now_minor, currency),
        "credit": queries.money(preview.credit_minor, currency) if preview.credit_minor else "",
    }
    return render(request, "subscriptions/client/plan.html", context, status=422 if form.errors else 200)


def pause(request: Request, pk: int) -> HttpResponse:
    """For how long, then the pause."""
    subscription = _decided(request, pk)
    form = PauseForm(
        subscription.offer.longest_pause_days, request.POST if request.method == "POST" else None
    )
    trail = operations.Trail(request=request)
    if request.method == "POST" and carry_out(
        form, operations.pause, subscription, by=request.client, trail=trail
    ):
        messages.success(request, "Paused. Nothing is charged until it goes on.")
        return redirect("subscriptions:show", pk)
    return _form_page(request, subscription, form, "pause")


def cancel(request: Request, pk: int) -> HttpResponse:
    """Why, then the end."""
    subscription = _decided(request, pk)
    form = CancelForm(request.POST if request.method == "POST" else None)
    trail = operations.Trail(request=request)
    if request.method == "POST" and carry_out(
        form, operations.cancel, subscription, by=request.client, trail=trail
    ):
        messages.success(request, _farewell(subscription))
        return redirect("subscriptions:show", pk)
    return _form_page(request, subscription, form, "cancel")


@require_POST
def undo(request: Request, pk: int) -> HttpResponse:
    """Take the cancellation back."""
    return _press(request, pk, operations.undo_cancel, "It goes on as before.")


@require_POST
def resume(request: Request, pk: int) -> HttpResponse:
    """End the pause."""
    return _press(request, pk, operations.resume, "It goes on from now on.")


def _farewell(subscription: Subscription) -> str:
    fresh = Subscription.objects.get(pk=subscription.pk)
    if fresh.cancel_at is None:
        return "Ended."
    day = timezone.localtime(fresh.cancel_at)
    return f"Cancelled. It runs until {day:%-d %B %Y}; until then you can take this back."


def _press(request: Request, pk: int, do: Callable[..., Any], done: str) -> HttpResponse:
    subscription = _decided(request, pk)
    try:
        do(subscription, by=request.client, trail=operations.Trail(request=request))
    except Refused as refused:
        messages.error(request, refused.words)
    else:
        messages.success(request, done)
    return redirect("subscriptions:show", pk)


def _form_page(request: Request, subscription: Subscription, form: Any, name: str) -> HttpResponse:
    context = {"subscription": subscription, "row": queries.row_of(subscription), "form": form}
    status = 422 if form.errors else 200
    return render(request, f"subscriptions/client/{name}.html", context, status=status)


def _decided(request: Request, pk: int) -> Subscription:
    subscription = one(request, pk)
    if not may_pay(request, subscription):
        raise Http404
    return subscription
