"""Connected accounts: Accounts v2 and their links, and the v1 view of them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from infra.stripe_simulator import judge, thin
from infra.stripe_simulator.errors import not_implemented, refused
from infra.stripe_simulator.lists import CURSORS, listed
from infra.stripe_simulator.routes import route
from infra.stripe_simulator.thin import moment
from infra.stripe_simulator.world import PLATFORM, Merchant, Object, World, identifier, merged

FIELDS = (
    "contact_email contact_phone display_name dashboard identity defaults metadata configuration.merchant "
    "configuration.customer configuration.recipient include"
)
CURRENCIES = {
    "gb": "gbp",
    "us": "usd",
    "ch": "chf",
    "jp": "jpy",
    "dk": "dkk",
    "se": "sek",
    "no": "nok",
    "pl": "pln",
}
IN_ANSWERS = ("configuration", "defaults", "identity", "requirements", "future_requirements")
LINK_SECONDS = 300


@route("POST", "/v2/core/accounts", FIELDS)
def create(merchant: Merchant, params: Object) -> Object:
    """A connected account that may do nothing until it is onboarded."""
    country = (params.get("identity") or {}).get("country", "us")
    account = identifier("acct", 16)
    currency = (params.get("defaults") or {}).get("currency") or CURRENCIES.get(country, "eur")
    made = judge.blank(
        "v2.core.account",
        id=account,
        created=moment(merchant.now()),
        livemode=False,
        closed=False,
        metadata=params.get("metadata") or {},
        applied_configurations=sorted(params.get("configuration") or {}),
        identity=judge.blank_part("v2.core.account", "Identity", country=country),
        **{
            name: params.get(name) for name in ("contact_email", "contact_phone", "display_name", "dashboard")
        },
    )
    given = (params.get("defaults") or {}).get("responsibilities") or {}
    made["defaults"] = judge.blank_part("v2.core.account", "Defaults", currency=currency)
    made["defaults"]["responsibilities"] = judge.blank_part(
        "v2.core.account", "Defaults", "Responsibilities", **given
    )
    merchant.keep(made)
    _keep_v1(merchant, made, country, currency)
    _show(merchant.world, account, "restricted")
    thin.tell(merchant.world, account, thin.CREATED)
    return _included(made, params)


def _keep_v1(merchant: Merchant, made: Object, country: str, currency: str) -> None:
    merchant.world.merchant(made["id"])
    merchant.keep(
        judge.blank(
            "account",
            id=made["id"],
            type="none",
            created=merchant.now(),
            email=made["contact_email"],
            country=country.upper(),
            default_currency=currency,
            metadata=dict(made["metadata"]),
            charges_enabled=False,
            payouts_enabled=False,
            details_submitted=False,
        )
    )


def _show(world: World, account: str, status: str) -> None:
    """Writes a capability's status into both views of an account."""
    platform = world.merchant(PLATFORM)
    made, active = platform.get("v2.core.account", account), status == "active"
    capability = judge.blank_part(
        "v2.core.account", "Configuration", "Merchant", "Capabilities", "CardPayments", status=status
    )
    if not active:
        why = {"code": "requirements_past_due", "resolution": "provide_info"}
        capability["status_details"] = [why]
    capabilities = judge.blank_part("v2.core.account", "Configuration", "Merchant", "Capabilities")
    merchant = judge.blank_part("v2.core.account", "Configuration", "Merchant", applied=True)
    merchant["capabilities"] = {**capabilities, "card_payments": capability}
    made["configuration"] = judge.blank_part("v2.core.account", "Configuration", merchant=merchant)
    made["requirements"] = judge.blank_part("v2.core.account", "Requirements")
    flags = dict.fromkeys(("charges_enabled", "payouts_enabled"), active)
    platform.get("account", account).update(flags)


def onboard(world: World, account: str, status: str = "active") -> None:
    """The agency has filled in Stripe's pages (active), or Stripe asks for more (restricted)."""
    platform = world.merchant(PLATFORM)
    thing = platform.get("account", account)
    thing["details_submitted"] = True
    _show(world, account, status)
    world.merchant(account).emit("account.updated", thing)
    thin.tell(world, account, thin.REQUIREMENTS, thin.CAPABILITY)


def deauthorize(world: World, account: str) -> None:
    """The agency has disconnected the platform: no request may name the account any more."""
    world.merchant(PLATFORM).get("account", account)
    world.merchant(account).emit("account.application.deauthorized", _application())
    world.hidden.setdefault(account, {})["deauthorized"] = True


