"""Invoices by API: drafted, issued, credited and paid by programs, each once, each in its own agency."""

import threading
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from modules.invoices.models import CreditNote, Invoice, TaxRate
from portal.audit.models import AuditEntry
from portal.mail.models import Message
from portal.payments.models import LedgerEntry
from portal.people.models import Client
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency
from tests.api.conftest import Call, caller, key_for
from tests.modules.invoices.scene import northwind_bills, vat

LINE = {"description": "Design", "unit_minor": 100_00}


@pytest.fixture
def agency(northwind: CurrentAgency) -> CurrentAgency:
    """Northwind, which has said who it is."""
    with inside(northwind):
        northwind_bills()
    return northwind


def draft(call: Call, tom: Client, **more: Any) -> dict[str, Any]:
    given = {"client_id": tom.pk, "title": "Website", "currency": "EUR", "lines": [LINE], **more}
    answer = call("POST", "invoices/", given)
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def issued(call: Call, tom: Client, **more: Any) -> dict[str, Any]:
    return dict(call("PUT", f"invoices/{draft(call, tom, **more)['id']}/issue/").json())


def test_a_draft_is_written_read_changed_and_issued(agency: CurrentAgency, call: Call, tom: Client) -> None:
    with inside(agency):
        rate = vat().pk
    line = {**LINE, "quantity": "2.5", "tax_rate_id": rate, "unit": "days"}
    made = draft(call, tom, lines=[line], discount_percent="10")
    assert (made["state"], made["number"], made["gross_minor"]) == ("draft", None, 267_75)
    assert made["lines"][0]["tax_percent"] == "19.000" and made["client_id"] == tom.pk
    path = f"invoices/{made['id']}/"
    changed = call("PATCH", path, {"title": "Other", "lines": [LINE]}).json()
    assert (changed["title"], changed["gross_minor"], len(changed["lines"])) == ("Other", 90_00, 1)
    first, again = (call("PUT", f"{path}issue/") for _ in range(2))
    assert first.status_code == again.status_code == 200 and first.json() == again.json()
    assert first.json()["state"] == "issued" and first.json()["number"].endswith("-0001")
    assert call("GET", path).json() == first.json()
    with inside(agency):
        assert Message.objects.filter(email="invoices.issued").count() == 1
        assert AuditEntry.objects.get(verb="invoices.issued").actor == "api"


def test_what_is_issued_stays(agency: CurrentAgency, call: Call, tom: Client) -> None:
    made = issued(call, tom)
    answer = call("PATCH", f"invoices/{made['id']}/", {"title": "Other"})
    assert answer.status_code == 422 and "credit note" in answer.json()["errors"][""][0]


def test_without_the_agencys_own_details_nothing_is_issued(
    northwind: CurrentAgency, call: Call, tom: Client
) -> None:
    made = draft(call, tom)
    assert call("PUT", f"invoices/{made['id']}/issue/").status_code == 422
    with inside(northwind):
        assert Invoice.objects.get().number is None


def test_a_credit_note_takes_back_a_part(agency: CurrentAgency, call: Call, tom: Client) -> None:
    made = issued(call, tom)
    path = f"invoices/{made['id']}/credit-notes/"
    note = call("POST", path, {"minor": 40_00, "reason": "Late"})
    assert note.status_code == 201 and note.json()["gross_minor"] == 40_00
    assert note.json()["number"].startswith("CN-")
    assert call("GET", f"invoices/{made['id']}/").json()["due_minor"] == 60_00
    over = call("POST", path, {"minor": 60_01, "reason": "More"})
    assert over.status_code == 422 and list(over.json()["errors"]) == ["minor"]


def test_a_transfer_is_recorded(agency: CurrentAgency, call: Call, tom: Client) -> None:
    made = issued(call, tom)
    path = f"invoices/{made['id']}/payments/"
    part = call("POST", path, {"minor": 40_00, "note": "Bank statement 7"})
    assert part.status_code == 201
    assert (part.json()["state"], part.json()["due_minor"]) == ("partly_paid", 60_00)
    assert call("POST", path, {"minor": 60_00}).json()["state"] == "paid"
    assert call("PUT", f"invoices/{made['id']}/void/", {"reason": "Wrong"}).status_code == 422


def test_a_transfer_has_the_day_on_which_it_came(agency: CurrentAgency, call: Call, tom: Client) -> None:
    path = f"invoices/{issued(call, tom)['id']}/payments/"
    yesterday = agency.today() - timedelta(days=1)
    assert call("POST", path, {"minor": 1_00, "received_on": str(yesterday)}).status_code == 201
    for wrong in (agency.today() + timedelta(days=1), date(1990, 1, 1), "9999-12-31", "soon"):
        answer = call("POST", path, {"minor": 1_00, "received_on": str(wrong)})
        assert answer.status_code == 422 and list(answer.json()["errors"]) == ["received_on"]
    with inside(agency):
        assert LedgerEntry.objects.get().happened_at.astimezone(agency.tzinfo).date() == yesterday


