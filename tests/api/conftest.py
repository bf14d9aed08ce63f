"""Programs of agencies: a key and a caller."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser

from portal.apikeys.keys import known_scopes, make_key
from portal.people.models import Staff
from tenants.agencies.current import CurrentAgency, inside

Call = Callable[..., Any]


def key_for(agency: CurrentAgency, *scopes: str) -> str:
    """The text of a new key of the agency's owner, with all scopes unless some are given."""
    with inside(agency):
        owner = Staff.objects.get(role=Staff.Role.OWNER)
        return make_key(name="sync", scopes=scopes or known_scopes(), by=owner)[1]


def caller(key: str) -> Call:
    """call("GET", "clients/", …) with the key."""
    browser = Browser(headers={"host": "app.localhost", "authorization": f"Bearer {key}"})

    def call(method: str, path: str, payload: Any = None, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return browser.generic(
            method,
            f"/api/v1/{path}",
            b"" if payload is None else json.dumps(payload).encode(),
            content_type="application/json",
            headers=named,
        )

    return call


@pytest.fixture
def call(northwind: CurrentAgency) -> Call:
    """Northwind's program, with every scope."""
    return caller(key_for(northwind))
