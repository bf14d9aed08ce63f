"""Setup intents and mandates: a means of payment is saved without being charged."""

from __future__ import annotations

from typing import Any

from infra.stripe_simulator import cards
from infra.stripe_simulator.changes import picked
from infra.stripe_simulator.errors import StripeError, refused
from infra.stripe_simulator.lists import readable
from infra.stripe_simulator.routes import route
from infra.stripe_simulator.world import Merchant, Object, identifier

FIELDS = "customer description metadata payment_method usage"
OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")


@route(
    "POST", "/v1/setup_intents", f"{FIELDS} confirm payment_method_types automatic_payment_methods return_url"
)
def create(merchant: Merchant, params: Object) -> Object:
    """A setup intent, tried at once when `confirm` says so."""
    if "customer" in params:
        merchant.get("customer", params["customer"], "customer")
    setup = new_setup(merchant, **picked(params, "customer", "description", "metadata", "usage"))
    if "payment_method" in params:
        method = cards.named(merchant, params["payment_method"])
        setup |= {"payment_method": method["id"], "status": "requires_confirmation"}
    return _confirm(merchant, setup) if params.get("confirm") else setup


def new_setup(merchant: Merchant, **values: Any) -> Object:
    """A setup intent that waits for a means of payment."""
    fixed = {"status": "requires_payment_method", "payment_method_types": ["card"], "usage": "off_session"}
    setup = merchant.new("setup_intent", "seti", **{"metadata": {}, **fixed, **values})
    setup["client_secret"] = identifier(f"{setup['id']}_secret", 16)
    merchant.emit("setup_intent.created", setup)
    return setup


def complete(merchant: Merchant, setup: Object, method: Object, *, authenticated: bool = False) -> str:
    """Saves the method if its bank agrees: the intent's status afterwards. Raises StripeError (402)."""
    means = cards.means_of(merchant, method["id"])
    setup["payment_method"] = method["id"]
    if cards.wants_authentication(merchant, method["id"], done=authenticated):
        setup["status"] = "requires_action"
        return "requires_action"
    if means.kind == "card" and means.decline and not means.attaches:
        setup |= {"status": "requires_payment_method", "payment_method": None}
        merchant.emit("setup_intent.setup_failed", setup)
        code, words = cards.code_of(means.decline), cards.words_of(means.decline)
        raise StripeError(402, "card_error", words, code=code, decline_code=means.decline)
    if setup["customer"]:
        cards.attach(merchant, method, setup["customer"], authenticated=True)
    setup |= {"status": "succeeded", "mandate": _mandate(merchant, method)}
    merchant.emit("setup_intent.succeeded", setup)
    return "succeeded"


def _mandate(merchant: Merchant, method: Object) -> str | None:
    if method["type"] != "sepa_debit":
        return None
    mandate = merchant.new(
        "mandate", "mandate", payment_method=method["id"], status="active", type="multi_use"
    )
    mandate["payment_method_details"]["type"] = "sepa_debit"
    details = {
        "reference": identifier("", 16)[1:].upper(),
        "url": f"{merchant.world.base}/mandates/{mandate['id']}",
    }
    mandate["payment_method_details"]["sepa_debit"] = details
    mandate["customer_acceptance"] |= {"type": "online", "accepted_at": merchant.now()}
    return str(mandate["id"])


def _confirm(merchant: Merchant, setup: Object) -> Object:
    if not setup["payment_method"]:
        words = "You cannot confirm this SetupIntent because it's missing a payment method."
        raise refused(words, "setup_intent_unexpected_state")
    complete(merchant, setup, merchant.get("payment_method", setup["payment_method"]))
    return setup


@route("POST", "/v1/setup_intents/{identifier}/confirm", "payment_method return_url mandate_data")
def confirm(merchant: Merchant, params: Object, identifier: str) -> Object:
    """Tries to save."""
    setup = _open(merchant, identifier)
    if "payment_method" in params:
        setup["payment_method"] = cards.named(merchant, params["payment_method"])["id"]
    return _confirm(merchant, setup)


@route("POST", "/v1/setup_intents/{identifier}/cancel", "cancellation_reason")
def cancel(merchant: Merchant, params: Object, identifier: str) -> Object:
    """Gives it up."""
    setup = _open(merchant, identifier)
    setup |= {"status": "canceled", **params}
    merchant.emit("setup_intent.canceled", setup)
    return setup


def _open(merchant: Merchant, identifier: str) -> Object:
    setup = merchant.get("setup_intent", identifier)
    if setup["status"] not in OPEN:
        raise refused(f"This SetupIntent has a status of {setup['status']}.", "setup_intent_unexpected_state")
    return setup


readable("setup_intent", "setup_intents", "customer", "payment_method")
