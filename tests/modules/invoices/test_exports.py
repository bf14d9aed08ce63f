"""Files for spreadsheets and for the books; and who may have them."""

import csv
from datetime import date, datetime
from io import StringIO
from typing import Any

import pytest
import time_machine

from kit.csv_cells import harmless
from modules.invoices import operations
from modules.invoices.models import Invoice
from modules.invoices.queries import datev
from portal.agency import current_agency
from portal.people.models import Client, Staff
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency
from tests.modules.deliverables.scene import Visitor, body, visit_console, visit_portal
from tests.modules.invoices.scene import a_line, issued, vat

ACCOUNTS = {
    "advisor": "29098", "client_number": "55003", "account_digits": "4", "year_begins": "1", "chart": "03",
    "debtors": "10000", "revenue": "8200", "bank": "1200", "cards": "1360", "fees": "2700", "losses": "2400",
    "rate:19:S": "8400",
}  # fmt: skip
MAY = "start=2026-05-01&end=2026-05-31&currency=EUR"


@pytest.fixture
def console(alice: Account, in_northwind: CurrentAgency) -> Visitor:
    return visit_console(in_northwind, alice)


def rows_of(response: Any) -> list[list[str]]:
    return list(csv.reader(StringIO(body(response).decode("utf-8-sig"))))


