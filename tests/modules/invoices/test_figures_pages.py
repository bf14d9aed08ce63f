"""Totals, ages, charts, search, pages of lists and statements: what staff and clients see of many invoices."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from modules.invoices import operations
from modules.invoices.models import Invoice
from portal.agency import current_agency
from portal.people.models import Client, Staff
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency
from tests.modules.deliverables.scene import Visitor, visit_console, visit_portal
from tests.modules.invoices.scene import a_draft, issued

UNKNOWN = 987_654_321


@pytest.fixture
def console(alice: Account, in_northwind: CurrentAgency) -> Visitor:
    return visit_console(in_northwind, alice)


def page(response: Any) -> str:
    return str(response.content.decode())


def late(owner: Any, days: int, minor: int = 10_00, **fields: Any) -> Invoice:
    """An invoice that was due so many days ago."""
    due_on = current_agency().today() - timedelta(days=days)
    with time_machine.travel(f"{due_on - timedelta(days=1)} 10:00Z"):
        return issued(owner, None, minor, due_on=due_on, **fields)


def test_totals_ages_and_months_by_currency(console: Visitor, tom: Client, alice_staff: Staff) -> None:
    for days, minor in ((-5, 1_00), (0, 2_00), (1, 4_00), (30, 8_00), (31, 16_00), (90, 32_00), (91, 64_00)):
        late(tom, days, minor)
    a_draft(tom, alice_staff, 128_00)
    operations.mark_paid(late(tom, 3, 256_00), minor=256_00, note="", by=alice_staff)
    issued(tom, None, 5000, currency="JPY")
    response = console.get("/invoices/totals/")
    euro, yen = (shown["totals"] for shown in response.context["currencies"])
    assert [minor for _, _, minor, _ in euro.rows] == [3_00, 12_00, 16_00, 32_00, 64_00]
    assert (euro.open_minor, euro.overdue_minor, euro.draft_minor) == (127_00, 124_00, 128_00)
    assert (euro.paid_minor, euro.count, euro.overdue_count) == (256_00, 7, 5)
    assert (yen.currency, yen.open_minor, yen.paid_minor) == ("JPY", 5000, 0)
    words = page(response)
    assert "€127.00" in words and "¥5,000" in words and words.count('<svg class="chart"') == 1
    assert "style=" not in words.partition("<main")[2], "the content security policy forbids it"
    listed = page(console.get("/invoices/"))
    assert "€127.00" in listed and "€124.00" in listed and "€256.00" in listed and "€128.00" in listed


def test_a_list_of_one_currency(console: Visitor, invoice: Invoice, tom: Client) -> None:
    issued(tom, None, 5000, currency="JPY", title="Tokyo")
    found = console.get("/invoices/?show=open&currency=JPY")
    assert [row.title for row in found.context["rows"]] == ["Tokyo"]
    for odd in ("jpy", "J", "%00%00%00", "XXXX"):
        assert console.get(f"/invoices/?currency={odd}").status_code == 200


def test_before_the_first_invoice_the_pages_say_what_to_do(console: Visitor) -> None:
    assert "No figures yet" in page(console.get("/invoices/totals/"))
    assert "No invoices yet" in page(console.get("/invoices/"))


@pytest.mark.parametrize(
    ("shown", "days"),
    [
        ("not_due", [-5, 0]),
        ("to_30", [1, 30]),
        ("to_60", [31, 60]),
        ("to_90", [61, 90]),
        ("older", [91, 400]),
    ],
)
def test_each_age_leads_to_its_invoices(console: Visitor, tom: Client, shown: str, days: list[int]) -> None:
    for each in (-5, 0, 1, 30, 31, 60, 61, 90, 91, 400):
        late(tom, each, title=f"Due {each} days ago")
    rows = console.get(f"/invoices/?show={shown}").context["rows"]
    assert sorted(row.title for row in rows) == sorted(f"Due {each} days ago" for each in days)


@pytest.mark.parametrize("words", ["2026-0002", "1234.50", "1.234,50", "€1,234.50", "Becker", "PORTFOL"])
def test_the_search_finds_number_amount_client_and_words(
    console: Visitor, invoice: Invoice, tom: Client, words: str
) -> None:
    other = issued(tom, None, 1234_50, title="Portfolio")
    asked = urlencode({"q": str(other.number) if words.startswith("2026") else words})
    found = console.get(f"/invoices/?{asked}")
    assert [row.title for row in found.context["rows"]] == ["Portfolio"]


def test_pages_of_a_list_hold_every_invoice_once(
    console: Visitor, tom: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modules.invoices.pages.console.PER_PAGE", 3)
    for days in (5, 5, 5, 5, 40, 2, 2, 9):
        late(tom, days)
    for query, order in (("show=overdue", lambda i: (i.next_due_on, i.pk)), ("", lambda i: -i.pk)):
        found: list[Invoice] = []
        cursor = ""
        while True:
            response = console.get(f"/invoices/?{query}{cursor}")
            context = response.context
            assert "{#" not in page(response) and "next_cursor" not in page(response)
            found += context["rows"]
            if not context["next_cursor"]:
                break
            cursor = f"&after={context['next_cursor']}"
        assert found == sorted(Invoice.objects.all(), key=order) and len(found) == 8
    for bad in ("nonsense", "WzFd" * 3, "WyJ4IiwxXQ", "bnVsbA", "W10", "W3RydWVd", "WzFlOTk5XQ"):
        assert console.get(f"/invoices/?show=overdue&after={bad}").status_code == 404, bad
        assert console.get(f"/invoices/?after={bad}").status_code == 404, bad


def questions(browser: Visitor, path: str) -> int:
    browser.get(path)
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(path).status_code == 200
    # Of money: who asks is found out anew now and then, whatever the page.
    return sum("invoices_" in one["sql"] or "payments_" in one["sql"] for one in asked.captured_queries)


def test_many_invoices_cost_as_many_questions_as_few(
    console: Visitor, in_northwind: CurrentAgency, maria: Client, alice_staff: Staff
) -> None:
    company = maria.companies.get()
    client = visit_portal(in_northwind, maria)
    pages = [(console, "/invoices/"), (console, "/invoices/totals/"), (console, "/"), (client, "/")]
    pages += [(console, f"/invoices/statements/company-{company.pk}/"), (client, "/invoices/statement/")]

    def some() -> None:
        for days in (-3, 3, 50):
            operations.mark_paid(late(company, days), minor=1_00, note="", by=alice_staff)

    some()
    before = [questions(*each) for each in pages]
    for _ in range(3):
        some()
    assert [questions(*each) for each in pages] == before


def test_the_consoles_home_says_what_is_open_and_overdue(
    console: Visitor, tom: Client, alice_staff: Staff
) -> None:
    assert "card-invoices" not in page(console.get("/"))
    late(tom, 4, 70_00)
    late(tom, -4, 30_00)
    words = page(console.get("/"))
    assert "card-invoices" in words and "€100.00" in words and "€70.00" in words


def test_a_clients_home_names_what_it_may_pay_and_nobody_elses(
    in_northwind: CurrentAgency, maria: Client, tom: Client, charlie: Client
) -> None:
    issued(maria.companies.get(), None, 70_00, title="Website")
    assert "Pay €70.00: Website" in page(visit_portal(in_northwind, maria).get("/"))
    for stranger in (tom, charlie):
        assert "Website" not in page(visit_portal(in_northwind, stranger).get("/"))
    maria.memberships.update(rights=["view_money"])
    words = page(visit_portal(in_northwind, maria).get("/"))
    assert "Website" in words and "Pay €70.00" not in words
    maria.memberships.update(rights=[])
    assert "Website" not in page(visit_portal(in_northwind, maria).get("/"))


def test_an_owners_statement_page_by_page_and_as_a_paper(
    console: Visitor, maria: Client, tom: Client, alice_staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modules.invoices.queries.statements.PER_PAGE", 4)
    company, today = maria.companies.get(), current_agency().today()
    for days in (100, 70, 70, 40, 2):
        one = late(company, days, 100_00)
        operations.mark_paid(one, minor=30_00, note="", by=alice_staff, client=maria)
    issued(tom, None, 55_00, title="Not Brightside's")
    path = f"/invoices/statements/company-{company.pk}/"
    span = f"start={today - timedelta(days=90)}&end={today}&currency=EUR"
    cursor, rows, balance = "", [], 100_00
    while True:
        found = console.get(f"{path}?{span}{cursor}").context["statement"]
        assert (found.opening_minor, found.end_minor) == (balance, 350_00)
        rows += found.lines
        balance = found.closing_minor
        if not found.next_cursor:
            break
        cursor = f"&after={found.next_cursor}"
    assert len(rows) == 9 and balance == 350_00 == 100_00 + sum(row.minor for row in rows)
    assert [row.balance_minor for row in rows][-1] == 350_00 and "Not Brightside" not in str(rows)
    paper = console.get(f"{path}?{span}&pdf")
    assert paper.content.startswith(b"%PDF") and paper["Content-Type"] == "application/pdf"
    assert console.get(f"{path}?{span}&after=nonsense").status_code == 404
    monkeypatch.setattr("modules.invoices.queries.statements.MOST_ON_PAPER", 8)
    assert "One paper holds 8 movements" in page(console.get(f"{path}?{span}&pdf"))


def test_statements_of_nobody_are_404(
    console: Visitor, in_northwind: CurrentAgency, invoice: Invoice, hugo: Account, maria: Client
) -> None:
    for whose in (f"company-{UNKNOWN}", "client-0", "client-x", "company-", "staff-1", "company-" + "9" * 30):
        assert console.get(f"/invoices/statements/{whose}/").status_code == 404, whose
    path = f"/invoices/statements/{invoice.whose}/"
    assert console.get(path).status_code == 200
    assert visit_console(in_northwind, hugo).get(path).status_code == 404
    assert visit_portal(in_northwind, maria).get(path).status_code == 404


def test_who_acts_for_two_companies_reads_both_in_one_statement(
    in_northwind: CurrentAgency, maria: Client, charlie: Client, alice_staff: Staff
) -> None:
    hers, his = maria.companies.get(), charlie.companies.get()
    maria.memberships.create(company=his, rights=["view_money"])
    for owner, day in ((hers, 3), (his, 2), (hers, 1)):
        late(owner, day, title=f"{day} days late")
    late(hers, 1, currency="JPY")
    lines = visit_portal(in_northwind, maria).get("/invoices/statement/").context["statement"].lines
    assert [line.words for line in lines] == ["3 days late", "2 days late", "1 days late"]
    lines = visit_portal(in_northwind, charlie).get("/invoices/statement/").context["statement"].lines
    assert [line.words for line in lines] == ["2 days late"]
