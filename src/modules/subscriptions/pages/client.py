"""What clients see: what they have, what they had, what they paid."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from modules.subscriptions import queries
from modules.subscriptions.models import State, Subscription
from portal.http import Request
from portal.people.acting import chosen_company
from portal.people.models import Right


def index(request: Request) -> HttpResponse:
    """Active and past subscriptions, and what else there is."""
    chosen = chosen_company(request)
    active, past = queries.mine(request.client, company=chosen)
    offers = queries.listed_offers(request.client)
    context = {"active": active, "past": past, "offers": offers, "chosen": chosen}
    return render(request, "subscriptions/client/index.html", context)


def show(request: Request, pk: int) -> HttpResponse:
    """One subscription: price, next payment, bills, and what can be done."""
    return page_of(request, one(request, pk))


def one(request: Request, pk: int) -> Subscription:
    """A subscription that this client sees.

    Raises:
        Http404: there is none, or it is somebody else's.
    """
    mine = Subscription.objects.visible_to(request.client)
    found: Subscription = get_object_or_404(
        mine.select_related("offer", "company", "client", "buyer", "coupon"), pk=pk
    )
    return found


def may_pay(request: Request, subscription: Subscription) -> bool:
    """Whether this client decides about its money."""
    return request.client.may(Right.PAY, subscription.company)


def page_of(request: Request, subscription: Subscription, *, status: int = 200) -> HttpResponse:
    """The page of one subscription."""
    offer, decides = subscription.offer, may_pay(request, subscription)
    is_billed = bool(subscription.stripe_id)
    runs = is_billed and subscription.state in (State.ACTIVE, State.TRIALING)
    can_leave = decides and subscription.kind in ("recurring", "free") and subscription.is_running
    context = {
        "row": queries.row_of(subscription),
        "subscription": subscription,
        "ladder": queries.ladder_of(subscription),
        "bills": queries.bills_of(subscription),
        "steps": subscription.steps.exclude(done_at=None).select_related("client", "staff")[:20],
        "decides": decides,
        "can_change": decides
        and runs
        and not subscription.is_ending
        and bool(queries.plans_for(subscription)),
        "can_cancel": can_leave and offer.may_cancel and not subscription.is_ending,
        "can_undo": decides and subscription.is_ending,
        "can_pause": decides
        and is_billed
        and offer.may_pause
        and subscription.state == State.ACTIVE
        and not subscription.is_ending,
        "can_resume": decides and subscription.state == State.PAUSED,
        "can_card": decides and is_billed and subscription.is_running,
        "unpaid": decides and subscription.started_at is None,
    }
    return render(request, "subscriptions/client/show.html", context, status=status)
