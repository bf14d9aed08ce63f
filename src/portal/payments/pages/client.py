"""Paying: the page with Stripe's form, and the page after it."""

from typing import Any
from uuid import UUID

import stripe
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from kit.refused import Refused
from portal.http import Request
from portal.payments import checkout
from portal.payments.browsers import with_checkout
from portal.payments.checkout import secret_of
from portal.payments.models import Payment, PaymentState
from portal.payments.payables import UnknownPayable, find
from portal.payments.settling import settle
from portal.payments.stripe_account import stripe_of_agency

_ENDED = (PaymentState.SUCCEEDED, PaymentState.PROCESSING, PaymentState.MISMATCH)


@require_safe
def pay(request: Request, uid: UUID) -> HttpResponse:
    """Stripe's form inside our page, while there is something to pay."""
    payment, page = _load(request, uid)
    if payment.session_id is None or payment.state in _ENDED:
        return redirect("payments:done", uid)
    try:
        checkout.end_stale(payment)
        status, secret = secret_of(payment)
        account = stripe_of_agency()[1].get("stripe_account")
    except (stripe.StripeError, Refused):
        return render(request, "portal/payments/later.html", page, status=503)
    if status != "open" or not secret:
        return redirect("payments:done", uid)
    page |= form_words(secret, account)
    return with_checkout(render(request, "portal/payments/pay.html", page))


def form_words(secret: str, account: str | None) -> dict[str, Any]:
    """What the template of Stripe's form needs."""
    words = {"secret": secret, "account": account, "key": settings.STRIPE_PUBLISHABLE_KEY}
    return words | {
        "stripe_js": settings.STRIPE_JS_URL,
        "is_test": "_live_" not in settings.STRIPE_SECRET_KEY,
    }


@require_safe
def done(request: Request, uid: UUID) -> HttpResponse:
    """What came of it, asked of Stripe now; the address says nothing that is believed."""
    payment, page = _load(request, uid)
    try:
        payment = settle(payment.uid)
    except (stripe.StripeError, Refused):
        page["is_unsure"] = True
    page |= {"payment": payment, "tries": _tries(request) + 1}
    page["is_over"] = payment.state in (PaymentState.EXPIRED, PaymentState.FAILED, PaymentState.CANCELED)
    page["asks_again"] = page["tries"] <= 20 and (
        "is_unsure" in page or payment.state in (PaymentState.CREATED, PaymentState.OPEN)
    )
    return render(request, "portal/payments/done.html", page)


@require_POST
def again(request: Request, uid: UUID) -> HttpResponse:
    """After it expired or failed: the same once more, if it is still owed."""
    payment, page = _load(request, uid)
    try:
        begun = checkout.again(payment, client=request.client)
    except Refused as refused:
        messages.error(request, refused.words)
        return redirect(page["back_url"])
    except stripe.StripeError:
        messages.error(request, "The payment service does not answer. Please try again in a minute.")
        return redirect(page["back_url"])
    return redirect("payments:pay", begun.uid)


def _load(request: Request, uid: UUID) -> tuple[Payment, dict[str, Any]]:
    """A payment for something that this client may pay.

    Raises:
        Http404: there is none, or it is not the client's business (any more).
    """
    payment = Payment.objects.select_related("client").filter(uid=uid).first()
    if payment is None:
        raise Http404
    try:
        found = find(payment.payable)
        with transaction.atomic():
            row = found.kind.lock(found.pk)
    except (UnknownPayable, ObjectDoesNotExist) as error:
        raise Http404 from error
    if not found.kind.may_pay(row, request.client):
        raise Http404
    title, url = found.kind.title(row), found.kind.url(row)
    return payment, {"payment": payment, "title": title, "back_url": url}


def _tries(request: Request) -> int:
    text = request.GET.get("tries", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0
