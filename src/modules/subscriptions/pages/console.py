"""What staff see and do with subscribers."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from kit.csv_cells import csv_text
from kit.money import decimal_text
from kit.paging import BadCursor
from kit.refused import Refused
from modules.subscriptions import operations, queries
from modules.subscriptions.forms import PauseForm
from modules.subscriptions.models import Kind, State, Subscription
from portal.forms import carry_out, searched
from portal.gate import managers_only, whole_agency
from portal.http import Request


def index(request: Request) -> HttpResponse:
    """Who has what, filtered and paged."""
    which, words = _asked(request)
    cursor = request.GET.get("after")
    try:
        rows, following = queries.subscriber_page(request.staff, which=which, words=words, cursor=cursor)
    except BadCursor as error:
        raise Http404 from error
    context = {
        "rows": rows,
        "next_cursor": following,
        "which": which,
        "search": words,
        "filters": queries.FILTERS,
        "query": urlencode({"q": words, "which": which}),
        "is_later_page": bool(cursor),
        "figures": None if request.staff.is_limited else queries.figures(),
        "has_offers": bool(queries.offers()),
    }
    return render(request, "subscriptions/console/index.html", context)


@whole_agency
@require_safe
def export(request: Request) -> HttpResponse:
    """The filtered list as a table for other programs."""
    which, words = _asked(request)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="subscribers.csv"'
    head = ["Id", "Offer", "Owner", "Buyer", "E-mail", "State", "Amount", "Currency", "Since", "Next", "Ends"]
    response.write(csv_text([head]))
    for one in (
        queries.subscribers(request.staff, which=which, words=words).order_by("-pk").iterator(chunk_size=1000)
    ):
        days = [_day(moment) for moment in (one.started_at, one.period_ends_at, one.cancel_at)]
        amount = decimal_text(one.minor * one.quantity, one.currency) if one.currency else "0"
        people = [str(one), str(one.owner), str(one.buyer), one.buyer.email]
        row = [one.pk, *people, one.get_state_display(), amount, one.currency, *days]
        response.write(csv_text([row]))
    return response


def show(request: Request, pk: int) -> HttpResponse:
    """One subscription for staff."""
    subscription = _one(request, pk)
    is_billed = subscription.kind == Kind.RECURRING and subscription.is_running
    context = {
        "row": queries.row_of(subscription),
        "subscription": subscription,
        "ladder": queries.ladder_of(subscription),
        "is_staff": True,
        "bills": queries.bills_of(subscription),
        "steps": subscription.steps.select_related("client", "staff")[:50],
        "can_cancel": (is_billed or subscription.kind == Kind.FREE)
        and subscription.is_running
        and not subscription.is_ending,
        "can_end": subscription.is_running,
        "can_pause": is_billed
        and bool(subscription.stripe_id)
        and subscription.state == State.ACTIVE
        and not subscription.is_ending,
    }
    return render(request, "subscriptions/console/show.html", context)


@require_POST
@managers_only
def cancel(request: Request, pk: int) -> HttpResponse:
    """To the end of the period."""
    return _press(request, pk, operations.cancel, "Cancelled. It runs until what is paid for ends.")


@require_POST
@managers_only
def undo(request: Request, pk: int) -> HttpResponse:
    """Take the cancellation back."""
    return _press(request, pk, operations.undo_cancel, "It goes on as before.")


@require_POST
@managers_only
def cancel_now(request: Request, pk: int) -> HttpResponse:
    """At once."""
    return _press(request, pk, operations.cancel_now, "Ended. What it opened is closed.")


@managers_only
def pause(request: Request, pk: int) -> HttpResponse:
    """For how long, then the pause."""
    subscription = _one(request, pk)
    form = PauseForm(
        subscription.offer.longest_pause_days, request.POST if request.method == "POST" else None
    )
    trail = operations.Trail(request=request)
    if request.method == "POST" and carry_out(
        form, operations.pause, subscription, by=request.staff, trail=trail
    ):
        messages.success(request, "Paused. Nothing is charged until it goes on.")
        return redirect("subscriptions:show", pk)
    context = {"form": form, "subscription": subscription}
    return render(request, "subscriptions/console/pause.html", context, status=422 if form.errors else 200)


@require_POST
@managers_only
def resume(request: Request, pk: int) -> HttpResponse:
    """End a pause."""
    return _press(request, pk, operations.resume, "It goes on from now on.")


@require_POST
def look(request: Request, pk: int) -> HttpResponse:
    """Ask Stripe anew."""

    def again(subscription: Subscription, **_: Any) -> None:
        operations.look(subscription)

    return _press(request, pk, again, "This is what Stripe says now.")


def _press(request: Request, pk: int, do: Callable[..., Any], done: str) -> HttpResponse:
    subscription = _one(request, pk)
    try:
        do(subscription, by=request.staff, trail=operations.Trail(request=request))
    except Refused as refused:
        messages.error(request, refused.words)
    else:
        messages.success(request, done)
    return redirect("subscriptions:show", pk)


def _one(request: Request, pk: int) -> Subscription:
    found: Subscription = get_object_or_404(
        Subscription.objects.served_by(request.staff)
        .bought()
        .select_related("offer", "company", "client", "buyer", "coupon"),
        pk=pk,
    )
    return found


def _asked(request: Request) -> tuple[str, str]:
    which = request.GET.get("which", "")
    return which if which in queries.FILTERS else "", searched(request)


def _day(moment: Any) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d}" if moment else ""
