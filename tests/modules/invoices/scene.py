"""What the tests of invoices start from."""

from decimal import Decimal
from typing import Any

from modules.invoices import operations
from modules.invoices.models import Invoice, InvoiceSettings, Quote, TaxRate
from portal.people.models import Client, Company, Staff


def northwind_bills() -> None:
    """The agency's own details, so that invoices may leave."""
    InvoiceSettings.objects.update_or_create(
        pk=1,
        defaults={
            "seller_name": "Northwind Studio GmbH",
            "seller_address": "Hafenstr. 1\n20457 Hamburg",
            "seller_country": "DE",
            "seller_tax_id": "DE123456789",
        },
    )


def vat() -> TaxRate:
    return TaxRate.objects.get_or_create(name="VAT", percent=Decimal(19), category="S")[0]


def a_line(minor: int = 100_00, **fields: Any) -> operations.LineFields:
    given: Any = {"description": "Design", "unit_minor": minor, **fields}
    line: operations.LineFields = given
    return line


def a_draft(owner: Company | Client, staff: Staff | None, minor: int = 100_00, **fields: Any) -> Invoice:
    lines = fields.pop("lines", None) or [a_line(minor)]
    return operations.create_invoice(
        owner=owner, by=staff, lines=lines, **{"title": "New website", "currency": "EUR", **fields}
    )


def issued(owner: Company | Client, staff: Staff | None, minor: int = 100_00, **fields: Any) -> Invoice:
    return operations.issue(a_draft(owner, staff, minor, **fields), by=staff)


def fresh(invoice: Invoice) -> Invoice:
    """The row as it is now, with nothing kept from before."""
    return Invoice.objects.get(pk=invoice.pk)


def a_quote(owner: Company | Client, staff: Staff | None, minor: int = 100_00, **fields: Any) -> Quote:
    lines = fields.pop("lines", None) or [a_line(minor)]
    return operations.create_quote(
        owner=owner, by=staff, lines=lines, **{"title": "New website", "currency": "EUR", **fields}
    )


def sent_quote(owner: Company | Client, staff: Staff | None, minor: int = 100_00, **fields: Any) -> Quote:
    return operations.send_quote(a_quote(owner, staff, minor, **fields), by=staff)
