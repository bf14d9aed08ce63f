"""Quotes in the browser: written and sent on the console, read and answered on the portal."""

from datetime import timedelta
from typing import Any

import pytest

from modules.invoices import operations
from modules.invoices.models import Invoice, OnAcceptance, Quote, QuoteAnswer, QuoteState
from portal.agency import current_agency
from portal.people.models import Client, Staff
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency
from tests.modules.deliverables.scene import Visitor, visit_console, visit_portal
from tests.modules.invoices.scene import a_quote, sent_quote, vat

UNKNOWN = 987_654_321


@pytest.fixture
def console(alice: Account, in_northwind: CurrentAgency) -> Visitor:
    return visit_console(in_northwind, alice)


def at(quote: Quote, rest: str = "") -> str:
    return f"/invoices/quotes/{quote.pk}/{rest}"


def page(response: Any) -> str:
    return str(response.content.decode())


def again(quote: Quote) -> Quote:
    return Quote.objects.get(pk=quote.pk)


def typed(**other: str) -> dict[str, str]:
    return {
        "title": "New website", "currency": "EUR", "days_to_pay": "14", "valid_until": "",
        "on_acceptance": "issue", "deposit_percent": "", "parts": "", "days_between": "",
        "lines-TOTAL_FORMS": "1", "lines-INITIAL_FORMS": "0", "lines-0-description": "Design",
        "lines-0-price": "100", **other,
    }  # fmt: skip


def soon() -> str:
    return str(current_agency().today() + timedelta(days=9))


def test_from_nothing_to_an_accepted_quote_and_its_invoice(
    console: Visitor, in_northwind: CurrentAgency, maria: Client
) -> None:
    assert console.get("/invoices/quotes/new/").status_code == 200
    owner, tax = f"company-{maria.companies.get().pk}", f"{vat().pk}:top"
    sent = typed(owner=owner, valid_until=soon(), deposit_percent="50", **{"lines-0-tax": tax})
    assert console.post("/invoices/quotes/new/", sent).status_code == 302
    quote = Quote.objects.get()
    assert "Send quote" in page(console.get(at(quote)))
    console.post(at(quote, "sending/"))
    assert "Sent. Maria gets it by mail now." in page(console.get(at(quote)))
    browser = visit_portal(in_northwind, maria)
    for path in ("/", "/invoices/quotes/", at(quote)):
        words = page(browser.get(path))
        assert "New website" in words and "€119.00" in words, path
    assert "Answer the quote: New website" in page(browser.get("/"))
    assert browser.get(at(quote, "pdf/")).content.startswith(b"%PDF")
    answered = browser.post(at(quote, "acceptance/"), {"name": "Maria Silva"}, REMOTE_ADDR="203.0.113.7")
    invoice = Invoice.objects.get()
    assert answered["Location"] == f"/invoices/{invoice.pk}/" and invoice.is_issued
    assert QuoteAnswer.objects.get().address == "203.0.113.7"
    assert "became" in page(browser.get(at(quote))) and "Answer the quote" not in page(browser.get("/"))
    assert str(invoice.number) in page(console.get(at(quote)))


def test_a_draft_is_edited_with_what_it_has(console: Visitor, tom: Client, alice_staff: Staff) -> None:
    quote = a_quote(tom, alice_staff, parts=2)
    assert 'value="100.00"' in page(console.get(at(quote, "edit/")))
    assert console.post(at(quote, "edit/"), typed(title="Other", valid_until=soon())).status_code == 302
    assert (again(quote).pattern.title, again(quote).pattern.parts) == ("Other", 1)
    console.post(at(quote, "deletion/"))
    assert not Quote.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"valid_until": "soon"},
        {"valid_until": "9999-12-31"},
        {"on_acceptance": "burn"},
        {"parts": "0"},
        {"parts": "x"},
        {"deposit_percent": "91"},
        {"deposit_percent": "50", "parts": "59", "lines-0-price": "0.10"},
        {"lines-0-price": "much"},
        {"title": "x\x00"},
        {"lines-TOTAL_FORMS": "x"},
    ],
)
def test_what_cannot_be_comes_back_with_the_reason(
    console: Visitor, tom: Client, alice_staff: Staff, wrong: dict[str, str]
) -> None:
    quote = a_quote(tom, alice_staff)
    assert console.post(at(quote, "edit/"), typed(valid_until=soon()) | wrong).status_code == 422
    assert again(quote).pattern.title == "New website" and again(quote).pattern.parts == 1


