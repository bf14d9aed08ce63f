"""/pricing/ says what the operators set."""

from typing import Any

from kit.money import Money
from tenants.billing.models import Interval
from tenants.billing.prices import set_price
from tenants.plans import Plan
from tests.cast import platform_browser


def test_the_prices_are_those_that_operators_set(db: None, settings: Any) -> None:
    settings.STRIPE_SECRET_KEY = "sk_test_tests"
    page = platform_browser().get("/pricing/").content.decode()
    assert "€29.00" in page and "€790.00" in page and "€1,990.00" in page
    set_price(Plan.GROWTH, Interval.YEAR, Money(84000, "EUR"))
    page = platform_browser().get("/pricing/").content.decode()
    assert "€840.00" in page and "€790.00" not in page


def test_where_nothing_is_sold_no_price_is_named(db: None, settings: Any) -> None:
    settings.STRIPE_SECRET_KEY = ""
    page = platform_browser().get("/pricing/").content.decode()
    assert "€" not in page and "Free for 14 days".lower() in page.lower()
