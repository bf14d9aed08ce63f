"""Invoices on paper: what the PDF is told is what the invoice says."""

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import time_machine
from pypdf import PdfReader

from modules.invoices import operations
from modules.invoices.models import Invoice
from modules.invoices.queries import papers
from portal.papers.rules import problems
from portal.papers.xml import en16931
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


def page_text(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)


def due_on_paper(invoice: Invoice) -> tuple[int, int, int, int]:
    paper = papers.paper_of(fresh(invoice))
    assert problems(paper) == [] or invoice.voided_at
    return paper.credited_minor, paper.fee_minor, paper.paid_minor, paper.due_minor


def test_what_is_due_on_paper_counts_payments_credit_notes_and_late_fees(
    in_northwind: CurrentAgency, tom: Client, alice_staff: Staff
) -> None:
    operations.set_billing_details(tom, by=alice_staff, name="Tom Becker", address="1 Way", country="DE")
    with time_machine.travel("2026-05-04 10:00Z"):
        invoice = issued(tom, alice_staff, due_on=date(2026, 5, 10))
        assert due_on_paper(invoice) == (0, 0, 0, 100_00)
        operations.credit(invoice, minor=20_00, reason="Late", by=alice_staff)
        assert due_on_paper(invoice) == (20_00, 0, 0, 80_00)
    with time_machine.travel("2026-05-20 10:00Z"):
        operations.add_late_fee(invoice, minor=5_00, by=alice_staff)
        assert due_on_paper(invoice) == (20_00, 5_00, 0, 85_00)
        operations.mark_paid(invoice, minor=50_00, note="", by=alice_staff)
        assert due_on_paper(invoice) == (20_00, 5_00, 50_00, 35_00)
        operations.waive_late_fee(invoice, by=alice_staff)
        assert due_on_paper(invoice) == (20_00, 0, 50_00, 30_00)
        operations.mark_paid(invoice, minor=50_00, note="", by=alice_staff)  # 20 too much
        assert due_on_paper(invoice) == (20_00, 0, 80_00, 0)
    printed = page_text(papers.invoice_pdf(fresh(invoice)))
    assert "Credited" in printed and "-€20.00" in printed.replace("\u2212", "-") and "€0.00" in printed


def test_a_write_off_is_no_business_of_the_client(invoice: Invoice, alice_staff: Staff) -> None:
    operations.write_off(invoice, reason="Bankrupt", by=alice_staff)
    paper = papers.paper_of(fresh(invoice))
    assert (paper.due_minor, "Bankrupt" in paper.notes) == (100_00, False)


def test_a_void_one_says_so(invoice: Invoice, alice_staff: Staff) -> None:
    operations.void(invoice, reason="Wrong company", by=alice_staff)
    paper = papers.paper_of(fresh(invoice))
    assert paper.due_minor == 0 and "Wrong company" in paper.notes


def test_a_late_fee_stands_beside_the_electronic_invoice(
    in_northwind: CurrentAgency, tom: Client, alice_staff: Staff
) -> None:
    operations.set_billing_details(tom, by=alice_staff, name="Tom Becker", address="1 Way", country="DE")
    with time_machine.travel("2026-05-04 10:00Z"):
        invoice = issued(tom, alice_staff, due_on=date(2026, 5, 10))
    with time_machine.travel("2026-05-20 10:00Z"):
        operations.add_late_fee(invoice, minor=5_00, by=alice_staff)
        paper = papers.paper_of(fresh(invoice))
    assert paper.due_minor == 105_00 and problems(paper) == []
    words = en16931(paper).decode()
    for name, amount in (("GrandTotal", "100.00"), ("TotalPrepaid", "0.00"), ("DuePayable", "100.00")):
        assert f"<ram:{name}Amount>{amount}</ram:{name}Amount>" in words
