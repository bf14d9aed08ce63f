"""The operators' view of Stripe's events that nobody could work on."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from tenants.gateway import inbox
from tenants.gateway.models import ConnectAccount, EventState, InboxEvent
from tenants.operators.pages import operators_only

WAITING = (EventState.FAILED, EventState.PARKED)
MOST = 200


@require_safe
@operators_only
def events(request: HttpRequest) -> HttpResponse:
    """Failed and parked ones, the newest first, and accounts whose ledger differs from Stripe."""
    page = {
        "events": InboxEvent.objects.filter(state__in=WAITING).defer("payload").order_by("-pk")[:MOST],
        "drifting": ConnectAccount.objects.filter(drift__gt=0).select_related("agency"),
    }
    return render(request, "operators/events.html", page)


@require_POST
@operators_only
def another_try(request: HttpRequest, event_pk: int) -> HttpResponse:
    """One more round for one of them."""
    event = get_object_or_404(InboxEvent, pk=event_pk, state__in=WAITING)
    inbox.try_again(event.pk)
    messages.success(request, f"{event.type} is taken up again.")
    return redirect("operators:events")
