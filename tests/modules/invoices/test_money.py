"""What happens after issue: transfers, credit notes, void, write-off, late fees, reminders."""

from datetime import date

import pytest
import time_machine

from kit import clock
from kit.refused import Refused
from modules.invoices import operations
from modules.invoices.models import Invoice, InvoiceSettings, Reminder, State, TransferReport
from portal.agency import current_agency
from portal.mail.models import Message
from portal.payments.models import EntryKind, LedgerEntry
from portal.people.models import Client, Staff
from tests.modules.invoices.scene import a_line, fresh, issued, vat


def mails(key: str) -> int:
    return Message.objects.filter(email=f"invoices.{key}").count()


def report(invoice: Invoice, client: Client, minor: int = 100_00) -> TransferReport:
    return operations.report_transfer(invoice, minor=minor, paid_on=current_agency().today(), client=client)


def test_staff_book_money_and_a_receipt_leaves(invoice: Invoice, alice_staff: Staff) -> None:
    part = operations.mark_paid(invoice, minor=40_00, note="Cash", by=alice_staff)
    assert (part.state, part.due_minor) == (State.PARTLY_PAID, 60_00)
    whole = operations.mark_paid(invoice, minor=60_00, note="", by=alice_staff)
    assert whole.state == State.PAID and whole.paid_at and mails("receipt") == 2
    operations.recompute(invoice)
    assert mails("receipt") == 2


def test_a_client_says_paid_and_staff_confirm(invoice: Invoice, maria: Client, alice_staff: Staff) -> None:
    told = report(invoice, maria)
    assert fresh(invoice).state == State.ISSUED and mails("attention") == 1
    operations.confirm_transfer(told, by=alice_staff)
    operations.confirm_transfer(told, by=alice_staff)
    entry = LedgerEntry.objects.get()
    assert (entry.client, entry.staff, entry.minor) == (maria, alice_staff, 100_00)
    assert fresh(invoice).state == State.PAID


def test_a_report_that_is_not_found_is_answered(invoice: Invoice, maria: Client, alice_staff: Staff) -> None:
    told = report(invoice, maria)
    with pytest.raises(operations.WrongState):
        report(invoice, maria)
    operations.refuse_transfer(told, answer="Not on our account yet.", by=alice_staff)
    assert mails("news") == 1 and not LedgerEntry.objects.exists()
    with pytest.raises(operations.WrongState):
        operations.confirm_transfer(told, by=alice_staff)
    report(invoice, maria)


def test_who_may_not_pay_may_not_say_so(
    invoice: Invoice, charlie: Client, tom: Client, maria: Client
) -> None:
    for stranger in (charlie, tom):
        with pytest.raises(operations.NotAllowed):
            report(invoice, stranger)
    maria.memberships.update(rights=["view_money"])
    with pytest.raises(operations.NotAllowed):
        report(invoice, maria)


def test_paid_too_much_is_told_to_staff(invoice: Invoice, alice_staff: Staff) -> None:
    over = operations.mark_paid(invoice, minor=150_00, note="", by=alice_staff)
    assert (over.state, over.over_minor, mails("attention")) == (State.PAID, 50_00, 1)


def test_void_keeps_the_number_and_needs_a_reason(invoice: Invoice, alice_staff: Staff) -> None:
    with pytest.raises(operations.NotValid):
        operations.void(invoice, reason=" ", by=alice_staff)
    void = operations.void(invoice, reason="Wrong company", by=alice_staff)
    operations.void(invoice, reason="Again", by=alice_staff)
    assert (void.state, void.due_minor, mails("news")) == (State.VOID, 0, 1) and void.number == invoice.number


def test_money_that_comes_after_void_is_kept_and_flagged(invoice: Invoice, alice_staff: Staff) -> None:
    operations.void(invoice, reason="Wrong", by=alice_staff)
    late = operations.mark_paid(invoice, minor=100_00, note="", by=alice_staff)
    assert (late.state, late.over_minor) == (State.VOID, 100_00)


