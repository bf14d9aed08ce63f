"""Codes that make offers cheaper, and sending an offer to somebody."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kit.refused import Refused
from modules.subscriptions import operations, queries
from modules.subscriptions.forms.codes import CouponForm, LimitsForm, SendForm
from modules.subscriptions.models import Coupon, Offer, OfferInvitation
from portal.forms import add_refusal, carry_out
from portal.gate import managers_only
from portal.http import Request
from portal.payments.queries import default_currency


@require_safe
def index(request: Request) -> HttpResponse:
    """Those that work, and those that do not any more."""
    rows = queries.coupon_rows()
    return render(request, "subscriptions/console/codes.html", {"rows": rows})


@managers_only
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    """Make a code."""
    initial: dict[str, Any] = {"currency": default_currency()}
    asked = request.GET.get("offer", "")
    if asked.isascii() and asked.isdigit() and len(asked) < 18:
        initial["offer"] = int(asked)
    form = CouponForm(request.POST if request.method == "POST" else None, initial=initial)
    trail = operations.Trail(request=request)
    if request.method == "POST" and _make(form, request, trail):
        messages.success(request, "Code made. Your clients type it on the offer's page, before they pay.")
        return redirect("subscriptions:codes")
    status = 422 if form.errors else 200
    return render(request, "subscriptions/console/code.html", {"form": form}, status=status)


def _make(form: CouponForm, request: Request, trail: operations.Trail) -> bool:
    if not form.is_valid():
        return False
    try:
        operations.create_coupon(**form.cleaned_data, by=request.staff, trail=trail)
    except Refused as refused:
        field = "off" if refused.field in ("percent", "amount") else refused.field
        form.add_error(field if field in form.fields else None, refused.words)
        return False
    return True


@managers_only
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, pk: int) -> HttpResponse:
    """Other limits."""
    coupon = get_object_or_404(Coupon.objects.select_related("offer"), pk=pk)
    initial = {"most_uses": coupon.most_uses, "until": coupon.until}
    form = LimitsForm(request.POST if request.method == "POST" else None, initial=initial)
    trail = operations.Trail(request=request)
    if request.method == "POST" and carry_out(
        form, operations.edit_coupon, coupon, by=request.staff, trail=trail
    ):
        messages.success(request, "Saved.")
        return redirect("subscriptions:codes")
    context = {"form": form, "coupon": coupon, "off": queries.coupon_words(coupon)}
    return render(request, "subscriptions/console/code.html", context, status=422 if form.errors else 200)


@managers_only
@require_POST
def archive(request: Request, pk: int) -> HttpResponse:
    """End a code."""
    coupon = get_object_or_404(Coupon, pk=pk)
    operations.archive_coupon(coupon, by=request.staff, trail={"request": request})
    messages.success(request, "It does not work any more. Who used it keeps what it took off.")
    return redirect("subscriptions:codes")


@managers_only
@require_http_methods(["GET", "HEAD", "POST"])
def send(request: Request, pk: int) -> HttpResponse:
    """Mail an offer to a client, or to somebody new."""
    offer = get_object_or_404(Offer, pk=pk)
    form = SendForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and (to := _send(form, offer, request)):
        messages.success(request, f"Sent. {to} gets it by mail now.")
        return redirect("subscriptions:send-offer", pk)
    context = {
        "form": form,
        "offer": offer,
        "price": queries.price_of(offer),
        "sent": queries.sent_to(offer),
    }
    return render(request, "subscriptions/console/send.html", context, status=422 if form.errors else 200)


def _send(form: SendForm, offer: Offer, request: Request) -> str:
    sent, trail = form.cleaned_data, operations.Trail(request=request)
    try:
        if sent["client"]:
            made = operations.send_offer(offer, client=sent["client"], by=request.staff, trail=trail)
        else:
            made = operations.send_offer_to_new(
                offer, name=sent["name"], email=sent["email"], by=request.staff, trail=trail
            )
    except Refused as refused:
        add_refusal(form, refused)
        return ""
    return str(made.client)


@managers_only
@require_POST
def take_back(request: Request, pk: int, invitation: int) -> HttpResponse:
    """Somebody is not invited any more."""
    found = get_object_or_404(
        OfferInvitation.objects.select_related("offer", "client"), pk=invitation, offer=pk
    )
    operations.take_back_offer(found, by=request.staff, trail={"request": request})
    messages.success(request, "Not invited any more. What was bought stays.")
    return redirect("subscriptions:send-offer", pk)


@managers_only
@require_POST
def move(request: Request, pk: int) -> HttpResponse:
    """Everybody pays today's price from the next payment on."""
    offer = get_object_or_404(Offer, pk=pk)
    try:
        moved = operations.move_to_price(offer, by=request.staff, trail={"request": request})
    except Refused as refused:
        messages.error(request, refused.words)
        return redirect("subscriptions:offer", pk)
    people = "subscriber is" if moved == 1 else "subscribers are"
    messages.success(
        request, f"{moved} {people} moved within minutes. Each gets a mail that says from when on."
    )
    return redirect("subscriptions:offer", pk)
