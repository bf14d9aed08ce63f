"""From an offer's link to the payment, and paying what is late."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from kit.refused import Refused
from modules.subscriptions import operations, queries
from modules.subscriptions.forms import BuyForm
from modules.subscriptions.models import Coupon, Kind, Offer, Step, Subscription
from modules.subscriptions.pages.client import may_pay, one
from portal.gate import hidden_when_viewing
from portal.http import Request
from portal.payments.browsers import with_checkout
from portal.payments.queries import can_take_cards


def offer(request: Request, slug: str) -> HttpResponse:
    """The page behind an offer's link. Whoever is not signed in comes back here after signing in.

    One that is by invitation only is not there for others. `?code=` shows what a code takes off.
    """
    found = get_object_or_404(Offer.objects.open_to(request.client), slug=slug)
    typed = (request.POST if request.method == "POST" else request.GET).get("code", "").strip()[:30]
    form = BuyForm(request.client, request.POST if request.method == "POST" else None, code=typed)
    coupon, wrong_code = _coupon(request, found, typed)
    refused = ""
    if request.method == "POST" and form.is_valid() and not wrong_code:
        try:
            return _buy(request, found, form)
        except Refused as error:
            refused = error.words
    context = _offered(found, coupon) | {
        "form": form,
        "refused": refused,
        "typed": typed,
        "wrong_code": wrong_code,
        "instead": queries.instead_of(request.client, found),
        "has_codes": found.kind != Kind.FREE and queries.has_codes(found),
    }
    status = 422 if refused or (wrong_code and request.method == "POST") else 200
    return render(request, "subscriptions/client/offer.html", context, status=status)


def _offered(found: Offer, coupon: Coupon | None) -> dict[str, Any]:
    taken = queries.off(coupon, found) if coupon else 0
    left = found.gross_minor - taken
    lasts = coupon.lasts if coupon else ""
    is_free = found.kind == Kind.FREE or (found.kind == Kind.ONE_TIME and not left)
    return {
        "offer": found,
        "price": queries.price_of(found),
        "tax": queries.tax_of(found),
        "off": queries.off_words(taken, found.currency, found.kind, lasts),
        "first": queries.money(left, found.currency),
        "is_free": is_free,
        "can_pay": is_free or can_take_cards(),
    }


def _coupon(request: Request, found: Offer, typed: str) -> tuple[Coupon | None, str]:
    """The coupon of what was typed, or why it does not count."""
    if not typed:
        return None, ""
    try:
        return operations.coupon_for(typed, found, owner=request.client), ""
    except Refused as refused:
        return None, refused.words


def _buy(request: Request, found: Offer, form: BuyForm) -> HttpResponse:
    company = form.cleaned_data["owner"]
    coupon = None
    if typed := form.cleaned_data["code"]:
        coupon = operations.coupon_for(typed, found, owner=company or request.client)
    trail = operations.Trail(request=request)
    bought = operations.begin(found, client=request.client, company=company, coupon=coupon, trail=trail)
    if bought.started_at is not None:
        messages.success(request, f"You have {found} now.")
        return redirect("subscriptions:show", bought.pk)
    if found.kind == Kind.ONE_TIME:
        payment = operations.pay_once(bought, client=request.client)
        return redirect("payments:pay", payment.uid)
    return redirect("subscriptions:checkout", bought.pk)


@hidden_when_viewing
@require_safe
def checkout(request: Request, pk: int) -> HttpResponse:
    """Stripe's form inside our page, until it is paid."""
    subscription = _payable(request, pk)
    if subscription.started_at is not None or subscription.stripe_id:
        return redirect("subscriptions:show", pk)
    if subscription.kind == Kind.ONE_TIME:
        return _pay_once_again(request, subscription)
    try:
        opened = operations.open_checkout(subscription)
    except Refused as refused:
        messages.error(request, refused.words)
        return redirect("subscriptions:offer", subscription.offer.slug)
    if opened.status != "open":
        return redirect("subscriptions:done", pk)
    fresh = Subscription.objects.select_related("offer", "coupon").get(pk=pk)
    words = [queries.price_of(fresh), queries.off_of(fresh)]
    return _embedded(request, subscription, opened, heading=", ".join(filter(None, words)))


