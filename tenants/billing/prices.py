"""What plans cost: from the operators' table, else from the settings; and the same at Stripe."""

from typing import Any

from django.conf import settings

from kit.money import Money, to_stripe
from tenants.billing.fetched import lookup_key, product_id
from tenants.billing.models import Interval, PlanPrice
from tenants.gateway.client import stripe_client
from tenants.plans import Plan


def price_of(plan: Plan, interval: Interval) -> Money:
    """What one period costs."""
    own = PlanPrice.objects.filter(plan=plan, interval=interval).first()
    if own is not None:
        return Money(own.minor, own.currency)
    return Money(int(settings.PLAN_PRICES[f"{plan.name.lower()}_{interval.value}"]), settings.PLAN_CURRENCY)


def all_prices() -> dict[tuple[Plan, Interval], Money]:
    """Every price, by plan and interval."""
    own = {(row.plan, row.interval): Money(row.minor, row.currency) for row in PlanPrice.objects.all()}
    return {
        (plan, interval): own.get((plan.value, interval.value)) or _from_settings(plan, interval)
        for plan in Plan
        for interval in Interval
    }


def set_price(plan: Plan, interval: Interval, price: Money) -> None:
    """Let new buyers pay this; who has the plan goes on paying what was agreed."""
    PlanPrice.objects.update_or_create(
        plan=plan, interval=interval, defaults={"minor": price.minor, "currency": price.currency}
    )


def price_id(plan: Plan, interval: Interval) -> str:
    """The id of this price at Stripe, made there if it is not there yet or costs something else now.

    Raises:
        stripe.StripeError: Stripe does not answer or refuses.
    """
    client, key, wanted = stripe_client(), lookup_key(plan, interval), price_of(plan, interval)
    for known in client.v1.prices.list({"lookup_keys": [key], "active": True}).data:
        if _is_same(known, wanted):
            return str(known["id"])
    _need_product(client, plan)
    # The amount is a part of the key: the same call again is the same price, another amount is another price.
    once = f"price:{key}:{wanted.minor}:{wanted.currency}"
    asked: Any = {
        "product": product_id(plan),
        "currency": wanted.currency.lower(),
        "unit_amount": to_stripe(wanted.minor, wanted.currency),
        "recurring": {"interval": interval.value},
        "lookup_key": key,
        "transfer_lookup_key": True,
        "nickname": f"{plan.label}, {interval.label.lower()}",
    }
    made = client.v1.prices.create(asked, {"idempotency_key": once})
    return str(made["id"])


def make_all() -> dict[str, str]:
    """See that every price is at Stripe; lookup key → id. Again changes nothing."""
    return {lookup_key(plan, interval): price_id(plan, interval) for plan in Plan for interval in Interval}


def _need_product(client: Any, plan: Plan) -> None:
    import stripe

    try:
        client.v1.products.retrieve(product_id(plan))
    except stripe.InvalidRequestError as error:
        if error.http_status != 404:
            raise
        client.v1.products.create(
            {"id": product_id(plan), "name": f"{settings.PORTICO_NAME} {plan.label}"},
            {"idempotency_key": f"product:{product_id(plan)}"},
        )


def _is_same(price: Any, wanted: Money) -> bool:
    amount = to_stripe(wanted.minor, wanted.currency)
    return bool(price["unit_amount"] == amount and price["currency"].upper() == wanted.currency)


def _from_settings(plan: Plan, interval: Interval) -> Money:
    minor = settings.PLAN_PRICES[f"{plan.name.lower()}_{interval.value}"]
    return Money(int(minor), settings.PLAN_CURRENCY)
