"""Asks Stripe what an agency has, and lets it count. The one way in for webhooks, return pages, sweeps and buttons.

Nothing is taken from an event: whatever the order of events and however often they come, the last one to be
refreshed writes what Stripe says now. One refresh of an agency runs at a time, so an older answer never
overwrites a newer one.
"""

from typing import Any, NamedTuple

from django.db import transaction

from kit import clock
from kit.locks import alone
from tenants.agencies.models import Agency, AgencyState
from tenants.billing import notices
from tenants.billing.fetched import Fetched, Planned, Waiting, invoice_values, moment, read, the_one
from tenants.billing.models import AgencySubscription, PlanInvoice, Status, WaitsFor
from tenants.billing.standing import standing
from tenants.gateway.client import stripe_client
from tenants.routing import hosts

MOST_INVOICES = 24


class ToPay(NamedTuple):
    """What an upgrade that waits costs now, in the currency's smallest unit, and what it waits for."""

    minor: int
    why: WaitsFor


def subscription_of(agency_id: int) -> AgencySubscription:
    """The agency's row, made when it is first asked for."""
    row, _ = AgencySubscription.objects.select_related("agency").get_or_create(agency_id=agency_id)
    return row


def refresh(agency_id: int) -> AgencySubscription:
    """Fetch what the agency has at Stripe and let it count at once.

    Raises:
        NotOurs: it has a subscription that is no plan of ours.
        stripe.StripeError: Stripe does not answer or refuses; nothing is changed.
        Busy: others have been refreshing it for half a minute.
    """
    with alone(f"billing:{agency_id}", seconds=30):
        row = subscription_of(agency_id)
        if not row.stripe_customer_id:
            return settle(agency_id)
        found = _subscriptions(row.stripe_customer_id)
        invoices = _invoices(row.stripe_customer_id)
        open_one, _ = the_one(found)
        to_pay = _to_pay(open_one, invoices) if open_one and open_one.waiting else None
        _keep_invoices(agency_id, invoices)
        return settle(agency_id, found, to_pay)


def settle(
    agency_id: int, found: list[Fetched] | None = None, to_pay: ToPay | None = None
) -> AgencySubscription:
    """Write what was found (None: nothing was asked), and what follows for the agency now.

    Args:
        to_pay: what the upgrade that waits still costs, and why it is not paid.
    """
    with transaction.atomic():
        agency = Agency.objects.select_for_update().get(pk=agency_id)
        row, _ = AgencySubscription.objects.select_for_update().get_or_create(agency=agency)
        if found is not None:
            _write(row, found)
            _write_waiting(row, found, to_pay)
        _turn_pending(row)
        has_changed = _let_count(row, agency)
        row.save()
        notices.tell(row, agency)
    if has_changed:
        hosts.forget_all()
    return row


def _subscriptions(customer: str) -> list[Fetched]:
    client, now = stripe_client(), clock.now()
    asked: Any = {
        "customer": customer,
        "status": "all",
        "limit": 100,
        "expand": ["data.discounts.source.coupon", "data.schedule"],
    }
    return [read(one, now) for one in client.v1.subscriptions.list(asked).auto_paging_iter()]


def _invoices(customer: str) -> list[Any]:
    return list(stripe_client().v1.invoices.list({"customer": customer, "limit": MOST_INVOICES}).data)


def _to_pay(one: Fetched, invoices: list[Any]) -> ToPay:
    assert one.waiting is not None
    due = next((invoice["amount_due"] for invoice in invoices if invoice["id"] == one.waiting.invoice), 0)
    asked: Any = {"invoice": one.waiting.invoice, "expand": ["data.payment.payment_intent"]}
    payments = stripe_client().v1.invoice_payments.list(asked).data
    states = [payment["payment"]["payment_intent"]["status"] for payment in payments]
    return ToPay(due, WaitsFor.CONFIRM if "requires_action" in states else WaitsFor.CARD)


def _keep_invoices(agency_id: int, invoices: list[Any]) -> None:
    for invoice in invoices:
        values = invoice_values(invoice) | {"agency_id": agency_id}
        PlanInvoice.objects.update_or_create(stripe_id=invoice["id"], defaults=values)


def _write(row: AgencySubscription, found: list[Fetched]) -> None:
    one, row.is_doubled = the_one(found)
    row.refreshed_at = clock.now()
    if one is None:
        row.status, row.plan, row.stripe_subscription_id = Status.NONE, None, None
        row.past_due_since, row.stripe_schedule_id = None, ""
        _plan_ahead(row, None)
        return
    if one.status != Status.PAST_DUE:
        row.past_due_since = None
    elif row.past_due_since is None or row.stripe_subscription_id != one.id:
        row.past_due_since = clock.now()
    row.stripe_subscription_id, row.stripe_item_id = one.id, one.item_id
    row.status, row.plan, row.interval = one.status, one.plan, one.interval
    row.minor, row.currency, row.coupon = one.minor, one.currency, one.coupon
    row.began_at = moment(one.created)
    row.period_end, row.trial_end = one.period_end, one.trial_end
    row.cancel_at_period_end = one.cancel_at_period_end
    row.stripe_schedule_id = one.schedule_id
    _plan_ahead(row, one.planned)


def _write_waiting(row: AgencySubscription, found: list[Fetched], to_pay: ToPay | None) -> None:
    one, _ = the_one(found)
    _wait(row, one.waiting if one else None, to_pay)


def _wait(row: AgencySubscription, waiting: Waiting | None, to_pay: ToPay | None) -> None:
    row.waiting_plan = waiting.plan if waiting else None
    row.waiting_interval = waiting.interval if waiting else ""
    row.waiting_until = waiting.until if waiting else None
    row.waiting_invoice = waiting.invoice if waiting else ""
    row.waiting_minor, row.waiting_for = (to_pay.minor, to_pay.why) if to_pay else (0, "")


def _plan_ahead(row: AgencySubscription, planned: Planned | None) -> None:
    row.pending_plan = planned.plan if planned else None
    row.pending_interval = planned.interval if planned else ""
    row.pending_minor = planned.minor if planned else 0
    row.pending_from = planned.begins if planned else None


def _turn_pending(row: AgencySubscription) -> None:
    """The period that was paid for is over: the lower plan counts, also while Stripe is silent."""
    if row.pending_from is not None and row.pending_from <= clock.now():
        row.plan, row.interval, row.minor = row.pending_plan, row.pending_interval, row.pending_minor
        _plan_ahead(row, None)
    if row.waiting_until is not None and row.waiting_until <= clock.now():
        _wait(row, None, None)


def _let_count(row: AgencySubscription, agency: Agency) -> bool:
    follows = standing(row, agency, clock.now())
    if follows is None:
        return False
    is_new = (agency.plan, agency.state) != (follows.plan, follows.state)
    if follows.state != AgencyState.READ_ONLY:
        row.read_only_since = None
    elif row.read_only_since is None:
        row.read_only_since = clock.now()
    if is_new:
        agency.plan, agency.state = follows.plan, follows.state
        agency.save(update_fields=["plan", "state"])
    return is_new
