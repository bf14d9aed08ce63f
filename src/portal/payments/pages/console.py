"""The console's page Payments: the account at Stripe, transfers, and what waits for a person."""

from typing import Any

import stripe
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kit.paging import BadCursor, page_by_id
from kit.refused import Refused
from portal.gate import managers_only
from portal.http import Request
from portal.payments import concerns, connecting, income
from portal.payments.browsers import with_onboarding
from portal.payments.countries import country_name
from portal.payments.forms import SettingsForm
from portal.payments.models import Concern, Payment, PaymentState
from portal.payments.queries import load_settings
from portal.payments.settling import settle
from tenants.gateway import accounts
from tenants.gateway.client import is_live

PER_PAGE = 25


@managers_only
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: Request) -> HttpResponse:
    """Everything on one page; the form saves the choices."""
    form = _form(request)
    if form.is_bound and form.is_valid():
        is_changed = connecting.change_settings(by=request.staff, request=request, **form.cleaned_data)
        messages.success(request, "Saved." if is_changed else "Nothing was changed.")
        return redirect("payments:index")
    return _index(request, form)


@managers_only
@require_POST
def connect(request: Request) -> HttpResponse:
    """On to Stripe."""
    return _to_stripe(request)


@managers_only
@require_safe
def go_on(request: Request) -> HttpResponse:
    """Stripe leads here when its link has been used or is too old: a new one."""
    account = accounts.account_of(request.agency)
    if account is None or not account.stripe_account_id or account.deauthorized_at is not None:
        return redirect("payments:index")
    return _to_stripe(request)


@managers_only
@require_safe
def returned(request: Request) -> HttpResponse:
    """Back from Stripe; that says nothing yet: look at the account."""
    if not _refreshed(request):
        messages.info(request, "Stripe does not answer at the moment. This page follows by itself.")
    return redirect("payments:index")


@managers_only
@require_POST
def look(request: Request) -> HttpResponse:
    """Look at the account now."""
    done = _refreshed(request)
    messages.info(request, "Looked at Stripe just now." if done else "Stripe does not answer at the moment.")
    return redirect("payments:index")


@managers_only
@require_POST
def resolve(request: Request, concern_id: int) -> HttpResponse:
    """A person has seen to it."""
    concern = get_object_or_404(Concern, pk=concern_id)
    concerns.resolve(concern, staff=request.staff)
    messages.success(request, "Noted as done.")
    return redirect("payments:index")


@managers_only
@require_POST
def accept(request: Request, concern_id: int) -> HttpResponse:
    """Take what came instead of what was asked for."""
    concern = get_object_or_404(Concern, pk=concern_id, kind=Concern.Kind.MISMATCH, resolved_at=None)
    if concern.payment is None:
        raise Http404
    try:
        concerns.accept(concern.payment, staff=request.staff)
        payment = settle(concern.payment.uid)
    except (Refused, stripe.StripeError):
        messages.error(request, "Stripe does not answer at the moment. Please try again in a minute.")
        return redirect("payments:index")
    if payment.state == PaymentState.SUCCEEDED:
        messages.success(request, "Booked as it came.")
    return redirect("payments:index")


def _index(request: Request, form: SettingsForm) -> HttpResponse:
    try:
        found = page_by_id(
            Payment.objects.select_related("client", "company"),
            cursor=request.GET.get("after"),
            size=PER_PAGE,
        )
    except BadCursor as error:
        raise Http404 from error
    account = accounts.account_of(request.agency)
    page: dict[str, Any] = {
        "form": form,
        "account": account,
        "standing": connecting.standing(account),
        "country": country_name(account.country) if account else "",
        "is_test": not is_live(),
        "concerns": concerns.waiting(),
        "payments": found,
        "months": income.charts(today=request.agency.today(), zone=request.agency.tzinfo),
    }
    status = 422 if form.errors else 200
    return with_onboarding(render(request, "console/payments/index.html", page, status=status))


def _form(request: Request) -> SettingsForm:
    chosen = load_settings()
    initial = {name: getattr(chosen, name) for name in SettingsForm.base_fields}
    return SettingsForm(request.POST if request.method == "POST" else None, initial=initial)


def _to_stripe(request: Request) -> HttpResponse:
    try:
        return redirect(connecting.onboard(by=request.staff, request=request))
    except Refused as refused:
        messages.error(request, refused.words)
        return redirect("payments:index")


def _refreshed(request: Request) -> bool:
    account = accounts.account_of(request.agency)
    try:
        if account is not None:
            accounts.refresh(account)
    except stripe.StripeError:
        return False
    return True
