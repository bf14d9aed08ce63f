"""What staff sell."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from modules.subscriptions import operations, queries
from modules.subscriptions.forms import OfferForm, initial_of
from modules.subscriptions.models import Offer
from portal.forms import carry_out
from portal.gate import managers_only
from portal.http import Request
from portal.links import portal_link
from portal.payments.queries import can_take_cards, default_currency


def index(request: Request) -> HttpResponse:
    """All offers, and those that are not sold any more."""
    context = {
        "offers": queries.offers(),
        "archived": queries.offers(archived=True),
        "can_take_cards": can_take_cards(),
    }
    return render(request, "subscriptions/console/offers.html", context)


@managers_only
def new(request: Request) -> HttpResponse:
    """Make an offer."""
    usual = {
        "kind": "recurring",
        "currency": default_currency(),
        "may_cancel": True,
        "is_open": True,
        **_usual_tax(),
        "longest_pause_days": 30,
    }
    form = OfferForm(request.POST if request.method == "POST" else None, initial=usual)
    make, trail = operations.create_offer, operations.Trail(request=request)
    if request.method == "POST" and (done := carry_out(form, make, by=request.staff, trail=trail)):
        messages.success(request, "Offer made. Send its link to whoever is to buy it.")
        return redirect("subscriptions:offer", done.result.pk)
    return _page(request, form, None)


@managers_only
def edit(request: Request, pk: int) -> HttpResponse:
    """Change an offer, and copy its link."""
    offer = get_object_or_404(Offer, pk=pk)
    form = OfferForm(request.POST if request.method == "POST" else None, initial=initial_of(offer))
    trail = operations.Trail(request=request)
    if request.method == "POST" and carry_out(
        form, operations.edit_offer, offer, by=request.staff, trail=trail
    ):
        messages.success(request, "Saved. Those who bought before keep what they agreed to.")
        return redirect("subscriptions:offer", pk)
    return _page(request, form, offer)


@require_POST
@managers_only
def archive(request: Request, pk: int) -> HttpResponse:
    """Stop selling it."""
    offer = get_object_or_404(Offer, pk=pk)
    operations.archive_offer(offer, by=request.staff, trail={"request": request})
    messages.success(request, "Not sold any more. Those who have it keep it.")
    return redirect("subscriptions:offers")


@require_POST
@managers_only
def restore(request: Request, pk: int) -> HttpResponse:
    """Sell it again."""
    offer = get_object_or_404(Offer, pk=pk)
    operations.restore_offer(offer, by=request.staff, trail={"request": request})
    messages.success(request, "Back among your offers.")
    return redirect("subscriptions:offer", pk)


def _usual_tax() -> dict[str, Any]:
    """As on the last offer that had a tax: agencies have one."""
    last = Offer.objects.exclude(tax_name="").order_by("-pk").first()
    if last is None:
        return {"tax_included": True}
    percent = f"{last.tax_percent.normalize():f}"
    return {"tax_name": last.tax_name, "tax_percent": percent, "tax_included": last.tax_included}


def _page(request: Request, form: OfferForm, offer: Offer | None) -> HttpResponse:
    context = {
        "form": form,
        "offer": offer,
        "link": portal_link(request.agency, "subscriptions:offer", offer.slug) if offer else "",
        "price": queries.price_of(offer) if offer else "",
        "tax": queries.tax_of(offer) if offer else "",
        "moving": operations.paying_another_price(offer).count() if offer else 0,
        "can_take_cards": can_take_cards(),
    }
    return render(request, "subscriptions/console/offer.html", context, status=422 if form.errors else 200)
