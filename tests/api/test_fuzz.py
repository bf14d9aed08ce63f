"""Whatever is sent, the API answers as it says it does: never a 500, never an undeclared status."""

from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.core.result import Ok

from tenants.agencies.current import CurrentAgency, leave_agency
from tests.api.conftest import key_for

HOST = {"Host": "app.localhost"}
EXAMPLES = 6


@pytest.fixture(autouse=True)
def _keep_the_connection() -> Iterator[None]:
    """The real WSGI handler closes connections around a request; here the test's transaction is in it."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def test_nothing_that_is_sent_is_a_server_error(
    northwind: CurrentAgency, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.apikeys.door.REQUESTS_PER_MINUTE", 1_000_000)
    load_all_checks()
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application(), headers=HOST)
    headers = {**HOST, "Authorization": f"Bearer {key_for(northwind)}"}
    tried = 0
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found  # else the schema itself is broken
        operation = found.ok()
        tried += 1

        @hypothesis.settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @hypothesis.given(case=operation.as_strategy())
        def send(case: schemathesis.Case[Any]) -> None:
            leave_agency()
            case.call_and_validate(headers=headers, checks=[not_a_server_error])

        send()
    assert tried >= 20
