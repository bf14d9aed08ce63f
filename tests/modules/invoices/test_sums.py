"""Totals are kept, not counted: after whatever happened they are what a full recount says."""

import random
from datetime import date, timedelta
from io import StringIO
from threading import Thread
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from kit import clock
from kit.refused import Refused
from modules.invoices import jobs, operations
from modules.invoices.models import INSIDE, OPEN, Invoice, InvoiceSum, Movement, State
from modules.invoices.operations import accounts
from modules.invoices.queries import figures, people
from portal.agency import current_agency
from portal.payments import income
from portal.payments.models import EntryKind, LedgerEntry, MoneySum
from portal.people.models import Bundle, Client, Company, CompanyMembership, Staff
from tenants.agencies.current import inside, outside_agencies
from tenants.agencies.models import Agency
from tests.modules.invoices.scene import a_draft, a_line, fresh, issued, northwind_bills

TODAY = date(2026, 6, 15)
ACTS = (
    "new", "new", "issue", "issue", "edit", "delete", "pay", "pay", "over", "refund", "credit", "void", "off",
    "fee", "waive",
)  # fmt: skip


def counted(today: date, invoices: Any = None) -> dict[str, dict[str, Any]]:
    """The same by looking at every row, with nothing of what is kept."""
    found: dict[str, dict[str, Any]] = {}
    for invoice in Invoice.objects.all() if invoices is None else invoices:
        one = found.setdefault(
            invoice.currency,
            {"open": 0, "count": 0, "overdue": 0, "draft": 0, "ages": dict.fromkeys(figures.AGES, 0)},
        )
        if invoice.state in INSIDE:
            one["draft"] += invoice.gross_minor
        if not invoice.is_open:
            continue
        late = (today - invoice.next_due_on).days
        age = (
            "not_due" if late <= 0 else "to_30" if late <= 30 else "to_60" if late <= 60 else "to_90"
            if late <= 90 else "older"
        )  # fmt: skip
        one["open"] += invoice.due_minor
        one["count"] += 1
        one["ages"][age] += invoice.due_minor
        one["overdue"] += invoice.due_minor if late > 0 else 0
    return {code: one for code, one in found.items() if one["count"] or one["draft"]}


def kept(totals: list[figures.Totals]) -> dict[str, dict[str, Any]]:
    return {
        one.currency: {
            "open": one.open_minor, "count": one.count, "overdue": one.overdue_minor,
            "draft": one.draft_minor, "ages": one.ages,
        }
        for one in totals
        if one.count or one.draft_count
    }  # fmt: skip


def something(dice: random.Random, owners: list[Any], staff: Staff) -> None:
    """One random act on a random invoice; what is refused is refused."""
    issued_ones = list(Invoice.objects.exclude(state__in=INSIDE))
    drafts = list(Invoice.objects.filter(state__in=INSIDE))
    act = dice.choice(ACTS)
    if act == "new" or not (issued_ones or drafts):
        currency = dice.choice(["EUR", "EUR", "JPY"])
        a_draft(dice.choice(owners), staff, dice.randint(1, 90_000), currency=currency)
    elif act in ("issue", "edit", "delete") and drafts:
        draft = dice.choice(drafts)
        if act == "issue":
            due = current_agency().today() + timedelta(days=dice.randint(0, 5))
            operations.issue(operations.edit_invoice(draft, by=staff, due_on=due), by=staff)
        elif act == "edit":
            operations.edit_invoice(draft, by=staff, lines=[a_line(dice.randint(1, 90_000))])
        else:
            operations.delete_draft(draft, by=staff)
    elif issued_ones:
        later(act, dice.choice(issued_ones), dice, staff)


def given_back(invoice: Invoice, minor: int) -> None:
    """As a refund of Stripe's is booked."""
    LedgerEntry.objects.create(
        kind=EntryKind.REFUND, ref=f"re_{uuid4()}", payable=invoice.payable, minor=-minor,
        currency=invoice.currency, happened_at=clock.now(),
    )  # fmt: skip
    operations.recompute(invoice)


