"""The demo's agencies can be paid, also after the simulator forgot them."""

from typing import Any

from portal.payments import demo
from portal.payments.queries import can_take_cards, transfer_words
from tenants.agencies.current import CurrentAgency, inside
from tenants.gateway.models import ConnectAccount


def test_a_demo_agency_has_an_account_and_keeps_it(stripe_settings: Any, northwind: CurrentAgency) -> None:
    assert demo.connect(northwind, "alice@northwind.example")
    first = ConnectAccount.objects.get().stripe_account_id
    assert demo.connect(northwind, "alice@northwind.example")
    assert ConnectAccount.objects.get().stripe_account_id == first
    ConnectAccount.objects.update(stripe_account_id="acct_of_before")
    assert demo.connect(northwind, "alice@northwind.example")
    with inside(northwind):
        demo.furnish(northwind)
        assert can_take_cards() and "IBAN" in transfer_words()


def test_without_a_simulator_the_demo_touches_nothing(northwind: CurrentAgency, settings: Any) -> None:
    settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE = "sk_test_real", ""
    assert not demo.connect(northwind, "alice@northwind.example")
    assert not ConnectAccount.objects.exists()
