"""The billing portal: sessions and configurations. What its page does is in pages/portal.py."""

from __future__ import annotations

from infra.stripe_simulator import judge
from infra.stripe_simulator.errors import not_implemented
from infra.stripe_simulator.lists import readable
from infra.stripe_simulator.routes import route
from infra.stripe_simulator.world import Merchant, Object, identifier

DEFAULT = "bpc_simulator"


@route("POST", "/v1/billing_portal/sessions", "customer return_url configuration locale")
def create(merchant: Merchant, params: Object) -> Object:
    """A session; its address is all that somebody needs to enter."""
    if "customer" not in params:
        raise not_implemented("portal sessions without customer")
    merchant.get("customer", params["customer"], "customer")
    session = merchant.new(
        "billing_portal.session",
        "bps",
        customer=params["customer"],
        configuration=params.get("configuration", DEFAULT),
        return_url=params.get("return_url"),
        locale=params.get("locale"),
    )
    key = identifier("test", 32)
    merchant.hidden(session["id"])["key"] = key
    session["url"] = f"{merchant.world.base}/portal/{merchant.account}/{session['id']}/{key}"
    return session


@route(
    "POST", "/v1/billing_portal/configurations", "features business_profile default_return_url metadata name"
)
def configure(merchant: Merchant, params: Object) -> Object:
    """A configuration: which parts its page offers."""
    made = merchant.new("billing_portal.configuration", "bpc", active=True, is_default=False)
    made |= {"metadata": params.get("metadata") or {}, "default_return_url": params.get("default_return_url")}
    made["name"] = params.get("name")
    for name, given in (params.get("features") or {}).items():
        made["features"][name] |= given
    return made


readable("billing_portal.configuration", "billing_portal/configurations", "active")


@route("POST", "/v1/payment_method_domains", "domain_name enabled")
def register_domain(merchant: Merchant, params: Object) -> Object:
    """A host on which wallets may show; naming it again gives the same one."""
    for one in merchant.all("payment_method_domain"):
        if one["domain_name"] == params["domain_name"]:
            return one
    made = merchant.new("payment_method_domain", "pmd", domain_name=params["domain_name"])
    made["enabled"] = params.get("enabled", True)
    for wallet in ("amazon_pay", "apple_pay", "google_pay", "klarna", "link", "paypal"):
        made[wallet] = judge.blank_part("payment_method_domain", "ApplePay", status="active")
    return made


@route("POST", "/v1/payment_method_domains/{domain}", "enabled")
def update_domain(merchant: Merchant, params: Object, domain: str) -> Object:
    """Switches a host off and on."""
    found = merchant.get("payment_method_domain", domain)
    found["enabled"] = params.get("enabled", found["enabled"])
    return found


@route("POST", "/v1/payment_method_domains/{domain}/validate")
def validate_domain(merchant: Merchant, params: Object, domain: str) -> Object:
    """Looks again; here every host is fine."""
    return merchant.get("payment_method_domain", domain)


readable("payment_method_domain", "payment_method_domains", "domain_name", "enabled")