def later(act: str, invoice: Invoice, dice: random.Random, staff: Staff) -> None:
    minor = dice.randint(1, max(1, invoice.due_minor))
    if act in ("pay", "over"):
        operations.mark_paid(invoice, minor=minor if act == "pay" else minor + 50, note="", by=staff)
    elif act == "refund" and invoice.kept_minor > 0:
        given_back(invoice, dice.randint(1, invoice.kept_minor))
    elif act == "credit":
        operations.credit(invoice, minor=minor, reason="x", by=staff)
    elif act == "void":
        operations.void(invoice, reason="x", by=staff)
    elif act == "off":
        operations.write_off(invoice, reason="x", by=staff)
    elif act == "fee":
        operations.add_late_fee(invoice, minor=7, by=staff)
    elif act == "waive":
        operations.waive_late_fee(invoice, by=staff)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_after_random_operations_kept_and_counted_are_the_same(
    in_northwind: object, maria: Client, tom: Client, alice_staff: Staff, seed: int
) -> None:
    dice, owners = random.Random(seed), [maria.companies.get(), tom]
    for day in range(0, 120, 4):
        with time_machine.travel(f"{TODAY + timedelta(days=day)} 10:00Z"):
            for _ in range(3):
                try:
                    something(dice, owners, alice_staff)
                except Refused:
                    continue
            if dice.random() < 0.2:
                jobs.fold_sums()
    with time_machine.travel(f"{TODAY + timedelta(days=125)} 10:00Z"):
        today = current_agency().today()
        assert kept(figures.of_agency(today)) == counted(today) != {}
        for client in (maria, tom):
            assert_sums_are_of_what_is_seen(client, today)
        assert_sums_hold_where_something_is_hidden(maria, today)
    assert_accounts_hold()
    assert accounts.SUMS.drift() == [] == income.SUMS.drift() and accounts.recount() == ([], [])
    jobs.fold_sums()
    keys = list(InvoiceSum.objects.values_list("what", "whose", "currency", "day"))
    assert len(keys) == len(set(keys)) and accounts.SUMS.drift() == []


def assert_sums_are_of_what_is_seen(client: Client, today: date) -> None:
    seen = people.seen_by(client)
    shown = figures.of_seen(seen.whole, seen.rest, today)
    assert kept(shown) == counted(today, Invoice.objects.visible_to(client))
    for company in client.companies.all():
        its = seen.only(company)
        shown = figures.of_seen(its.whole, its.rest, today)
        assert kept(shown) == counted(today, Invoice.objects.visible_to(client).filter(company=company))


def assert_sums_hold_where_something_is_hidden(maria: Client, today: date) -> None:
    brightside, since = maria.companies.get(), clock.now() - timedelta(days=60)
    liam = Client.objects.create(email="liam@client.example", name="Liam")
    CompanyMembership.objects.create(client=liam, company=brightside, bundle=Bundle.FINANCE, sees_from=since)
    assert_sums_are_of_what_is_seen(liam, today)
    some = Invoice.objects.open().filter(company=brightside)[:2]
    Invoice.objects.filter(pk__in=some).update(private_to=[liam.pk])
    for client in (maria, liam):
        assert_sums_are_of_what_is_seen(client, today)


def assert_accounts_hold() -> None:
    """Every account comes to what is open less what was paid too much, and so do its kept sums."""
    for invoice in Invoice.objects.filter(state__in=OPEN):  # what the lists and their indexes rely on
        assert invoice.due_minor > 0 and invoice.next_due_on is not None, invoice
    for invoice in Invoice.objects.exclude(state__in=INSIDE):
        moved = sum(invoice.movements.values_list("minor", flat=True))
        assert moved == invoice.due_minor - invoice.over_minor, invoice
    wanted: dict[tuple[str, str], int] = {}
    for invoice in Invoice.objects.exclude(state__in=INSIDE):
        key = (invoice.whose, invoice.currency)
        wanted[key] = wanted.get(key, 0) + invoice.due_minor - invoice.over_minor
    found: dict[tuple[str, str], int] = {}
    for row in InvoiceSum.objects.filter(what="moved"):
        found[row.whose, row.currency] = found.get((row.whose, row.currency), 0) + row.minor
    assert found == wanted