def test_a_paid_invoice_is_credited_not_voided(invoice: Invoice, alice_staff: Staff) -> None:
    operations.mark_paid(invoice, minor=10_00, note="", by=alice_staff)
    with pytest.raises(operations.WrongState):
        operations.void(invoice, reason="Wrong", by=alice_staff)
    note = operations.credit(invoice, minor=100_00, reason="All wrong", by=alice_staff)
    assert note.number.startswith("CN-") and note.number.endswith("-0001")
    assert (fresh(invoice).state, fresh(invoice).over_minor) == (State.CREDITED, 10_00)


def test_credit_notes_take_the_tax_back_to_the_cent(
    in_northwind: object, tom: Client, alice_staff: Staff
) -> None:
    invoice = issued(tom, alice_staff, lines=[a_line(99_99, tax=vat()), a_line(33_33)])
    notes = [
        operations.credit(invoice, minor=minor, reason="x", by=alice_staff)
        for minor in (50_00, 17, invoice.gross_minor - 50_17)
    ]
    assert sum(note.net_minor for note in notes) == invoice.net_minor
    assert sum(note.tax_minor for note in notes) == invoice.tax_minor
    for place, one in enumerate(invoice.sums.taxes):
        assert sum(note.taxes[place]["base_minor"] for note in notes) == one.base_minor
    with pytest.raises(operations.NotValid):
        operations.credit(invoice, minor=1, reason="x", by=alice_staff)


def test_written_off_and_paid_after_all(invoice: Invoice, alice_staff: Staff) -> None:
    assert operations.write_off(invoice, reason="Bankrupt", by=alice_staff).state == State.UNCOLLECTIBLE
    assert operations.mark_paid(invoice, minor=100_00, note="", by=alice_staff).state == State.PAID


def test_overdue_is_derived_from_the_day_in_the_agencys_zone(
    in_northwind: object, tom: Client, alice_staff: Staff
) -> None:
    with time_machine.travel("2026-05-04 10:00Z"):
        invoice = issued(tom, alice_staff, due_on=date(2026, 5, 10))
    with time_machine.travel("2026-05-10 21:30Z"):
        assert not invoice.is_overdue and not Invoice.objects.overdue().exists()
    with time_machine.travel("2026-05-10 22:30Z"):  # the 11th in Berlin
        assert invoice.is_overdue and Invoice.objects.overdue().get() == invoice


def test_a_late_fee_once_capped_and_waived(in_northwind: object, tom: Client, alice_staff: Staff) -> None:
    InvoiceSettings.objects.update(late_fee_percent=10, late_fee_minor=5_00, late_fee_most_minor=8_00)
    with time_machine.travel("2026-05-04 10:00Z"):
        invoice = issued(tom, alice_staff, due_on=date(2026, 5, 10))
    with time_machine.travel("2026-05-24 10:00Z"):
        assert operations.charge_late_fees() == 0
    with time_machine.travel("2026-05-25 10:00Z"):
        assert [operations.charge_late_fees() for _ in range(2)] == [1, 0]
        assert (fresh(invoice).fee_minor, fresh(invoice).due_minor) == (13_00, 113_00)
        operations.waive_late_fee(invoice, by=alice_staff)
    assert (fresh(invoice).fee_minor, fresh(invoice).due_minor) == (0, 100_00)


def remind_at(*moments: str) -> list[int]:
    counts = []
    for moment in moments:
        with time_machine.travel(moment):
            counts.append(operations.remind_due())
    return counts


@pytest.fixture
def due_on_the_tenth(in_northwind: object, tom: Client, alice_staff: Staff) -> Invoice:
    with time_machine.travel("2026-05-01 10:00Z"):
        return issued(tom, alice_staff, due_on=date(2026, 5, 10))


def test_reminders_before_on_and_after_once_each(due_on_the_tenth: Invoice) -> None:
    days = [f"2026-05-{day:02d} 10:00Z" for day in range(5, 26)]
    sent = remind_at(*(moment for day in days for moment in (day, day)))
    assert sum(sent) == 5 == mails("reminder") == Reminder.objects.count()  # -3, 0, 1, 7, 14
    assert remind_at("2026-05-11 02:00Z") == [0]


