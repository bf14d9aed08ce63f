"""Going through the days of an automatic payment."""

from datetime import date, timedelta
from typing import Any

import time_machine

from modules.invoices import operations
from modules.invoices.models import Invoice
from portal.mail.models import Message
from portal.payments.models import SavedMethod
from tenants.agencies.current import connection
from tests.modules.invoices.scene import fresh
from tests.portal.payments.conftest import Till

EXPIRED = "4000000000000069"


def deliver(shop: Till) -> None:
    """Stripe's events, in requests of their own; afterwards the test is inside Northwind again."""
    shop.deliver()
    connection.set_tenant(shop.agency, include_public=False)


def on(day: date) -> Any:
    """Midday of a day, in Berlin."""
    return time_machine.travel(f"{day} 11:00Z", tick=False)


def run(day: date, times: int = 2) -> int:
    """The job on that day, more than once."""
    with on(day):
        return sum(operations.charge_due() for _ in range(times))


def second_day(invoice: Invoice) -> date:
    due_on = fresh(invoice).next_due_on
    assert due_on is not None
    return due_on


def announced(invoice: Invoice) -> date:
    """Announce the next part; the day on which it is charged."""
    day = second_day(invoice)
    assert run(day - timedelta(days=3)) == 0
    return day


def saved_card() -> SavedMethod:
    return SavedMethod.objects.get(removed_at=None)


def mails(key: str) -> int:
    return Message.objects.filter(email=f"invoices.{key}").count()
