"""Invoices on paper: what the PDF is told is what the invoice says."""

from decimal import Decimal
from typing import Any

from modules.invoices import operations, papers
from modules.invoices.models import Invoice
from portal.papers.rules import problems
from portal.people.models import Client, Staff
from tenants.agencies.current import CurrentAgency
from tests.modules.deliverables.scene import visit_portal
from tests.modules.invoices.scene import a_line, fresh, issued, vat


def mixed(tom: Client, staff: Staff, **fields: Any) -> Invoice:
    operations.set_billing_details(tom, by=staff, name="Tom Becker", address="1 Way", country="DE")
    lines = [
        a_line(33_33, tax=vat(), quantity=Decimal("2.5")),
        a_line(119_00, tax=vat(), tax_included=True),
        a_line(10_00),
    ]
    return issued(tom, staff, lines=lines, **fields)


def test_a_paper_adds_up_and_can_be_an_electronic_invoice(
    in_northwind: CurrentAgency, tom: Client, alice_staff: Staff
) -> None:
    for fields in ({}, {"discount_percent": Decimal(10)}, {"discount_minor": 7_77}):
        paper = papers.paper_of(mixed(tom, alice_staff, **fields))
        assert sum(line.net_minor for line in paper.lines) == paper.net_minor
        assert sum(tax.tax_minor for tax in paper.taxes) == paper.tax_minor
        assert problems(paper) == [], fields


def test_a_credit_note_refers_to_its_invoice(
    in_northwind: CurrentAgency, tom: Client, alice_staff: Staff
) -> None:
    invoice = mixed(tom, alice_staff)
    note = operations.credit(invoice, minor=50_00, reason="Late", by=alice_staff)
    paper = papers.credit_paper_of(note)
    assert (paper.refers_to, paper.gross_minor) == (invoice.number, 50_00)
    assert sum(line.net_minor for line in paper.lines) == paper.net_minor
    assert problems(paper) == []


def test_pages_hand_out_pdfs(in_northwind: CurrentAgency, tom: Client, alice_staff: Staff) -> None:
    invoice = mixed(tom, alice_staff)
    operations.mark_paid(invoice, minor=50_00, note="", by=alice_staff, client=tom)
    note = operations.credit(invoice, minor=20_00, reason="Late", by=alice_staff)
    browser = visit_portal(in_northwind, tom)
    at = f"/invoices/{invoice.pk}/"
    for path in (at + "pdf/", at + "receipt/", f"{at}credit-notes/{note.pk}/", "/invoices/statement/?pdf"):
        response = browser.get(path)
        assert response.content.startswith(b"%PDF") and response["Content-Type"] == "application/pdf", path
        assert response["Cache-Control"] == "private, no-store"
    assert fresh(invoice).number in browser.get(at + "pdf/")["Content-Disposition"]
