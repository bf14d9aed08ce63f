"""From draft to number: what leaves, what may not, and that it stays as it left."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction

from kit.refused import Refused
from modules.invoices import operations
from modules.invoices.models import CreditNote, Invoice, InvoiceSettings, Line, Series, State
from modules.invoices.operations import issuing
from portal.audit.models import AuditEntry
from portal.mail.models import Message
from portal.people.models import Client, Staff
from tests.modules.invoices.scene import a_draft, a_line, fresh, issued, vat


def test_a_draft_has_no_number_and_an_issued_one_has_the_next(
    draft: Invoice, alice_staff: Staff, maria: Client
) -> None:
    assert draft.number is None and draft.state == State.DRAFT
    with time_machine.travel("2026-05-04 10:00Z"):
        numbers = [operations.issue(draft, by=alice_staff).number]
        numbers += [issued(maria.companies.get(), alice_staff).number for _ in range(2)]
    assert numbers == ["2026-0001", "2026-0002", "2026-0003"]


def test_a_new_year_begins_at_one_by_the_agencys_calendar(
    alice_staff: Staff, draft: Invoice, tom: Client
) -> None:
    with time_machine.travel("2026-12-31 22:30Z"):
        assert issued(tom, alice_staff).number == "2026-0001"
    with time_machine.travel("2026-12-31 23:30Z"):  # in Berlin it is 2027
        assert operations.issue(draft, by=alice_staff).number == "2027-0001"


def test_issuing_twice_is_one_number(draft: Invoice, alice_staff: Staff) -> None:
    first, second = operations.issue(draft, by=alice_staff), operations.issue(draft, by=alice_staff)
    assert first.number == second.number
    assert AuditEntry.objects.filter(verb="invoices.issued").count() == 1


def test_seller_and_buyer_are_kept_as_they_were(draft: Invoice, alice_staff: Staff, maria: Client) -> None:
    company = maria.companies.get()
    operations.set_billing_details(
        company, by=alice_staff, name="Brightside Ltd", address="1 High St", country="gb"
    )
    invoice = operations.issue(draft, by=alice_staff)
    operations.save_settings(by=alice_staff, seller_name="Other")
    operations.set_billing_details(company, by=alice_staff, name="Other")
    kept = fresh(invoice)
    assert kept.seller["name"] == "Northwind Studio GmbH"
    assert (kept.buyer["name"], kept.buyer["country"]) == ("Brightside Ltd", "GB")


def test_it_is_due_after_the_days_of_the_agency(draft: Invoice, alice_staff: Staff) -> None:
    invoice = operations.issue(draft, by=alice_staff)
    assert invoice.issued_on and invoice.due_on == invoice.issued_on + timedelta(days=14)
    assert invoice.next_due_on == invoice.due_on and invoice.due_minor == 100_00


@pytest.mark.parametrize("missing", ["seller_name", "seller_address", "seller_country"])
def test_without_the_agencys_own_details_nothing_leaves(
    draft: Invoice, alice_staff: Staff, missing: str
) -> None:
    InvoiceSettings.objects.update(**{missing: ""})
    with pytest.raises(operations.NotComplete):
        operations.issue(draft, by=alice_staff)
    assert fresh(draft).number is None and not Series.objects.filter(counters__last__gt=0).exists()


def test_an_invoice_without_a_line_does_not_leave(draft: Invoice, alice_staff: Staff) -> None:
    operations.edit_invoice(draft, by=alice_staff, lines=[])
    with pytest.raises(operations.NotComplete):
        operations.issue(draft, by=alice_staff)


def test_a_due_date_that_is_over_is_refused(draft: Invoice, alice_staff: Staff) -> None:
    operations.edit_invoice(draft, by=alice_staff, due_on=date(2020, 1, 1))
    with pytest.raises(operations.NotValid) as refused:
        operations.issue(draft, by=alice_staff)
    assert refused.value.field == "due_on"


def test_who_may_see_money_is_mailed_and_nobody_else(
    draft: Invoice, alice_staff: Staff, maria: Client, charlie: Client
) -> None:
    company = maria.companies.get()
    colleague = Client.objects.create(email="liam@client.example", name="Liam")
    colleague.memberships.create(company=company, bundle="member")
    operations.issue(draft, by=alice_staff)
    told = set(Message.objects.filter(email="invoices.issued").values_list("client__email", flat=True))
    assert told == {"maria@client.example"}


def test_a_refused_change_names_its_field(draft: Invoice, alice_staff: Staff) -> None:
    wrong: list[tuple[str, object]] = [
        ("currency", "euro"), ("title", ""), ("title", "x\x00"), ("discount_minor", 10**9),
        ("discount_percent", Decimal(101)), ("days_to_pay", 400),
    ]  # fmt: skip
    for field, value in wrong:
        with pytest.raises(operations.NotValid) as refused:
            operations.edit_invoice(draft, by=alice_staff, **{field: value})  # type: ignore[arg-type]
        assert refused.value.field == field


@pytest.mark.parametrize(
    "line",
    [
        {"unit_minor": 10**15},
        {"quantity": Decimal("1e9")},
        {"quantity": Decimal("1.0001")},
        {"discount_percent": Decimal(101)},
        {"description": ""},
        {"description": "x" * 501},
    ],
)
def test_a_line_that_cannot_be_is_refused(
    draft: Invoice, alice_staff: Staff, line: dict[str, object]
) -> None:
    with pytest.raises(Refused):
        operations.edit_invoice(draft, by=alice_staff, lines=[a_line(**line)])  # type: ignore[arg-type]
    assert fresh(draft).gross_minor == 100_00


@pytest.mark.parametrize(
    ("currency", "minor", "total"), [("JPY", 1000, 1190), ("KWD", 1234, 1468), ("ISK", 999, 1189)]
)
def test_currencies_without_cents_and_with_three(
    in_northwind: object, tom: Client, alice_staff: Staff, currency: str, minor: int, total: int
) -> None:
    line = a_line(minor, tax=vat())
    invoice = issued(tom, alice_staff, currency=currency, lines=[line])
    assert invoice.gross_minor == total == invoice.due_minor


CONTENT = {
    "title": "x", "currency": "USD", "gross_minor": 1, "net_minor": 1, "number": "2026-9999",
    "number_gone": None, "due_on": date(2030, 1, 1), "seller": {}, "buyer": {}, "notes": "x",
    "issued_on": date(2020, 1, 1), "discount_minor": 1, "client_id": 1,
}  # fmt: skip


@pytest.mark.parametrize("field", CONTENT)
def test_the_database_refuses_every_change_of_what_is_issued(invoice: Invoice, field: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        Invoice.objects.filter(pk=invoice.pk).update(**{field.removesuffix("_gone"): CONTENT[field]})


def test_the_database_refuses_to_change_add_or_remove_a_line(invoice: Invoice) -> None:
    line = invoice.lines.get()
    for attempt in (
        lambda: Line.objects.filter(pk=line.pk).update(unit_minor=1),
        lambda: Line.objects.create(invoice=invoice, position=9, description="More", unit_minor=1),
        lambda: line.delete(),
        lambda: Invoice.objects.filter(pk=invoice.pk).delete(),
        lambda: Invoice.objects.filter(pk=invoice.pk).update(state="draft"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()


def test_a_line_cannot_be_moved_into_an_issued_invoice(
    invoice: Invoice, alice_staff: Staff, tom: Client
) -> None:
    other = a_draft(tom, alice_staff)
    with pytest.raises(DatabaseError), transaction.atomic():
        Line.objects.filter(invoice=other).update(invoice=invoice, position=7)


def test_credit_notes_stay_as_they_are(invoice: Invoice, alice_staff: Staff) -> None:
    note = operations.credit(invoice, minor=10_00, reason="Late", by=alice_staff)
    with pytest.raises(DatabaseError), transaction.atomic():
        CreditNote.objects.filter(pk=note.pk).update(gross_minor=1, net_minor=1)
    with pytest.raises(DatabaseError), transaction.atomic():
        note.delete()


def test_operations_say_what_to_do_instead(invoice: Invoice, alice_staff: Staff) -> None:
    with pytest.raises(operations.Issued):
        operations.edit_invoice(invoice, by=alice_staff, title="Other")
    with pytest.raises(operations.Issued):
        operations.delete_draft(invoice, by=alice_staff)


def test_a_copy_is_a_new_draft(invoice: Invoice, alice_staff: Staff) -> None:
    copy = operations.copy_invoice(invoice, by=alice_staff)
    assert copy.number is None and copy.gross_minor == invoice.gross_minor and copy.lines.count() == 1
    operations.delete_draft(copy, by=alice_staff)
    assert not Invoice.objects.filter(pk=copy.pk).exists()


def test_a_scheduled_one_leaves_on_its_day(draft: Invoice, alice_staff: Staff, maria: Client) -> None:
    with time_machine.travel("2026-05-04 10:00Z"):
        operations.schedule(draft, on=date(2026, 5, 6), by=alice_staff)
        assert operations.issue_scheduled() == 0
        assert not Invoice.objects.visible_to(maria).exists()
    with time_machine.travel("2026-05-06 10:00Z"):
        assert operations.issue_scheduled() == 1
        assert operations.issue_scheduled() == 0
    assert fresh(draft).state == State.ISSUED


def test_a_scheduled_one_that_is_refused_comes_back_with_a_mail(draft: Invoice, alice_staff: Staff) -> None:
    with time_machine.travel("2026-05-04 10:00Z"):
        operations.schedule(draft, on=date(2026, 5, 5), by=alice_staff)
    InvoiceSettings.objects.update(seller_name="")
    with time_machine.travel("2026-05-05 10:00Z"):
        assert operations.issue_scheduled() == 0
    assert fresh(draft).state == State.DRAFT
    assert Message.objects.filter(email="invoices.attention", staff=alice_staff).exists()


def test_one_taken_off_the_schedule_meanwhile_stays_a_draft(draft: Invoice, alice_staff: Staff) -> None:
    with time_machine.travel("2026-05-04 10:00Z"):
        operations.schedule(draft, on=date(2026, 5, 5), by=alice_staff)
    read_before = Invoice.objects.get(pk=draft.pk)
    operations.schedule(draft, on=None, by=alice_staff)
    with time_machine.travel("2026-05-05 10:00Z"):
        assert issuing._issue_one(read_before) == 0
    assert fresh(draft).state == State.DRAFT and fresh(draft).number is None


def test_the_database_refuses_to_delete_what_has_a_number(invoice: Invoice) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        connection.cursor().execute("DELETE FROM invoices_invoice WHERE id = %s", [invoice.pk])
    assert fresh(invoice).number == invoice.number