def test_a_sent_one_has_no_editor_but_a_new_version(console: Visitor, quote: Quote) -> None:
    assert console.get(at(quote, "edit/")).status_code == 302
    console.post(at(quote, "deletion/"))
    assert again(quote).state == QuoteState.SENT
    made = console.post(at(quote, "versions/"))
    newer = Quote.objects.get(replaces=quote)
    assert made["Location"].endswith(at(newer, "edit/"))
    assert "Your client still sees the version before" in page(console.get(at(newer, "edit/")))
    console.post(at(newer, "sending/"))
    assert "was replaced" in page(console.get(at(quote)))


def test_taking_back_needs_a_reason(console: Visitor, quote: Quote) -> None:
    assert console.post(at(quote, "withdrawal/")).status_code == 422
    assert console.post(at(quote, "withdrawal/"), {"reason": "Wrong"}).status_code == 302
    assert again(quote).state == QuoteState.WITHDRAWN


def test_the_list_is_searched_and_filtered(
    console: Visitor, quote: Quote, tom: Client, alice_staff: Staff
) -> None:
    a_quote(tom, alice_staff, title="Portfolio")
    for query, hit, miss in (
        ("q=portf", "Portfolio", "New website"),
        ("q=Brightside", "New website", "Portfolio"),
        ("show=waiting", "New website", "Portfolio"),
        ("show=draft", "Portfolio", "New website"),
        (f"q={quote.number}", "New website", "Portfolio"),
    ):
        found = page(console.get(f"/invoices/quotes/?{query}"))
        assert hit in found and miss not in found, query
    for odd in ("q=%00", "show=nonsense", "show=expired"):
        assert console.get(f"/invoices/quotes/?{odd}").status_code == 200
    assert console.get("/invoices/quotes/?after=nonsense").status_code == 404


def test_a_quote_is_declined_with_a_reason(
    in_northwind: CurrentAgency, quote: Quote, maria: Client, console: Visitor
) -> None:
    browser = visit_portal(in_northwind, maria)
    assert browser.post(at(quote, "refusal/")).status_code == 422
    assert browser.post(at(quote, "refusal/"), {"reason": "Too dear"}).status_code == 302
    assert "Too dear" in page(console.get(at(quote))) and "Too dear" in page(browser.get(at(quote)))


@pytest.mark.parametrize("name", ["", "x" * 121, "x\x00y"])
def test_a_name_that_cannot_be_comes_back(
    in_northwind: CurrentAgency, quote: Quote, maria: Client, name: str
) -> None:
    response = visit_portal(in_northwind, maria).post(at(quote, "acceptance/"), {"name": name})
    assert response.status_code == 422 and "field__error" in page(response)
    assert again(quote).state == QuoteState.SENT


def test_too_late_is_said_on_the_page(
    in_northwind: CurrentAgency, quote: Quote, maria: Client, alice_staff: Staff
) -> None:
    browser = visit_portal(in_northwind, maria)
    operations.withdraw_quote(quote, reason="Wrong price", by=alice_staff)
    response = browser.post(at(quote, "acceptance/"), {"name": "Maria"})
    assert response.status_code == 422 and "took this quote back" in page(response)
    assert not Invoice.objects.exists()


ADDRESSES = ("", "pdf/")


