"""What staff do on the console, by its forms, as a browser without scripts sends them."""

from typing import Any

import pytest

from modules.invoices import operations
from modules.invoices.models import Invoice, InvoiceSettings, State, TaxRate, TransferReport
from portal.agency import current_agency
from portal.people.models import Client, Staff
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency
from tests.modules.deliverables.scene import Visitor, visit_console
from tests.modules.invoices.scene import fresh, issued, vat

UNKNOWN = 987_654_321


@pytest.fixture
def console(alice: Account, in_northwind: CurrentAgency) -> Visitor:
    return visit_console(in_northwind, alice)


def at(invoice: Invoice, rest: str = "") -> str:
    return f"/invoices/{invoice.pk}/{rest}"


def page(response: Any) -> str:
    return str(response.content.decode())


def lines(*given: dict[str, str]) -> dict[str, str]:
    sent = {"lines-TOTAL_FORMS": str(len(given)), "lines-INITIAL_FORMS": "0"}
    for place, line in enumerate(given):
        sent |= {f"lines-{place}-{name}": value for name, value in line.items()}
    return sent


def head(**other: str) -> dict[str, str]:
    return {"title": "New website", "currency": "EUR", "days_to_pay": "14", **other}


def test_from_nothing_to_sent_in_three_pages(console: Visitor, maria: Client) -> None:
    rate, company = vat(), maria.companies.get()
    assert console.get("/invoices/new/").status_code == 200
    sent = head(owner=f"company-{company.pk}") | lines(
        {
            "description": "Design",
            "quantity": "3",
            "unit": "days",
            "price": "1.200,50",
            "tax": f"{rate.pk}:top",
        },
        {"description": "", "price": "", "tax": f"{rate.pk}:top"},
        {"description": "Domain", "price": "11.90", "tax": f"{rate.pk}:in"},
    )
    response = console.post("/invoices/new/", sent)
    draft = Invoice.objects.get()
    assert response.status_code == 302 and (draft.net_minor, draft.gross_minor) == (3611_50, 4297_69)
    assert "Send invoice" in page(console.get(at(draft)))
    console.post(at(draft, "issue/"))
    assert fresh(draft).state == State.ISSUED
    assert "Sent. Maria gets it by mail now." in page(console.get(at(draft)))


def test_a_draft_is_edited_with_what_it_has(console: Visitor, draft: Invoice) -> None:
    response = console.get(at(draft, "edit/"))
    assert 'value="100.00"' in page(response)
    sent = head(title="Other") | lines({"description": "Less", "price": "50"})
    assert console.post(at(draft, "edit/"), sent).status_code == 302
    assert (fresh(draft).title, fresh(draft).gross_minor) == ("Other", 50_00)


def test_more_lines_keep_what_was_typed(console: Visitor, draft: Invoice) -> None:
    sent = head(title="Kept") | lines({"description": "Typed", "price": "12"}) | {"more": "yes"}
    response = console.post(at(draft, "edit/"), sent)
    assert response.status_code == 200 and len(response.context["lines"].forms) == 4
    assert 'value="Typed"' in page(response) and "Kept" in page(response)
    assert fresh(draft).title == "New website"


@pytest.mark.parametrize(
    "line",
    [
        {"description": "Design"},
        {"price": "5"},
        {"description": "Design", "price": "five"},
        {"description": "Design", "price": "5", "discount_percent": "101"},
        {"description": "Design", "price": "5", "tax": "999:top"},
        {"description": "Design", "price": "5", "quantity": "1.23456"},
        {"description": "Design", "price": "9" * 23},
        {"description": "De\x00sign", "price": "5"},
    ],
)
def test_a_line_that_cannot_be_comes_back(console: Visitor, draft: Invoice, line: dict[str, str]) -> None:
    response = console.post(at(draft, "edit/"), head() | lines(line))
    assert response.status_code == 422
    assert fresh(draft).gross_minor == 100_00


@pytest.mark.parametrize(
    "sent",
    [{}, {"lines-TOTAL_FORMS": "x"}, {"lines-TOTAL_FORMS": "-1", "lines-INITIAL_FORMS": "0"}, {"more": "1"}],
)
def test_a_broken_form_is_no_error_of_ours(console: Visitor, draft: Invoice, sent: dict[str, str]) -> None:
    assert console.post(at(draft, "edit/"), sent).status_code in (200, 422)


def test_currencies_read_amounts_their_own_way(console: Visitor, tom: Client) -> None:
    for currency, typed, minor in (("JPY", "1,000", 1000), ("KWD", "1.234", 1234), ("ISK", "999", 999)):
        sent = head(owner=f"client-{tom.pk}", currency=currency) | lines(
            {"description": "Work", "price": typed}
        )
        assert console.post("/invoices/new/", sent).status_code == 302, currency
        assert Invoice.objects.order_by("-pk")[0].gross_minor == minor
    yen = head(owner=f"client-{tom.pk}", currency="JPY") | lines({"description": "Work", "price": "10.50"})
    assert console.post("/invoices/new/", yen).status_code == 422


@pytest.mark.parametrize("typed", ["12.345", "12,345", "-1,000"])
def test_what_might_be_a_thousand_times_as_much_is_asked_about(
    console: Visitor, draft: Invoice, typed: str
) -> None:
    line = {"description": "Work", "price": typed}
    response = console.post(at(draft, "edit/"), head() | lines(line))
    assert response.status_code == 422 and "Is that" in page(response)
    assert fresh(draft).gross_minor == 100_00


