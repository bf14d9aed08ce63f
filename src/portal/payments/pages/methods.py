"""Payment methods: the client's saved cards and accounts, and those of the companies it pays for."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import stripe
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kit.refused import Refused
from portal.audit.operations import record
from portal.http import Request
from portal.panels import filled_panels
from portal.payments import methods, saving
from portal.payments.browsers import with_checkout
from portal.payments.mandates import keeping_words
from portal.payments.models import SavedMethod, Saving
from portal.payments.pages.client import form_words
from portal.payments.queries import can_take_cards, owners_of, saved_methods
from portal.payments.stripe_account import stripe_of_agency
from portal.people.models import Client, Company

LATER = "The payment service does not answer at the moment. Please try again in a minute."


@dataclass(frozen=True)
class Wallet:
    """The saved ways to pay of one owner."""

    owner: Client | Company
    company_id: int
    methods: list[SavedMethod]


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: Request) -> HttpResponse:
    """All of them, by owner; the button begins to save another one."""
    owners = _owners(request)
    if request.method == "POST":
        return _begin(request, owners)
    wallets = [Wallet(o, o.pk if isinstance(o, Company) else 0, saved_methods(o)) for o in owners]
    page = {
        "wallets": wallets,
        "takes_cards": can_take_cards(),
        "words": keeping_words(),
        "panels": filled_panels("payments.methods", request, owners),
        "next": _next(request),
    }
    return render(request, "portal/payments/methods.html", page)


@require_safe
def save(request: Request, uid: UUID) -> HttpResponse:
    """Stripe's form inside our page."""
    attempt = _mine(request, uid)
    if attempt.state != Saving.State.OPEN or not attempt.session_id:
        return redirect("payments:saved", uid)
    try:
        status, secret = saving.secret_of(attempt)
        account = stripe_of_agency()[1].get("stripe_account")
    except (stripe.StripeError, Refused):
        messages.error(request, LATER)
        return redirect("payments:methods")
    if status != "open" or not secret:
        return redirect("payments:saved", uid)
    page: dict[str, Any] = {"saving": attempt} | form_words(secret, account)
    return with_checkout(render(request, "portal/payments/save.html", page))


@require_safe
def saved(request: Request, uid: UUID) -> HttpResponse:
    """What came of it, asked of Stripe now; then back to where it began."""
    attempt = _mine(request, uid)
    try:
        attempt = saving.finish(attempt.uid, request=request)
    except (stripe.StripeError, Refused):
        messages.info(request, "If it was saved, it shows here within minutes.")
        return redirect("payments:methods")
    if attempt.state == Saving.State.SAVED:
        messages.success(request, f"{attempt.method or 'It'} is saved. Nothing was charged.")
        return redirect(attempt.return_path)
    if attempt.state == Saving.State.EXPIRED:
        messages.error(request, "That page was open for too long. Nothing was saved; please begin again.")
    else:
        messages.error(request, "Nothing was saved.")
    return redirect("payments:methods")


@require_POST
def default(request: Request, pk: int) -> HttpResponse:
    """Charge this one from now on."""
    method = _method(request, pk)
    methods.make_default(method)
    _record(request, "payments.method_chosen", method, f"{method} is the one that is charged")
    messages.success(request, f"{method} is the one that is charged from now on.")
    return redirect("payments:methods")


@require_POST
def remove(request: Request, pk: int) -> HttpResponse:
    """Never charge it again; refused while something is paid with it."""
    method = _method(request, pk)
    try:
        methods.remove(method)
    except methods.ReliedOn as refused:
        messages.error(request, refused.words)
        return redirect("payments:methods")
    except (stripe.StripeError, Refused):
        pass  # here it is gone, and nothing is charged without a row of ours
    _record(request, "payments.method_removed", method, f"Removed {method}")
    messages.success(request, f"{method} is removed and will not be charged any more.")
    return redirect("payments:methods")


def _begin(request: Request, owners: list[Client | Company]) -> HttpResponse:
    if not owners:
        raise Http404
    asked = request.POST.get("company", "")
    company = next((o for o in owners if isinstance(o, Company) and str(o.pk) == asked), None)
    if company is None and request.client not in owners:
        raise Http404
    try:
        attempt = saving.begin(
            client=request.client, company=company, return_path=_next(request) or reverse("payments:methods")
        )
    except Refused as refused:
        messages.error(request, refused.words)
        return redirect("payments:methods")
    return redirect("payments:save", attempt.uid)


def _owners(request: Request) -> list[Client | Company]:
    """Whose ways to pay this client decides about.

    Raises:
        Http404: nobody's; it has no right to pay.
    """
    owners = owners_of(request.client)
    if not owners:
        raise Http404
    return owners


def _mine(request: Request, uid: UUID) -> Saving:
    attempt = request.client.savings.select_related("company", "method").filter(uid=uid).first()
    if attempt is None or attempt.owner not in _owners(request):
        raise Http404
    return attempt


def _method(request: Request, pk: int) -> SavedMethod:
    found = (method for owner in _owners(request) for method in saved_methods(owner))
    method = next((one for one in found if one.pk == pk), None)
    if method is None:
        raise Http404
    return method


def _next(request: Request) -> str:
    """Where it began, on this host only."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(asked, allowed_hosts=None) and asked.startswith("/")
    return asked if is_ours and len(asked) <= 300 else ""


def _record(request: Request, verb: str, method: SavedMethod, summary: str) -> None:
    record(verb, f"savedmethod:{method.pk}", by=request.client, summary=summary, request=request)
