from typing import Any

import pytest

from tenants.agencies.current import CurrentAgency
from tenants.gateway.models import ConnectAccount, InboxEvent
from tests.tenants.gateway.events import SECRET


@pytest.fixture(autouse=True)
def _secrets(settings: Any) -> None:
    settings.STRIPE_SECRET_KEY = "sk_test_tests"
    settings.STRIPE_CONNECT_WEBHOOK_SECRETS = [SECRET]
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_tests_platform"]


@pytest.fixture
def account(northwind: CurrentAgency) -> ConnectAccount:
    """Northwind's account at Stripe."""
    return ConnectAccount.objects.create(
        agency_id=northwind.id,
        stripe_account_id="acct_north",
        country="DE",
        currency="EUR",
        charges_enabled=True,
    )


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, InboxEvent]]:
    """What an ear for everything hears, each with the schema in which it was called."""
    from tenants.agencies.current import connection
    from tenants.gateway import inbox

    found: list[tuple[str, InboxEvent]] = []

    def ear(event: InboxEvent) -> None:
        found.append((connection.schema_name, event))

    ears = [inbox._Hear("", "connect", ear), inbox._Hear("", "platform", ear)]
    monkeypatch.setattr(inbox, "_ears", ears)
    return found
