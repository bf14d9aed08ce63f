"""What Stripe's billing portal offers our customers."""

from typing import Any

from tenants.gateway.client import stripe_client

# Another set of features is another configuration at Stripe; the number finds ours again.
MARK, NUMBER = "portico", "1"
# Plans are changed and ended on our own page, which says first what that closes.
FEATURES: dict[str, Any] = {
    "customer_update": {"enabled": True, "allowed_updates": ["email", "name", "address", "tax_id"]},
    "payment_method_update": {"enabled": True},
    "invoice_history": {"enabled": True},
    "subscription_cancel": {"enabled": False},
    "subscription_update": {"enabled": False},
}


def portal_settings() -> str:
    """The id of our configuration of the billing portal, made at Stripe the first time.

    Raises:
        stripe.StripeError: Stripe does not answer or refuses.
    """
    configurations = stripe_client().v1.billing_portal.configurations
    for known in configurations.list({"active": True, "limit": 100}).data:
        if (known["metadata"] or {}).get(MARK) == NUMBER:
            return str(known["id"])
    wanted: Any = {"features": FEATURES, "metadata": {MARK: NUMBER}}
    made = configurations.create(wanted, {"idempotency_key": f"portal:{NUMBER}"})
    return str(made["id"])
