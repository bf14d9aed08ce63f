"""Products and prices."""

from __future__ import annotations

from typing import Any

from infra.stripe_simulator.changes import change, picked
from infra.stripe_simulator.errors import not_implemented, refused
from infra.stripe_simulator.lists import CURSORS, listed, readable
from infra.stripe_simulator.routes import route
from infra.stripe_simulator.world import Merchant, Object, list_of

RECURRING = ("interval", "interval_count")
OF_PRODUCT = "name description metadata active images statement_descriptor unit_label url tax_code shippable"
OF_PRICE = "currency unit_amount product product_data recurring.interval recurring.interval_count metadata"
OF_PRICE_TOO = (
    "nickname lookup_key active tax_behavior transfer_lookup_key recurring.usage_type billing_scheme"
)


@route("POST", "/v1/products", f"{OF_PRODUCT} id default_price_data")
def create_product(merchant: Merchant, params: Object) -> Object:
    """A product, with its first price if one came along."""
    values = {name: value for name, value in params.items() if name != "default_price_data"}
    product = make_product(merchant, values)
    if "default_price_data" in params:
        price = make_price(merchant, {**params["default_price_data"], "product": product["id"]})
        product["default_price"] = price["id"]
    return product


def make_product(merchant: Merchant, values: Object) -> Object:
    """A product that is for sale."""
    if values.get("id") in merchant.store.get("product", {}):
        raise refused(f"Product already exists: {values['id']}", "resource_already_exists", "id")
    fixed = {"active": True, "type": "service", "updated": merchant.now()}
    product = merchant.new("product", "prod", **{**fixed, **values})
    merchant.emit("product.created", product)
    return product


@route("POST", "/v1/products/{identifier}", f"{OF_PRODUCT} default_price")
def update_product(merchant: Merchant, params: Object, identifier: str) -> Object:
    """Changes a product."""
    product = merchant.get("product", identifier)
    before = change(product, params)
    product["updated"] = merchant.now()
    merchant.emit("product.updated", product, before)
    return product


@route("GET", "/v1/products", f"{CURSORS} active ids")
def list_products(merchant: Merchant, params: Object) -> Object:
    """Products, newest first."""
    found = [one for one in merchant.all("product") if one["id"] in params.get("ids", [one["id"]])]
    return listed(found, params, "/v1/products", ("active",))


@route("GET", "/v1/products/{identifier}/features", CURSORS)
def list_features(merchant: Merchant, params: Object, identifier: str) -> Object:
    """None: nothing here gives a product features."""
    return list_of([], f"/v1/products/{identifier}/features")


@route("POST", "/v1/prices", f"{OF_PRICE} {OF_PRICE_TOO}")
def create_price(merchant: Merchant, params: Object) -> Object:
    """A price of a product there is, or of a new one."""
    return make_price(merchant, params)


def make_price(merchant: Merchant, params: Object, *, active: bool = True) -> Object:
    """A price from the params of a price, or from `price_data`. Per unit and licensed only."""
    if "unit_amount" not in params:
        raise not_implemented("prices without unit_amount")
    if params["unit_amount"] < 0:
        raise refused(
            "This value must be greater than or equal to 0.", "parameter_invalid_integer", "unit_amount"
        )
    product = params.get("product")
    if product is None:
        if "product_data" not in params:
            raise refused("Missing required param: product.", "parameter_missing", "product")
        product = make_product(merchant, dict(params["product_data"]))["id"]
    merchant.get("product", product, "product")
    _take_lookup_key(merchant, params)
    price = merchant.new(
        "price",
        "price",
        currency=params["currency"].lower(),
        unit_amount=params["unit_amount"],
        unit_amount_decimal=str(params["unit_amount"]),
        product=product,
        active=params.get("active", active),
        tax_behavior=params.get("tax_behavior", "unspecified"),
        type="recurring" if "recurring" in params else "one_time",
        recurring=_recurring(params.get("recurring")),
        **picked(params, "metadata", "nickname", "lookup_key"),
    )
    merchant.emit("price.created", price)
    return price


def _take_lookup_key(merchant: Merchant, params: Object) -> None:
    key = params.get("lookup_key")
    for other in merchant.all("price"):
        if key and other["lookup_key"] == key:
            if not params.get("transfer_lookup_key"):
                words = f"A price (`{other['id']}`) already uses that lookup key."
                raise refused(words, "resource_already_exists", "lookup_key")
            other["lookup_key"] = None


def _recurring(given: Object | None) -> Object | None:
    if given is None:
        return None
    if given.get("usage_type", "licensed") != "licensed":
        raise not_implemented("metered prices")
    fixed: dict[str, Any] = {"meter": None, "trial_period_days": None, "usage_type": "licensed"}
    return {**fixed, "interval": given["interval"], "interval_count": given.get("interval_count", 1)}


@route(
    "POST", "/v1/prices/{identifier}", "metadata nickname lookup_key active tax_behavior transfer_lookup_key"
)
def update_price(merchant: Merchant, params: Object, identifier: str) -> Object:
    """Changes what may change; amounts never do."""
    price = merchant.get("price", identifier)
    _take_lookup_key(merchant, params)
    before = change(price, {name: value for name, value in params.items() if name != "transfer_lookup_key"})
    merchant.emit("price.updated", price, before)
    return price


@route("GET", "/v1/prices", f"{CURSORS} active currency product type lookup_keys recurring.interval")
def list_prices(merchant: Merchant, params: Object) -> Object:
    """Prices, newest first."""
    found = merchant.all("price")
    if "lookup_keys" in params:
        found = [one for one in found if one["lookup_key"] in params["lookup_keys"]]
    if "recurring" in params:
        interval = params["recurring"]["interval"]
        found = [one for one in found if one["recurring"] and one["recurring"]["interval"] == interval]
    return listed(found, params, "/v1/prices", ("active", "currency", "product", "type"))


readable("product", "products", lists=False)
readable("price", "prices", lists=False)
