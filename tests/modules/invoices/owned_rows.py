"""Rows of invoices, quotes, repeating invoices and what was agreed about paying."""

from itertools import count
from typing import Any

from kit import clock
from modules.invoices.models import Invoice, Mandate, Pattern, Quote, Repeating
from portal.people.models import Client
from tests.owned_rows import OwnedRow

_numbers = count(1)


def invoice(**owner: Any) -> Invoice:
    made: Invoice = Invoice.objects.create(
        title="Website", currency="EUR", state="issued", number=f"T-{next(_numbers)}", issued_at=clock.now(),
        **owner,
    )  # fmt: skip
    return made


def quote(**owner: Any) -> Quote:
    made: Quote = Quote.objects.create(
        pattern=_pattern(), state="sent", number=f"Q-{next(_numbers)}", sent_at=clock.now(),
        valid_until=clock.now().date(), **owner,
    )  # fmt: skip
    return made


def repeating(**owner: Any) -> Repeating:
    day = clock.now().date()
    made: Repeating = Repeating.objects.create(pattern=_pattern(), anchor_on=day, next_on=day, **owner)
    return made


def mandate(**owner: Any) -> Mandate:
    somebody = Client.objects.order_by("pk")[0]
    made: Mandate = Mandate.objects.create(words="Yes", version="1", agreed_by=somebody, **owner)
    return made


def _pattern() -> Pattern:
    return Pattern.objects.create(title="Website", currency="EUR")


ROWS = {
    Invoice: OwnedRow(invoice, is_money=True),
    Quote: OwnedRow(quote, is_money=True),
    Repeating: OwnedRow(repeating, is_money=True),
    Mandate: OwnedRow(mandate, is_money=True, is_for_newcomers=True),
}
