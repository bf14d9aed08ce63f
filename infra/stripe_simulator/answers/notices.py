"""Events, and the webhook endpoints that are told of them."""

from __future__ import annotations

import copy

from infra.stripe_simulator.changes import change, picked
from infra.stripe_simulator.errors import refused
from infra.stripe_simulator.lists import CURSORS, listed, readable
from infra.stripe_simulator.routes import route
from infra.stripe_simulator.webhooks import register
from infra.stripe_simulator.world import Merchant, Object

FIELDS = "url enabled_events description metadata"


@route("GET", "/v1/events", f"{CURSORS} type types")
def list_events(merchant: Merchant, params: Object) -> Object:
    """The account's events, newest first; a type may end in `.*`."""
    wanted = params.get("types", [params["type"]] if "type" in params else ["*"])
    found = [one for one in merchant.all("event") if any(_fits(one["type"], each) for each in wanted)]
    return listed(found, params, "/v1/events")


def _fits(kind: str, wanted: str) -> bool:
    return kind == wanted or (wanted.endswith("*") and kind.startswith(wanted[:-1]))


@route("POST", "/v1/webhook_endpoints", f"{FIELDS} connect api_version")
def create(merchant: Merchant, params: Object) -> Object:
    """An endpoint; only this answer tells its secret."""
    values = picked(params, "enabled_events", "description", "metadata", "api_version")
    endpoint = register(merchant.world, params["url"], "", connect=params.get("connect", False), **values)
    return {**copy.deepcopy(endpoint), "secret": merchant.hidden(endpoint["id"])["secret"]}


@route("POST", "/v1/webhook_endpoints/{identifier}", f"{FIELDS} disabled")
def update(merchant: Merchant, params: Object, identifier: str) -> Object:
    """Changes an endpoint, or switches it off and on."""
    endpoint = merchant.get("webhook_endpoint", identifier)
    if "disabled" in params:
        endpoint["status"] = "disabled" if params["disabled"] else "enabled"
    change(endpoint, {key: value for key, value in params.items() if key != "disabled"})
    return endpoint


@route("DELETE", "/v1/webhook_endpoints/{identifier}")
def delete(merchant: Merchant, params: Object, identifier: str) -> Object:
    """Takes an endpoint away."""
    merchant.get("webhook_endpoint", identifier)
    if not merchant.is_platform:
        raise refused("Only the platform has webhook endpoints here.")
    del merchant.store["webhook_endpoint"][identifier]
    return {"id": identifier, "object": "webhook_endpoint", "deleted": True}


readable("event", "events", lists=False)
readable("webhook_endpoint", "webhook_endpoints")