def _pay_once_again(request: Request, subscription: Subscription) -> HttpResponse:
    try:
        payment = operations.pay_once(subscription, client=request.client)
    except Refused as refused:
        messages.error(request, refused.words)
        return redirect("subscriptions:show", subscription.pk)
    return redirect("payments:pay", payment.uid)


@hidden_when_viewing
@require_safe
def done(request: Request, pk: int) -> HttpResponse:
    """After the checkout: asked of Stripe now; the address says nothing that is believed."""
    subscription = _payable(request, pk)
    try:
        subscription = operations.finish_checkout(subscription)
    except operations.Changed:
        # The events of this very checkout are being written down: what they wrote is what we would have.
        subscription.refresh_from_db()
    except Refused:
        return render(request, "subscriptions/client/unsure.html", {"subscription": subscription})
    if subscription.started_at is None:
        return render(request, "subscriptions/client/unsure.html", {"subscription": subscription})
    messages.success(request, f"Thank you. You have {subscription} now, and a mail says so.")
    return redirect("subscriptions:show", pk)


@require_POST
def pay_late(request: Request, pk: int) -> HttpResponse:
    """Pay what is open with the saved way to pay."""
    subscription = one(request, pk)
    try:
        fresh = operations.pay_late(subscription, client=request.client)
    except Refused as refused:
        messages.error(request, refused.words)
        return redirect("subscriptions:show", pk)
    if fresh.is_late:
        messages.error(request, "This is still open. Please try another card.")
    else:
        messages.success(request, "Paid, thank you. Everything is open again.")
    return redirect("subscriptions:show", pk)


@require_POST
def card(request: Request, pk: int) -> HttpResponse:
    """Begin to change the way to pay."""
    try:
        step = operations.open_card_checkout(
            one(request, pk), client=request.client, trail=operations.Trail(request=request)
        )
    except Refused as refused:
        messages.error(request, refused.words)
        return redirect("subscriptions:show", pk)
    return redirect("subscriptions:card-checkout", pk, step.pk)


@hidden_when_viewing
@require_safe
def card_checkout(request: Request, pk: int, step: int) -> HttpResponse:
    """Stripe's form for the new way to pay."""
    subscription = _payable(request, pk)
    found = get_object_or_404(subscription.steps.filter(kind=Step.Kind.CARD), pk=step)
    try:
        opened = operations.card_checkout(found)
    except Refused as refused:
        messages.error(request, refused.words)
        return redirect("subscriptions:show", pk)
    if opened.status != "open":
        return redirect("subscriptions:card-done", pk, step)
    return _embedded(request, subscription, opened, heading="New payment method")


@hidden_when_viewing
@require_safe
def card_done(request: Request, pk: int, step: int) -> HttpResponse:
    """After it: what Stripe saved is used from now on, and what was late is paid with it."""
    subscription = _payable(request, pk)
    found = get_object_or_404(subscription.steps.filter(kind=Step.Kind.CARD), pk=step)
    try:
        finished = operations.finish_card(found)
    except Refused as refused:
        messages.error(request, refused.words)
    else:
        if finished.done_at is not None:
            messages.success(request, "Saved. It is charged from now on.")
        else:
            messages.error(request, "No payment method was saved.")
    return redirect("subscriptions:show", pk)


def _payable(request: Request, pk: int) -> Subscription:
    subscription = one(request, pk)
    if not may_pay(request, subscription):
        raise Http404
    return subscription


def _embedded(
    request: Request, subscription: Subscription, opened: operations.Checkout, *, heading: str
) -> HttpResponse:
    context: dict[str, Any] = {
        "subscription": subscription,
        "heading": heading,
        "secret": opened.client_secret,
        "account": subscription.account or Subscription.objects.get(pk=subscription.pk).account,
        "key": settings.STRIPE_PUBLISHABLE_KEY,
        "stripe_js": settings.STRIPE_JS_URL,
        "is_test": "_live_" not in settings.STRIPE_SECRET_KEY,
    }
    return with_checkout(render(request, "subscriptions/client/checkout.html", context))
