"""Papers as part of tests."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from portal.papers.paper import Allowance, InvoicePaper, Kind, Line, Party, TaxTotal

SELLER = Party(
    "Studio Nord GmbH", ("Hafenstraße 1", "20457 Hamburg"), "DE 123 456 789", "hello@nord.example", "DE"
)
BUYER = Party("Kunde & <Söhne> AG", ("Weg 2", "1010 Wien"), "ATU12345678", "pay@kunde.example", "AT")
VAT = Decimal(19)


def invoice(**changes: Any) -> InvoicePaper:
    """€390.00 net of lines and an allowance, 19 % tax, €100.00 of it paid."""
    paper = InvoicePaper(
        kind=Kind.INVOICE,
        number="2026-17",
        issued_on=date(2026, 11, 1),
        due_on=date(2026, 11, 15),
        delivered_on=date(2026, 10, 30),
        currency="EUR",
        seller=SELLER,
        buyer=BUYER,
        lines=(
            Line("Design\nTwo drafts", Decimal("3.5"), "hours", 9000, 31500, VAT, "VAT"),
            Line("Hosting", Decimal(1), "month", 10000, 9000, VAT, "VAT", discount_minor=1000),
            Line("Earlier mistake", Decimal(1), "", -500, -500, VAT, "VAT"),
        ),
        allowances=(Allowance("Loyalty", 1000, VAT, "VAT"),),
        taxes=(TaxTotal(VAT, "VAT", "S", 39000, 7410),),
        net_minor=39000,
        tax_minor=7410,
        gross_minor=46410,
        paid_minor=10000,
        due_minor=36410,
    )
    return replace(paper, **changes)


def untaxed(category: str = "AE", **changes: Any) -> InvoicePaper:
    """10,000 minor units in one line, no tax for the reason of `category`."""
    plain = {
        "lines": (Line("Work", Decimal(2), "Std.", 5000, 10000),),
        "allowances": (),
        "taxes": (TaxTotal(Decimal(0), "", category, 10000, 0),),
        "net_minor": 10000,
        "tax_minor": 0,
        "gross_minor": 10000,
        "paid_minor": 0,
        "due_minor": 10000,
        "reverse_charge": category == "AE",
    }
    return invoice(**(plain | changes))


def inclusive() -> InvoicePaper:
    """Three lines of €9.99 with tax: the nets, rounded one by one, are two cents more than the base."""
    return invoice(
        prices_include_tax=True,
        lines=tuple(Line(f"Part {n}", Decimal(3), "", 333, 840, VAT, "VAT") for n in range(3)),
        allowances=(),
        taxes=(TaxTotal(VAT, "VAT", "S", 2518, 479),),
        net_minor=2518,
        tax_minor=479,
        gross_minor=2997,
        paid_minor=0,
        due_minor=2997,
    )