def test_what_is_rolled_back_counts_for_nothing(invoice: Invoice, alice_staff: Staff) -> None:
    before = kept(figures.of_agency(TODAY))
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        operations.mark_paid(invoice, minor=100_00, note="", by=alice_staff)
        assert kept(figures.of_agency(TODAY)) != before
        raise ZeroDivisionError
    assert kept(figures.of_agency(TODAY)) == before


def test_drift_is_found_named_and_mended(invoice: Invoice, alice_staff: Staff) -> None:
    InvoiceSum.objects.filter(what="open", whose="").update(minor=1)
    InvoiceSum.objects.create(what="draft", currency="USD", day="1970-01-01", minor=5, count=1)
    assert [(d.what, d.currency, d.minor, d.count) for d in accounts.SUMS.drift()] == [
        ("draft", "USD", -5, -1),
        ("open", "EUR", 99_99, 0),
    ]
    differences, astray = accounts.recount()
    assert len(differences) == 2 and astray == []
    assert accounts.recount() == ([], []) and figures.of_agency(TODAY)[0].open_minor == 100_00


@pytest.mark.parametrize(
    ("table", "trigger"),
    [
        ("invoices_invoice", "invoice_update_summed"),
        ("invoices_movement", "movement_insert_summed"),
        ("payments_ledgerentry", "ledger_is_summed"),
    ],
)
def test_without_one_of_the_triggers_the_recount_says_so(
    invoice: Invoice, alice_staff: Staff, table: str, trigger: str
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
    operations.mark_paid(invoice, minor=40_00, note="", by=alice_staff)
    assert len(accounts.SUMS.drift()) + len(income.SUMS.drift()) > 0
    accounts.SUMS.mend()
    income.SUMS.mend()
    assert accounts.SUMS.drift() == [] == income.SUMS.drift()
    assert figures.of_agency(TODAY)[0].open_minor == 60_00


def test_the_command_says_what_differs_and_puts_it_right(invoice: Invoice, alice_staff: Staff) -> None:
    assert "all sums are right" in recounted()
    InvoiceSum.objects.filter(what="open", whose="").update(minor=1)
    with pytest.raises(CommandError, match="1 sums differ"):
        recounted()
    assert "northwind, invoices: open on" in recounted("northwind", "--mend")
    assert "all sums are right" in recounted()


def recounted(*words: str) -> str:
    said = StringIO()
    with outside_agencies():
        call_command("recount", *words, stdout=said)
    return said.getvalue()


def test_an_account_that_lacks_a_movement_is_mended(invoice: Invoice, alice_staff: Staff) -> None:
    operations.mark_paid(invoice, minor=30_00, note="", by=alice_staff)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE invoices_movement DISABLE TRIGGER movement_stays")
        cursor.execute("DELETE FROM invoices_movement WHERE kind = 'entry'")
        cursor.execute("ALTER TABLE invoices_movement ENABLE TRIGGER movement_stays")
    assert accounts.astray() == [invoice.pk]
    _, named = accounts.recount()
    assert named == [str(invoice)] and accounts.astray() == []
    assert [m.minor for m in invoice.movements.order_by("pk")] == [100_00, -30_00]
    assert accounts.recount() == ([], [])


def test_movements_stay(invoice: Invoice) -> None:
    with pytest.raises(Exception, match="append-only"), transaction.atomic():
        Movement.objects.update(minor=1)


def test_given_back_in_full_nothing_is_asked_for_again(invoice: Invoice, alice_staff: Staff) -> None:
    operations.mark_paid(invoice, minor=100_00, note="", by=alice_staff)
    given_back(invoice, 100_00)
    assert fresh(invoice).state == State.REFUNDED
    assert [m.minor for m in invoice.movements.order_by("pk")] == [100_00, -100_00, 100_00, -100_00]


def test_money_in_a_month_of_the_agencys_calendar(
    in_northwind: object, tom: Client, alice_staff: Staff
) -> None:
    with time_machine.travel("2026-05-20 10:00Z"):
        invoice = issued(tom, alice_staff, 900_00)
    moments = {  # Berlin: two hours ahead of UTC in summer, one in winter
        "2026-05-31 21:59:59Z": 1_00,  # still May
        "2026-05-31 22:00:00Z": 2_00,  # June
        "2026-06-01 12:00:00Z": 4_00,
        "2026-06-30 21:30:00Z": 8_00,
        "2026-06-30 22:30:00Z": 16_00,  # July
    }
    for moment, minor in moments.items():
        with time_machine.travel(moment):
            operations.mark_paid(fresh(invoice), minor=minor, note="", by=alice_staff)
            operations.credit(fresh(invoice), minor=1, reason="no money", by=alice_staff)
    zone = current_agency().tzinfo
    months = income.by_month(today=date(2026, 7, 10), zone=zone, months=12)["EUR"]
    assert [(m.begins_on.isoformat(), m.minor) for m in months[-3:]] == [
        ("2026-05-01", 1_00),
        ("2026-06-01", 14_00),
        ("2026-07-01", 16_00),
    ]
    assert len(months) == 12 and sum(m.minor for m in months[:-3]) == 0
    assert income.this_month(today=date(2026, 6, 30), zone=zone) == {"EUR": 14_00}
    assert income.this_month(today=date(2026, 6, 30), zone=zone, sold="tests.bill") == {}
    for name in ("UTC", "America/Los_Angeles", "Asia/Kolkata", "Pacific/Kiritimati", "Pacific/Pago_Pago"):
        assert in_months(ZoneInfo(name)) == counted_by_month(ZoneInfo(name)), name


def in_months(zone: ZoneInfo) -> dict[str, int]:
    months = income.by_month(today=date(2026, 7, 10), zone=zone)["EUR"]
    return {f"{m.begins_on:%Y-%m}": m.minor for m in months if m.minor}


def counted_by_month(zone: ZoneInfo) -> dict[str, int]:
    """Entry by entry."""
    found: dict[str, int] = {}
    for entry in LedgerEntry.objects.filter(kind__in=income.MONEY):
        month = f"{entry.happened_at.astimezone(zone):%Y-%m}"
        found[month] = found.get(month, 0) + entry.minor
    return found


def test_the_ledgers_sums_are_those_of_its_rows(invoice: Invoice, alice_staff: Staff) -> None:
    for minor in (10_00, 20_00):
        operations.mark_paid(invoice, minor=minor, note="", by=alice_staff)
    assert sum(MoneySum.objects.filter(what=EntryKind.TRANSFER).values_list("minor", flat=True)) == 30_00
    MoneySum.objects.all().delete()
    (missing,) = income.SUMS.drift()
    assert (missing.minor, missing.count, missing.whose) == (30_00, 2, "invoices.invoice")
    assert income.SUMS.mend() == [missing] and income.SUMS.drift() == []
    assert LedgerEntry.objects.count() == 2


@pytest.mark.usefixtures("committed_db")
def test_payments_at_once_folded_meanwhile_are_all_counted() -> None:
    agency = Agency.objects.get(slug="northwind")
    with inside(agency):
        northwind_bills()
        owner = Company.objects.order_by("pk")[0]
        invoices = [issued(owner, None, 100_00) for _ in range(4)]

    def pay(invoice: Invoice) -> None:
        with inside(agency):
            for _ in range(5):
                operations.mark_paid(invoice, minor=10_00, note="", by=None)
                accounts.SUMS.fold()
                income.SUMS.fold()
        connection.close()

    threads = [Thread(target=pay, args=[invoice]) for invoice in invoices]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with inside(agency):
        assert figures.of_agency(current_agency().today())[0].open_minor == 200_00
        assert accounts.SUMS.drift() == [] == income.SUMS.drift()
