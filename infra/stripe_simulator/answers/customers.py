"""Customers and their saved means of payment."""

from __future__ import annotations

import secrets

from infra.stripe_simulator import cards, judge
from infra.stripe_simulator.changes import change
from infra.stripe_simulator.errors import missing, refused
from infra.stripe_simulator.lists import CURSORS, listed, readable
from infra.stripe_simulator.routes import route
from infra.stripe_simulator.world import Merchant, Object

FIELDS = (
    "email name phone description metadata address shipping preferred_locales tax_exempt "
    "invoice_settings.default_payment_method business_name individual_name"
)


@route("POST", "/v1/customers", f"{FIELDS} payment_method test_clock")
def create(merchant: Merchant, params: Object) -> Object:
    """A customer."""
    if "test_clock" in params:
        merchant.get("test_helpers.test_clock", params["test_clock"], "test_clock")
    customer = make_customer(
        merchant, {key: value for key, value in params.items() if key not in _NOT_FIELDS}
    )
    if "payment_method" in params:
        cards.attach(merchant, cards.named(merchant, params["payment_method"]), customer["id"])
    _settings(merchant, customer, params)
    merchant.emit("customer.created", customer)
    return customer


_NOT_FIELDS = ("payment_method", "invoice_settings")


def make_customer(merchant: Merchant, values: Object) -> Object:
    """A customer, nobody told yet."""
    settings = judge.blank_part("customer", "InvoiceSettings")
    fixed: Object = {"balance": 0, "metadata": {}, "tax_exempt": "none", "delinquent": False}
    prefix = secrets.token_hex(4).upper()
    return merchant.new(
        "customer", "cus", **{**fixed, **values, "invoice_prefix": prefix, "invoice_settings": settings}
    )


def _settings(merchant: Merchant, customer: Object, params: Object) -> Object:
    given = params.get("invoice_settings", {})
    if "default_payment_method" not in given:
        return {}
    old = dict(customer["invoice_settings"])
    method = given["default_payment_method"] or None
    if method and merchant.get("payment_method", method)["customer"] != customer["id"]:
        words = "The customer does not have a payment method with the ID " + method
        raise refused(words, "resource_missing", "invoice_settings[default_payment_method]")
    customer["invoice_settings"] = {**old, "default_payment_method": method}
    return {"invoice_settings": old}


@route("POST", "/v1/customers/{identifier}", FIELDS)
def update(merchant: Merchant, params: Object, identifier: str) -> Object:
    """Changes a customer."""
    customer = merchant.get("customer", identifier)
    before = _settings(merchant, customer, params)
    before |= change(customer, {key: value for key, value in params.items() if key not in _NOT_FIELDS})
    merchant.emit("customer.updated", customer, before)
    return customer


@route("DELETE", "/v1/customers/{identifier}")
def delete(merchant: Merchant, params: Object, identifier: str) -> Object:
    """Takes a customer away; the id says from then on that it is deleted."""
    customer = merchant.get("customer", identifier)
    merchant.emit("customer.deleted", customer)
    gone = {"id": identifier, "object": "customer", "deleted": True}
    del merchant.store["customer"][identifier]
    return gone


@route("GET", "/v1/customers", f"{CURSORS} email test_clock")
def listing(merchant: Merchant, params: Object) -> Object:
    """Customers, newest first."""
    return listed(merchant.all("customer"), params, "/v1/customers", ("email", "test_clock"))


@route("GET", "/v1/customers/{identifier}/payment_methods", f"{CURSORS} type")
def methods_of(merchant: Merchant, params: Object, identifier: str) -> Object:
    """What a customer has saved."""
    merchant.get("customer", identifier)
    found = [one for one in merchant.all("payment_method") if one["customer"] == identifier]
    return listed(found, params, f"/v1/customers/{identifier}/payment_methods", ("type",))


@route("GET", "/v1/customers/{identifier}/payment_methods/{method}")
def method_of(merchant: Merchant, params: Object, identifier: str, method: str) -> Object:
    """One of them."""
    found = merchant.get("payment_method", method)
    if found["customer"] != identifier:
        raise missing("payment_method", method)
    return found


@route("GET", "/v1/payment_methods", f"{CURSORS} customer type")
def list_methods(merchant: Merchant, params: Object) -> Object:
    """What a customer has saved."""
    found = [one for one in merchant.all("payment_method") if one["customer"]]
    return listed(found, params, "/v1/payment_methods", ("customer", "type"))


@route("POST", "/v1/payment_methods/{identifier}", "metadata billing_details allow_redisplay")
def update_method(merchant: Merchant, params: Object, identifier: str) -> Object:
    """Changes what is written beside a means of payment."""
    method = merchant.get("payment_method", identifier)
    details = {**method["billing_details"], **params.get("billing_details", {})}
    before = change(method, {**params, "billing_details": details})
    merchant.emit("payment_method.updated", method, before)
    return method


@route("POST", "/v1/payment_methods/{identifier}/attach", "customer")
def attach(merchant: Merchant, params: Object, identifier: str) -> Object:
    """Saves a means of payment with a customer."""
    method = cards.named(merchant, identifier, "payment_method")
    merchant.get("customer", params["customer"], "customer")
    means = cards.means_of(merchant, method["id"])
    if means.decline and not means.attaches:
        raise refused(cards.words_of(means.decline), cards.code_of(means.decline), status=402)
    cards.attach(merchant, method, params["customer"])
    return method


@route("POST", "/v1/payment_methods/{identifier}/detach")
def detach(merchant: Merchant, params: Object, identifier: str) -> Object:
    """Takes a means of payment away from its customer, for good."""
    method = merchant.get("payment_method", identifier)
    if not method["customer"]:
        raise refused(
            "The payment method you provided is not attached to a customer so detachment is impossible."
        )
    customer = merchant.find("customer", method["customer"])
    before, method["customer"] = {"customer": method["customer"]}, None
    if customer and customer["invoice_settings"]["default_payment_method"] == identifier:
        customer["invoice_settings"]["default_payment_method"] = None
    merchant.emit("payment_method.detached", method, before)
    return method


readable("customer", "customers", lists=False)
readable("payment_method", "payment_methods", lists=False)
readable("mandate", "mandates", lists=False)