@pytest.mark.parametrize(
    "why",
    [
        {"reminders_muted": True},
        {"is_disputed": True},
        {"is_processing": True},
        {"promised_on": date(2026, 5, 11)},
    ],
)
def test_reminders_stop(due_on_the_tenth: Invoice, why: dict[str, object]) -> None:
    Invoice.objects.filter(pk=due_on_the_tenth.pk).update(**why)
    assert remind_at("2026-05-11 10:00Z") == [0]


def test_a_client_who_is_muted_gets_no_reminder_of_any_invoice(
    due_on_the_tenth: Invoice, tom: Client, maria: Client, alice_staff: Staff
) -> None:
    company = maria.companies.get()
    with time_machine.travel("2026-05-01 10:00Z"):
        other = issued(company, alice_staff, due_on=date(2026, 5, 10))
    operations.mute_owner(tom, is_muted=True, by=alice_staff)
    operations.mute_owner(tom, is_muted=True, by=alice_staff)
    assert remind_at("2026-05-11 10:00Z") == [1]
    assert Reminder.objects.get().invoice == other
    assert fresh(due_on_the_tenth).buyer["name"] == "Tom Becker"
    operations.mute_owner(tom, is_muted=False, by=alice_staff)
    assert remind_at("2026-05-11 10:00Z") == [1]
    # By hand it goes all the same.
    operations.mute_owner(tom, is_muted=True, by=alice_staff)
    with time_machine.travel("2026-05-12 10:00Z"):
        assert operations.remind_now(due_on_the_tenth, by=alice_staff) == 1


def stripe_says(invoice: Invoice, kind: EntryKind, minor: int) -> None:
    LedgerEntry.objects.create(
        kind=kind,
        ref=f"{kind}_1",
        payable=invoice.payable,
        minor=minor,
        currency="EUR",
        happened_at=clock.now(),
    )
    operations.recompute(invoice)


def test_a_real_dispute_stops_reminders_and_late_fees(due_on_the_tenth: Invoice) -> None:
    InvoiceSettings.objects.update(late_fee_minor=5_00, late_fee_after_days=1)
    stripe_says(due_on_the_tenth, EntryKind.CHARGE, 60_00)
    stripe_says(due_on_the_tenth, EntryKind.DISPUTE, -60_00)
    assert fresh(due_on_the_tenth).is_disputed
    assert remind_at("2026-05-11 10:00Z", "2026-05-17 10:00Z") == [0, 0]
    with time_machine.travel("2026-05-17 10:00Z"):
        assert operations.charge_late_fees() == 0
    stripe_says(due_on_the_tenth, EntryKind.DISPUTE_WON, 60_00)
    assert remind_at("2026-05-17 10:00Z") == [1]
    with time_machine.travel("2026-05-18 10:00Z"):
        assert operations.charge_late_fees() == 1


def test_a_waived_fee_is_not_charged_again(in_northwind: object, tom: Client, alice_staff: Staff) -> None:
    InvoiceSettings.objects.update(late_fee_minor=5_00, late_fee_after_days=1)
    with time_machine.travel("2026-05-04 10:00Z"):
        invoice = issued(tom, alice_staff, due_on=date(2026, 5, 10))
    with time_machine.travel("2026-05-20 10:00Z"):
        assert operations.charge_late_fees() == 1
        operations.waive_late_fee(invoice, by=alice_staff)
        assert operations.charge_late_fees() == 0
        with pytest.raises(Refused):
            operations.waive_late_fee(invoice, by=alice_staff)


def test_who_said_paid_is_not_reminded(due_on_the_tenth: Invoice, tom: Client) -> None:
    with time_machine.travel("2026-05-10 10:00Z"):
        report(due_on_the_tenth, tom)
    assert remind_at("2026-05-11 10:00Z") == [0]


def test_reminded_by_hand_once_a_day(invoice: Invoice, alice_staff: Staff) -> None:
    assert operations.remind_now(invoice, by=alice_staff) == 1
    with pytest.raises(Refused):
        operations.remind_now(invoice, by=alice_staff)