def test_without_its_own_address_the_agency_is_led_to_it(console: Visitor, draft: Invoice) -> None:
    InvoiceSettings.objects.all().delete()
    assert "/northwind/invoices/settings/" in page(console.get(at(draft)))
    console.post(at(draft, "issue/"))
    assert fresh(draft).state == State.DRAFT
    sent = {
        "seller_name": "Northwind", "seller_address": "Hafen 1", "seller_country": "de", "days_to_pay": "14",
        "late_fee_percent": "0", "late_fee_after_days": "14", "remind_days_after": "1, 7",
        "autopay": "off", "notice_days": "3", "retry_after": "", "plan_parts": "0", "plan_first_percent": "20",
        "plan_days": "30",
    }  # fmt: skip
    assert console.post("/invoices/settings/", sent).status_code == 302
    console.post(at(draft, "issue/"))
    assert fresh(draft).state == State.ISSUED
    for wrong in ({"seller_country": "Germany"}, {"remind_days_after": "soon"}, {"late_fee_percent": "-1"}):
        assert console.post("/invoices/settings/", sent | wrong).status_code == 422


def test_rates_and_prefixes(console: Visitor, draft: Invoice, alice_staff: Staff) -> None:
    assert (
        console.post(
            "/invoices/settings/rates/", {"name": "VAT", "percent": "19", "category": "S"}
        ).status_code
        == 302
    )
    assert (
        console.post(
            "/invoices/settings/rates/", {"name": "VAT", "percent": "0", "category": "S"}
        ).status_code
        == 422
    )
    rate = TaxRate.objects.get()
    console.post(f"/invoices/settings/rates/{rate.pk}/deletion/")
    assert not TaxRate.objects.exists()
    assert (
        console.post("/invoices/settings/numbers/", {"kind": "invoice", "begins": "R{year}/"}).status_code
        == 302
    )
    assert (
        console.post("/invoices/settings/numbers/", {"kind": "invoice", "begins": "<b>"}).status_code == 422
    )
    assert str(operations.issue(draft, by=alice_staff).number).startswith("R2")


ACTS: list[tuple[str, dict[str, str], str]] = [
    ("booking/", {"minor": "100"}, State.PAID),
    ("booking/", {"minor": "40"}, State.PARTLY_PAID),
    ("credit/", {"minor": "100", "reason": "Wrong"}, State.CREDITED),
    ("void/", {"reason": "Wrong"}, State.VOID),
    ("write-off/", {"reason": "Bankrupt"}, State.UNCOLLECTIBLE),
]


@pytest.mark.parametrize(("rest", "sent", "state"), ACTS)
def test_every_button_does_one_thing(
    console: Visitor, invoice: Invoice, rest: str, sent: dict[str, str], state: str
) -> None:
    assert console.post(at(invoice, rest), {}).status_code == 422
    assert fresh(invoice).state == State.ISSUED
    assert console.post(at(invoice, rest), sent).status_code == 302
    assert fresh(invoice).state == state
    assert console.get(at(invoice)).status_code == 200


def test_a_plan_is_made_and_taken_back(console: Visitor, draft: Invoice) -> None:
    sent = {"deposit_percent": "30", "count": "3", "days_between": "30"}
    assert console.post(at(draft, "plan/"), sent).status_code == 302
    assert [part.minor for part in draft.instalments.all()] == [30_00, 23_34, 23_33, 23_33]
    console.post(at(draft, "plan/deletion/"))
    assert not draft.instalments.exists()
    assert console.post(at(draft, "plan/"), sent | {"count": "0"}).status_code == 422


def test_a_reported_transfer_is_answered(console: Visitor, invoice: Invoice, maria: Client) -> None:
    for answer, state in (("refusal", "refused"), ("confirmation", "confirmed")):
        told = operations.report_transfer(
            invoice, minor=100_00, paid_on=current_agency().today(), client=maria
        )
        assert "The money is there" in page(console.get(at(invoice)))
        assert "New website" in page(console.get("/invoices/?show=reported"))
        console.post(f"/invoices/transfers/{told.pk}/{answer}/")
        assert TransferReport.objects.get(pk=told.pk).state == state
    assert fresh(invoice).state == State.PAID


def test_the_list_finds_by_number_client_and_words(console: Visitor, invoice: Invoice, tom: Client) -> None:
    other = issued(tom, None, title="Portfolio")
    for words in (str(other.number), "Becker", "portfol"):
        found = page(console.get(f"/invoices/?q={words}"))
        assert "Portfolio" in found and "New website" not in found, words
    assert "Nothing found" in page(console.get("/invoices/?q=zzz"))
    for odd in ("q=%00", "show=nonsense", "q=" + "x" * 300):
        assert console.get(f"/invoices/?{odd}").status_code == 200
    assert console.get("/invoices/?after=nonsense").status_code == 404


def test_an_issued_one_has_no_editor(console: Visitor, invoice: Invoice) -> None:
    assert console.get(at(invoice, "edit/")).status_code == 302
    console.post(at(invoice, "deletion/"))
    assert fresh(invoice)


def test_numbers_of_nothing_are_404(console: Visitor) -> None:
    for rest in ("", "edit/", "pdf/", "buyer/"):
        assert console.get(f"/invoices/{UNKNOWN}/{rest}").status_code == 404
    for rest in ("issue/", "void/", "booking/", "plan/", "copy/", "reminder/"):
        assert console.post(f"/invoices/{UNKNOWN}/{rest}").status_code == 404


def test_staff_of_another_agency_get_nothing(
    in_northwind: CurrentAgency, invoice: Invoice, hugo: Account
) -> None:
    other = visit_console(in_northwind, hugo)
    assert other.get(at(invoice)).status_code == 404
    assert other.post(at(invoice, "void/"), {"reason": "x"}).status_code == 404
    assert fresh(invoice).state == State.ISSUED