@pytest.mark.parametrize("rest", ADDRESSES)
def test_strangers_get_the_404_of_nothing(
    in_northwind: CurrentAgency, quote: Quote, charlie: Client, tom: Client, rest: str
) -> None:
    for stranger in (charlie, tom):
        browser = visit_portal(in_northwind, stranger)
        nowhere = browser.get(f"/invoices/quotes/{UNKNOWN}/{rest}")
        foreign = browser.get(at(quote, rest))
        assert (foreign.status_code, foreign.content) == (404, nowhere.content)
        assert "New website" not in page(browser.get("/invoices/quotes/")) + page(browser.get("/"))
    assert again(quote).viewed_at is None


def test_strangers_and_colleagues_without_the_right_cannot_answer(
    in_northwind: CurrentAgency, quote: Quote, charlie: Client, maria: Client
) -> None:
    maria.memberships.update(rights=["view_money"])
    for client in (charlie, maria):
        browser = visit_portal(in_northwind, client)
        assert browser.post(at(quote, "acceptance/"), {"name": "Me"}).status_code == 404
        assert browser.post(at(quote, "refusal/"), {"reason": "No"}).status_code == 404
    words = page(visit_portal(in_northwind, maria).get(at(quote)))
    assert "accepting it is with others" in words and "Accept for" not in words
    assert "Answer the quote" not in page(visit_portal(in_northwind, maria).get("/"))
    maria.memberships.update(rights=["pay", "sign"])
    assert visit_portal(in_northwind, maria).get(at(quote)).status_code == 404
    assert again(quote).state == QuoteState.SENT


def test_other_agencies_find_nothing(
    in_northwind: CurrentAgency, quote: Quote, harbour: CurrentAgency, ines: Client, hugo: Account
) -> None:
    assert visit_portal(harbour, ines).get(at(quote)).status_code == 404
    other = visit_console(in_northwind, hugo)
    assert other.get(at(quote)).status_code == 404
    assert other.post(at(quote, "withdrawal/"), {"reason": "x"}).status_code == 404
    assert again(quote).state == QuoteState.SENT


def test_drafts_are_not_on_the_portal(in_northwind: CurrentAgency, tom: Client, alice_staff: Staff) -> None:
    draft = a_quote(tom, alice_staff)
    browser = visit_portal(in_northwind, tom)
    assert browser.get(at(draft)).status_code == 404
    assert browser.post(at(draft, "acceptance/"), {"name": "Tom"}).status_code == 404
    assert "New website" not in page(browser.get("/invoices/quotes/"))


def test_what_is_typed_is_shown_as_typed(
    in_northwind: CurrentAgency, tom: Client, alice_staff: Staff, console: Visitor
) -> None:
    quote = sent_quote(tom, alice_staff, title="<script>alert(1)</script>", on_acceptance=OnAcceptance.DRAFT)
    browser = visit_portal(in_northwind, tom)
    browser.post(at(quote, "acceptance/"), {"name": "<script>alert(2)</script>"})
    for words in (page(browser.get(at(quote))), page(console.get(at(quote)))):
        assert "<script>alert" not in words and "&lt;script&gt;alert(2)" in words


def test_numbers_of_nothing_are_404(console: Visitor) -> None:
    for rest in ("", "edit/", "pdf/"):
        assert console.get(f"/invoices/quotes/{UNKNOWN}/{rest}").status_code == 404
        assert (
            console.get(f"/invoices/repeating/{UNKNOWN}/{rest if rest != 'pdf/' else ''}").status_code == 404
        )
    for rest in ("sending/", "versions/", "withdrawal/", "deletion/", "invoice/"):
        assert console.post(f"/invoices/quotes/{UNKNOWN}/{rest}").status_code == 404
    for rest in ("pause/", "pause/deletion/", "end/"):
        assert console.post(f"/invoices/repeating/{UNKNOWN}/{rest}").status_code == 404