def _application() -> Object:
    return judge.blank("application", id="ca_simulator", name="Portico")


def _included(made: Object, params: Object) -> Object:
    """Stripe leaves out what `include` does not ask for."""
    wanted = {each.split(".")[0] for each in params.get("include", [])}
    return {**made, **{name: None for name in IN_ANSWERS if name not in wanted}}


@route("GET", "/v2/core/accounts/{account}", "include")
def read(merchant: Merchant, params: Object, account: str) -> Object:
    """A connected account; what is not in `include` is null."""
    return _included(_account(merchant, account), params)


@route("POST", "/v2/core/accounts/{account}", FIELDS)
def update(merchant: Merchant, params: Object, account: str) -> Object:
    """Changes names and addresses; what Stripe has to verify it asks on its own pages."""
    made = _account(merchant, account)
    for name in ("contact_email", "contact_phone", "display_name", "dashboard"):
        made[name] = params.get(name, made[name])
    if "metadata" in params:
        made["metadata"] = merged(made["metadata"], params["metadata"])
    if {"identity", "defaults"} & params.keys():
        raise not_implemented("changing identity and defaults of an account")
    thin.tell(merchant.world, account, thin.UPDATED)
    return _included(made, params)


@route("GET", "/v2/core/accounts", "limit applied_configurations")
def listing(merchant: Merchant, params: Object) -> Object:
    """All connected accounts on one page."""
    if "applied_configurations" in params:
        raise not_implemented("the filter applied_configurations")
    found = [_included(one, {}) for one in merchant.all("v2.core.account")]
    return {"data": found, "next_page_url": None, "previous_page_url": None}


@route("POST", "/v2/core/accounts/{account}/close", "applied_configurations")
def close(merchant: Merchant, params: Object, account: str) -> Object:
    """No more payments for this account."""
    made = _account(merchant, account)
    _show(merchant.world, account, "restricted")
    made["closed"] = True
    thin.tell(merchant.world, account, thin.CAPABILITY, thin.CLOSED)
    return _included(made, {})


@route("POST", "/v2/core/account_links", "account use_case")
def link(merchant: Merchant, params: Object) -> Object:
    """The address of the pages on which an agency gives its details."""
    _account(merchant, params["account"])
    case = params["use_case"]
    asked: dict[str, Any] = case.get(case["type"]) or {}
    if not asked:
        raise refused(f"use_case.{case['type']} is required.", "parameter_missing", "use_case")
    back = quote(asked.get("return_url", ""), safe="")
    address = f"{merchant.world.base}/setup/{params['account']}?return_url={back}"
    made = judge.blank("v2.core.account_link", account=params["account"], url=address, livemode=False)
    names = {"account_onboarding": "AccountOnboarding", "account_update": "AccountUpdate"}
    part = judge.blank_part("v2.core.account_link", "UseCase", names[case["type"]], **asked)
    made["use_case"] = {**made["use_case"], "type": case["type"], case["type"]: part}
    now = merchant.now()
    return made | {"created": moment(now), "expires_at": moment(now + LINK_SECONDS)}


def _account(merchant: Merchant, account: str) -> Object:
    # An account may also be read in its own context: so does whoever fetches what a thin event is about.
    if not merchant.is_platform and merchant.account != account:
        raise refused("Accounts are the platform's.", status=403)
    return merchant.world.merchant(PLATFORM).get("v2.core.account", account)


@route("GET", "/v1/account")
def own(merchant: Merchant, params: Object) -> Object:
    """The account that asks: the platform, or the one it asks for."""
    return merchant.world.merchant(PLATFORM).get("account", merchant.account)


@route("GET", "/v1/accounts/{account}")
def read_v1(merchant: Merchant, params: Object, account: str) -> Object:
    """The older view of an account."""
    return merchant.world.merchant(PLATFORM).get("account", account)


@route("GET", "/v1/accounts", CURSORS)
def list_v1(merchant: Merchant, params: Object) -> Object:
    """All connected accounts, the older view."""
    found = [one for one in merchant.all("account") if one["id"] != PLATFORM]
    return listed(found, params, "/v1/accounts")


def found_platform(world: World) -> None:
    """The platform's own account."""
    world.merchant(PLATFORM).keep(
        judge.blank(
            "account",
            id=PLATFORM,
            type="standard",
            created=world.now(),
            email="platform@portico.test",
            country="DE",
            default_currency="eur",
            metadata={},
            charges_enabled=True,
            payouts_enabled=True,
            details_submitted=True,
        )
    )