def test_the_list_as_a_file_is_streamed_in_parts(
    console: Visitor, invoice: Invoice, tom: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modules.invoices.pages.export.AT_ONCE", 2)
    others = [issued(tom, None, 1000, currency="JPY", title=f"No {n}") for n in range(4)]
    response = console.get("/invoices/export/")
    assert response.streaming and response["Cache-Control"] == "private, no-store"
    parts = list(response.streaming_content)
    assert len(parts) == 4 and not parts[0].startswith(b"\xef\xbb\xbf")
    head, *rows = list(csv.reader(StringIO(b"".join(parts).decode())))
    assert [row[0] for row in rows] == [str(i.number) for i in (invoice, *others)]
    assert dict(zip(head, rows[1], strict=True))["gross"] == "1000"
    assert rows_of(console.get("/invoices/export/?q=No 3"))[1:] == [rows[4]]


def test_with_the_mark_for_excel(console: Visitor, invoice: Invoice) -> None:
    assert body(console.get("/invoices/export/?bom=1")).startswith(b"\xef\xbb\xbfnumber,")


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", " =", "＝"])
def test_no_cell_is_a_formula(console: Visitor, tom: Client, begin: str) -> None:
    assert harmless(f"{begin}1+1") == f"'{begin}1+1"
    issued(tom, None, title=f"{begin.strip() or '='}HYPERLINK(1)")
    _, row = rows_of(console.get("/invoices/export/"))
    assert row[3].startswith("'") and row[11] == "100.00"


def test_only_owners_and_admins_take_files_away(
    in_northwind: CurrentAgency, alice: Account, invoice: Invoice, maria: Client, hugo: Account
) -> None:
    paths = ("/invoices/export/", "/invoices/books/", f"/invoices/books/file/?{MAY}")
    Staff.objects.update(role=Staff.Role.MEMBER)
    member = visit_console(in_northwind, alice)
    assert [member.get(path).status_code for path in paths] == [403, 403, 403]
    assert "/invoices/export/" not in member.get("/invoices/").content.decode()
    assert member.post("/invoices/books/", ACCOUNTS).status_code == 403
    other = visit_console(in_northwind, hugo)
    assert [other.get(path).status_code for path in paths] == [404, 404, 404]
    client = visit_portal(in_northwind, maria)
    assert [client.get(path).status_code for path in paths] == [404, 404, 404]


def bookings(response: Any) -> tuple[list[str], list[str], list[list[str]]]:
    lines = body(response).decode("cp1252").split("\r\n")
    assert lines.pop() == ""
    head, names, *rows = list(csv.reader(lines, delimiter=";"))
    return head, names, rows


def test_bookings_in_datevs_format(
    console: Visitor, tom: Client, alice_staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modules.invoices.queries.bookings.AT_ONCE", 2)
    assert console.get(f"/invoices/books/file/?{MAY}").status_code == 422, "no accounts yet"
    with time_machine.travel("2026-04-30 20:00Z"):
        issued(tom, alice_staff, 1_00, title="Before")
        vat()
    assert console.post("/invoices/books/", ACCOUNTS).status_code == 302
    with time_machine.travel("2026-05-04 10:00Z"):
        mixed = issued(tom, alice_staff, lines=[a_line(100_00, tax=vat()), a_line(10_00)], title="Şehir „Ä“")
    with time_machine.travel("2026-05-05 10:00Z"):
        operations.credit(mixed, minor=11_90, reason="x", by=alice_staff)
        operations.mark_paid(mixed, minor=50_00, note="", by=alice_staff)
        operations.write_off(mixed, reason="x", by=alice_staff)
        void = issued(tom, alice_staff, 7_00, title="=1+1")
        operations.void(void, reason="x", by=alice_staff)
        issued(tom, alice_staff, 1000, currency="JPY")
    response = console.get(f"/invoices/books/file/?{MAY}")
    assert "EXTF_Buchungsstapel_20260501_20260531.csv" in response["Content-Disposition"]
    head, names, rows = bookings(response)
    assert head[:5] == ["EXTF", "700", "21", "Buchungsstapel", "13"] and len(head) == 31
    assert head[10:16] == ["29098", "55003", "20260101", "4", "20260501", "20260531"]
    assert (head[21], head[26]) == ("EUR", "03")
    assert len(names) == 125 and {len(row) for row in rows} == {125}
    number, other = str(mixed.number), str(void.number)
    told = [(row[0], row[1], row[6], row[7], row[9], row[10]) for row in rows]
    assert told[:2] == [
        ("119,00", "S", "10000", "8400", "0405", number),
        ("10,00", "S", "10000", "8200", "0405", number),
    ]
    credited = [row for row in told if row[5].startswith("CN-")]
    assert {row[1] for row in credited} == {"H"} and {row[3] for row in credited} == {"8400", "8200"}
    assert ("50,00", "H", "10000", "1200", "0505", number) in told
    assert ("67,10", "H", "10000", "2400", "0505", number) in told
    assert told[-2:] == [
        ("7,00", "S", "10000", "8200", "0505", other),
        ("7,00", "H", "10000", "8200", "0505", other),
    ]
    assert "Sehir „Ä“" in rows[0][13] and sum(signed(row) for row in rows) == 0


def signed(row: list[str]) -> int:
    minor = int(row[0].replace(",", ""))
    return minor if row[1] == "S" else -minor


def test_text_fields_stand_in_quotation_marks_and_numbers_do_not(console: Visitor, invoice: Invoice) -> None:
    console.post("/invoices/books/", ACCOUNTS)
    today = current_agency().today()
    response = console.get(f"/invoices/books/file/?start={today}&end={today}&currency=EUR")
    line = body(response).decode("cp1252").split("\r\n")[2]
    for place, cell in enumerate(line.split(";"), 1):
        assert cell.startswith('"') == (place in datev.TEXTS), (place, cell)


def test_texts_of_bookings_are_harmless() -> None:
    booking = datev.Booking(-1, "10000", "8400", date(2026, 5, 4), "R/1 ü", '=cmd|\n"x"')
    text = b"".join(datev.written(BATCH, [[booking]])).decode("cp1252").split("\r\n")[2]
    assert '"\'=cmd| ""x"""' in text and '"R/1--"' in text and text.startswith('0,01;"H";"EUR"')


BATCH = datev.Batch(
    29098, 55003, date(2026, 1, 1), 4, date(2026, 5, 1), date(2026, 5, 31), "EUR", "03",
    datetime(2026, 6, 1),
)  # fmt: skip


@pytest.mark.parametrize(
    "span",
    [
        "start=2025-12-01&end=2026-01-31&currency=EUR",
        "start=2026-05-31&end=2026-05-01&currency=EUR",
        "start=x&end=2026-05-01&currency=EUR",
        "start=2026-05-01&end=2026-05-31&currency=XXX",
        "",
    ],
)
def test_days_that_cannot_be_come_back(console: Visitor, span: str) -> None:
    console.post("/invoices/books/", ACCOUNTS)
    assert console.get(f"/invoices/books/file/?{span}").status_code == 422


@pytest.mark.parametrize(
    "wrong", [{"advisor": "12"}, {"debtors": ""}, {"revenue": "84x"}, {"year_begins": "13"}, {"chart": "99"}]
)
def test_accounts_that_cannot_be_come_back(console: Visitor, wrong: dict[str, str]) -> None:
    assert console.post("/invoices/books/", ACCOUNTS | wrong).status_code == 422
