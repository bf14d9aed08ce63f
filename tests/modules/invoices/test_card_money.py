"""Card payments of an invoice: booked under its row's lock, and told to who tried when they fail."""

import threading
import time
from datetime import UTC, datetime

import pytest
from django.db import connection

from modules.invoices.models import Invoice, State
from modules.invoices.operations.ledger import recompute_now
from portal.mail.models import Message
from portal.payments.models import EntryKind, LedgerEntry, Payment, PaymentState
from portal.payments.settling import write
from portal.payments.truth import Movement, Truth
from portal.people.models import Client, Staff
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency
from tests.modules.invoices.scene import fresh, issued, northwind_bills

AT = datetime(2026, 1, 5, tzinfo=UTC)


def begun(invoice: Invoice, client: Client, minor: int = 10_00) -> Payment:
    return Payment.objects.create(
        payable=invoice.payable, client=client, minor=minor, currency="EUR", label="Invoice", state="open"
    )


def test_card_payments_at_once_are_all_counted(committed_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def slowly(held: Invoice, entries: list[LedgerEntry]) -> None:
        # Whoever did not wait for the lock has read too early for certain.
        time.sleep(0.05)
        recompute_now(held, entries)

    monkeypatch.setattr("modules.invoices.operations.payable.recompute_now", slowly)
    agency: CurrentAgency = Agency.objects.get(slug="northwind").current()
    start = threading.Barrier(8)

    def pay(payment: Payment) -> None:
        told, ref = (10_00, "eur"), f"pi_{payment.pk}"
        moved = (Movement(EntryKind.CHARGE, ref, 10_00, AT),)
        with inside(agency):
            Client.objects.count()
            start.wait(timeout=30)
            write(payment, Truth(PaymentState.SUCCEEDED, ref, told, told, moved))
        connection.close()

    with inside(agency):
        northwind_bills()
        tom, staff = Client.objects.get(email="tom@client.example"), Staff.objects.get()
        invoice = issued(tom, staff, 80_00)
        payments = [begun(invoice, tom) for _ in range(8)]
        threads = [threading.Thread(target=pay, args=[payment]) for payment in payments]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert (fresh(invoice).state, fresh(invoice).kept_minor) == (State.PAID, 80_00)


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("card_declined", "The bank refused it."),
        ("stolen_card", "The bank refused it."),
        ("authentication_required", "Your bank wants you to confirm this payment."),
        ("", ""),
    ],
)
def test_a_payment_that_failed_is_told_to_who_tried_once(
    invoice: Invoice, maria: Client, reason: str, said: str
) -> None:
    payment = begun(invoice, maria, 100_00)
    failed = Truth(PaymentState.FAILED, "pi_1", (100_00, "eur"), reason=reason)
    for _ in range(2):
        write(payment, failed)
    [mail] = Message.objects.filter(email="invoices.payment_failed")
    assert mail.client == maria and mail.words["invoice_id"] == invoice.pk
    assert mail.words["reason"] == said
    assert fresh(invoice).due_minor == 100_00


def test_what_is_paid_after_void_is_booked_and_flagged(
    invoice: Invoice, maria: Client, alice_staff: Staff
) -> None:
    from modules.invoices import operations
    from portal.payments import concerns
    from portal.payments.models import Concern

    payment = begun(invoice, maria, 100_00)
    operations.void(invoice, reason="Wrong company", by=alice_staff)
    told = (100_00, "eur")
    moved = (Movement(EntryKind.CHARGE, "pi_late", 100_00, AT),)
    write(payment, Truth(PaymentState.SUCCEEDED, "pi_late", told, told, moved))
    assert (fresh(invoice).state, fresh(invoice).over_minor) == (State.VOID, 100_00)
    assert [(one.kind, one.minor) for one in concerns.waiting()] == [(Concern.Kind.OVERPAID, 100_00)]