def test_an_unpaid_one_is_declared_void(agency: CurrentAgency, call: Call, tom: Client) -> None:
    made = issued(call, tom)
    for _ in range(2):
        answer = call("PUT", f"invoices/{made['id']}/void/", {"reason": "Wrong"})
        assert answer.status_code == 200 and answer.json()["state"] == "void"


def test_a_draft_is_neither_paid_nor_credited(agency: CurrentAgency, call: Call, tom: Client) -> None:
    path = f"invoices/{draft(call, tom)['id']}"
    for rest, given in (("payments", {"minor": 1}), ("credit-notes", {"minor": 1, "reason": "x"})):
        assert call("POST", f"{path}/{rest}/", given).status_code == 422
    with inside(agency):
        assert not LedgerEntry.objects.exists() and not CreditNote.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": None}, "title"),
        ({"title": "x" * 161}, "title"),
        ({"title": "x\x00"}, "title"),
        ({"currency": "euro"}, "currency"),
        ({"currency": "EU"}, "currency"),
        ({"discount_percent": "101"}, "discount_percent"),
        ({"due_on": "soon"}, "due_on"),
        ({"days_to_pay": 367}, "days_to_pay"),
        ({"client_id": 987_654_321}, "client_id"),
        ({"client_id": None}, "company_id"),
        ({"company_id": 1}, "company_id"),
        ({"lines": [{"description": "Design"}]}, "lines.0.unit_minor"),
        ({"lines": [{**LINE, "description": ""}]}, "lines.0.description"),
        ({"lines": [{**LINE, "unit_minor": 1.5}]}, "lines.0.unit_minor"),
        ({"lines": [{**LINE, "unit_minor": 10**15}]}, "unit_minor"),
        ({"lines": [{**LINE, "quantity": "1.23456"}]}, "lines.0.quantity"),
        ({"lines": [{**LINE, "tax_rate_id": 987_654_321}]}, "tax_rate_id"),
    ],
)
def test_bad_input_is_named_by_field(
    agency: CurrentAgency, call: Call, tom: Client, wrong: dict[str, Any], field: str
) -> None:
    given = {"client_id": tom.pk, "title": "Website", "currency": "EUR", "lines": [LINE]} | wrong
    answer = call("POST", "invoices/", given)
    assert answer.status_code == 422 and list(answer.json()["errors"]) == [field]
    with inside(agency):
        assert not Invoice.objects.exists()


@pytest.mark.parametrize(
    ("rest", "given", "field"),
    [
        ("payments", {"minor": 0}, "minor"),
        ("payments", {"minor": -5}, "minor"),
        ("payments", {"minor": "much"}, "minor"),
        ("payments", {"minor": 10**15}, "minor"),
        ("payments", {"minor": 5, "note": "x" * 201}, "note"),
        ("credit-notes", {"minor": 5}, "reason"),
        ("credit-notes", {"minor": 5, "reason": " "}, "reason"),
        ("credit-notes", {"minor": 0, "reason": "x"}, "minor"),
    ],
)
def test_bad_amounts_book_nothing(
    agency: CurrentAgency, call: Call, tom: Client, rest: str, given: dict[str, Any], field: str
) -> None:
    answer = call("POST", f"invoices/{issued(call, tom)['id']}/{rest}/", given)
    assert answer.status_code == 422 and list(answer.json()["errors"]) == [field]
    with inside(agency):
        assert not LedgerEntry.objects.exists()


def test_lists_are_paged_by_cursor(agency: CurrentAgency, call: Call, tom: Client) -> None:
    made = [draft(call, tom)["id"] for _ in range(9)]
    seen: list[int] = []
    cursor = ""
    while True:
        found = call("GET", f"invoices/?limit=4&cursor={cursor}").json()
        seen += [one["id"] for one in found["items"]]
        if not (cursor := found["next_cursor"] or ""):
            break
        made.append(draft(call, tom)["id"])  # what comes meanwhile moves no page
    assert seen == sorted(made[:9], reverse=True)
    assert call("GET", "invoices/?cursor=nonsense").status_code == 422
    assert call("GET", "invoices/?limit=101").status_code == 422


def test_a_scope_reads_or_writes_and_no_more(agency: CurrentAgency, call: Call, tom: Client) -> None:
    number = issued(call, tom)["id"]
    reads, writes, other = (
        caller(key_for(agency, *scopes))
        for scopes in (["invoices:read"], ["invoices:write"], ["clients:read", "clients:write"])
    )
    given = {"client_id": tom.pk, "title": "Website", "lines": [LINE]}
    assert reads("GET", f"invoices/{number}/").status_code == 200
    assert reads("POST", "invoices/", given).status_code == 403
    assert reads("POST", f"invoices/{number}/payments/", {"minor": 1}).status_code == 403
    assert reads("PUT", f"invoices/{number}/void/", {"reason": "x"}).status_code == 403
    assert writes("GET", "invoices/").status_code == 403
    assert writes("POST", "invoices/", given).status_code == 201
    for method, path in (("GET", "invoices/"), ("POST", "invoices/")):
        assert other(method, path, given).status_code == 403
    assert caller("")("GET", "invoices/").status_code == 401


@pytest.mark.parametrize(
    ("rest", "given"),
    [("payments", {"minor": 30_00}), ("credit-notes", {"minor": 30_00, "reason": "Late"})],
)
def test_money_is_moved_once_per_idempotency_key(
    agency: CurrentAgency, call: Call, tom: Client, rest: str, given: dict[str, Any]
) -> None:
    path = f"invoices/{issued(call, tom)['id']}/{rest}/"
    first, again = (call("POST", path, given, idempotency_key="once") for _ in range(2))
    assert first.status_code == again.status_code == 201 and first.content == again.content
    assert again["Idempotent-Replay"] == "true"
    other = call("POST", path, {**given, "minor": 31_00}, idempotency_key="once")
    assert other.status_code == 422
    with inside(agency):
        assert LedgerEntry.objects.get().minor == 30_00


def test_a_draft_is_written_once_per_idempotency_key(agency: CurrentAgency, call: Call, tom: Client) -> None:
    given = {"client_id": tom.pk, "title": "Website", "lines": [LINE]}
    ids = {call("POST", "invoices/", given, idempotency_key="d").json()["id"] for _ in range(3)}
    with inside(agency):
        assert [invoice.pk for invoice in Invoice.objects.all()] == list(ids)


def test_another_agencys_key_finds_nothing(
    agency: CurrentAgency, harbour: CurrentAgency, call: Call, tom: Client
) -> None:
    number = issued(call, tom)["id"]
    theirs = caller(key_for(harbour))
    assert theirs("GET", "invoices/").json()["items"] == []
    for method, rest, given in (
        ("GET", "", None),
        ("PATCH", "", {"title": "Mine"}),
        ("PUT", "issue/", None),
        ("PUT", "void/", {"reason": "x"}),
        ("POST", "payments/", {"minor": 1}),
        ("POST", "credit-notes/", {"minor": 1, "reason": "x"}),
    ):
        foreign = theirs(method, f"invoices/{number}/{rest}", given)
        unknown = theirs(method, f"invoices/987654321/{rest}", given)
        assert (foreign.status_code, foreign.content) == (404, unknown.content), rest
    given = {"client_id": tom.pk + 500, "title": "Website", "lines": [LINE]}
    assert theirs("POST", "invoices/", given).status_code == 422
    with inside(agency):
        assert not LedgerEntry.objects.exists() and Invoice.objects.get().title == "Website"


def test_another_agencys_tax_rate_is_none(
    agency: CurrentAgency, harbour: CurrentAgency, call: Call, tom: Client
) -> None:
    with inside(harbour):
        foreign = TaxRate.objects.create(pk=777_777, name="VAT", percent=20, category="S").pk
    line = {**LINE, "tax_rate_id": foreign}
    answer = call("POST", "invoices/", {"client_id": tom.pk, "title": "Website", "lines": [line]})
    assert list(answer.json()["errors"]) == ["tax_rate_id"]


@pytest.fixture
def committed(committed_db: None) -> Iterator[CurrentAgency]:
    current = Agency.objects.get(slug="northwind").current()
    with inside(current):
        northwind_bills()
    yield current


def test_one_payment_sent_by_eight_at_once_is_booked_once(committed: CurrentAgency) -> None:
    key = key_for(committed)
    with inside(committed):
        tom = Client.objects.get(email="tom@client.example")
    path = f"invoices/{issued(caller(key), tom)['id']}/payments/"
    start, answers = threading.Barrier(8), []

    def pay() -> None:
        start.wait(timeout=30)
        answers.append(caller(key)("POST", path, {"minor": 100_00}, idempotency_key="once"))
        connection.close()

    threads = [threading.Thread(target=pay) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {201}
    with inside(committed):
        assert LedgerEntry.objects.get().minor == 100_00
