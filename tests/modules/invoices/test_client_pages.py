"""What clients see of invoices, what they may do, and what they are refused."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from modules.invoices import operations
from modules.invoices.models import BillingDetails, Invoice, TransferReport
from portal.agency import current_agency
from portal.people.models import Bundle, Client, Company, CompanyMembership, Staff
from tenants.agencies.current import CurrentAgency
from tests.modules.deliverables.scene import visit_portal
from tests.modules.invoices.scene import a_draft, fresh, issued

UNKNOWN = 987_654_321
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def at(invoice: Invoice, rest: str = "") -> str:
    return f"/invoices/{invoice.pk}/{rest}"


def page(response: Any) -> str:
    return str(response.content.decode())


def test_maria_finds_her_companys_invoice_and_reads_it(
    in_northwind: CurrentAgency, invoice: Invoice, maria: Client
) -> None:
    browser = visit_portal(in_northwind, maria)
    for path in ("/", "/invoices/", at(invoice)):
        words = page(browser.get(path))
        assert "New website" in words and "€100.00" in words, path
    assert "Pay €100.00: New website" in page(browser.get("/"))


def test_what_is_to_be_paid_is_that_of_the_chosen_company(
    in_northwind: CurrentAgency, invoice: Invoice, maria: Client, alice_staff: Staff
) -> None:
    oakley = Company.objects.get(name="Oakley")
    issued(oakley, alice_staff, 40_00)
    browser = visit_portal(in_northwind, maria)
    assert "To pay</dt><dd>€100.00" in page(browser.get(f"/invoices/?company={oakley.pk}")), "not theirs: all"
    CompanyMembership.objects.create(client=maria, company=oakley, bundle=Bundle.FINANCE)
    for chosen, words in (
        ("", "To pay, 2 invoices</dt><dd>€140.00"),
        (f"?company={oakley.pk}", "To pay</dt><dd>€40.00"),
        (f"?company={invoice.company_id}", "To pay</dt><dd>€100.00"),
    ):
        assert words in page(browser.get(f"/invoices/{chosen}")), chosen


def test_opening_it_is_remembered_once(in_northwind: CurrentAgency, invoice: Invoice, maria: Client) -> None:
    assert invoice.viewed_at is None
    visit_portal(in_northwind, maria).get(at(invoice))
    first = fresh(invoice).viewed_at
    visit_portal(in_northwind, maria).get(at(invoice))
    assert first is not None and fresh(invoice).viewed_at == first


ADDRESSES = ("", "pdf/", "receipt/", "transfers/", "credit-notes/1/", "transfers/1/proof/")


@pytest.mark.parametrize("rest", ADDRESSES)
def test_strangers_get_the_404_of_nothing(
    in_northwind: CurrentAgency, invoice: Invoice, charlie: Client, tom: Client, rest: str
) -> None:
    for stranger in (charlie, tom):
        browser = visit_portal(in_northwind, stranger)
        nowhere = browser.get(f"/invoices/{UNKNOWN}/{rest}")
        foreign = browser.get(at(invoice, rest))
        assert (foreign.status_code, foreign.content) == (404, nowhere.content)
    assert fresh(invoice).viewed_at is None


def test_strangers_cannot_pay_or_report(
    in_northwind: CurrentAgency, invoice: Invoice, charlie: Client
) -> None:
    browser = visit_portal(in_northwind, charlie)
    assert browser.post(at(invoice, "payments/"), {"choice": "all"}).status_code == 404
    assert browser.post(at(invoice, "transfers/"), {"minor": "1", "paid_on": "2026-01-01"}).status_code == 404
    assert "New website" not in page(browser.get("/invoices/"))
    assert "New website" not in page(browser.get("/invoices/statement/"))


def test_another_agencys_client_finds_nothing(
    in_northwind: CurrentAgency, invoice: Invoice, harbour: CurrentAgency, ines: Client
) -> None:
    assert visit_portal(harbour, ines).get(at(invoice)).status_code == 404


def test_a_colleague_without_the_right_to_see_money_sees_none(
    in_northwind: CurrentAgency, invoice: Invoice, maria: Client
) -> None:
    maria.memberships.update(rights=["approve"])
    browser = visit_portal(in_northwind, maria)
    assert browser.get(at(invoice)).status_code == 404
    assert "New website" not in page(browser.get("/")) + page(browser.get("/invoices/"))


def test_who_may_look_but_not_pay_has_no_button(
    in_northwind: CurrentAgency, invoice: Invoice, maria: Client
) -> None:
    maria.memberships.update(rights=["view_money"])
    browser = visit_portal(in_northwind, maria)
    words = page(browser.get(at(invoice)))
    assert "paying is with others" in words and "I have paid" not in words
    assert browser.get(at(invoice, "transfers/")).status_code == 404
    assert "Pay €100.00" not in page(browser.get("/"))


def test_drafts_and_scheduled_ones_are_not_there(
    in_northwind: CurrentAgency, draft: Invoice, maria: Client, alice_staff: Staff
) -> None:
    browser = visit_portal(in_northwind, maria)
    assert browser.get(at(draft)).status_code == 404
    operations.schedule(draft, on=current_agency().today() + timedelta(days=2), by=alice_staff)
    assert browser.get(at(draft)).status_code == 404
    assert "New website" not in page(browser.get("/invoices/"))


def test_i_have_paid_with_a_proof_waits_for_staff(
    in_northwind: CurrentAgency, invoice: Invoice, maria: Client
) -> None:
    browser = visit_portal(in_northwind, maria)
    today = current_agency().today()
    sent = {"minor": "100.00", "paid_on": str(today), "note": "From our main account"}
    proof = SimpleUploadedFile("slip.pdf", PDF, "application/pdf")
    response = browser.post(at(invoice, "transfers/"), {**sent, "proof": proof})
    assert response.status_code == 302
    told = TransferReport.objects.get()
    assert (told.minor, told.client, told.proof is not None) == (100_00, maria, True)
    assert "You told us on" in page(browser.get(at(invoice)))
    assert browser.get(at(invoice, f"transfers/{told.pk}/proof/")).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [{"minor": "0"}, {"minor": "abc"}, {"minor": "1.0055"}, {"paid_on": "2999-01-01"}, {"note": "x" * 301}],
)
def test_a_report_that_cannot_be_comes_back_with_the_reason(
    in_northwind: CurrentAgency, invoice: Invoice, maria: Client, wrong: dict[str, str]
) -> None:
    sent = {"minor": "5", "paid_on": "2026-01-01"} | wrong
    response = visit_portal(in_northwind, maria).post(at(invoice, "transfers/"), sent)
    assert response.status_code == 422 and "field__error" in page(response)
    assert not TransferReport.objects.exists()


def test_a_proof_of_another_kind_is_refused(
    in_northwind: CurrentAgency, invoice: Invoice, maria: Client
) -> None:
    proof = SimpleUploadedFile("slip.html", b"<script>1</script>", "text/html")
    sent = {"minor": "5", "paid_on": "2026-01-01", "proof": proof}
    assert visit_portal(in_northwind, maria).post(at(invoice, "transfers/"), sent).status_code == 422


def test_without_cards_paying_says_so_instead_of_breaking(
    in_northwind: CurrentAgency, invoice: Invoice, maria: Client
) -> None:
    browser = visit_portal(in_northwind, maria)
    for choice in ("all", "next", "nonsense", ""):
        assert browser.post(at(invoice, "payments/"), {"choice": choice}).status_code == 302
    assert "message--error" in page(browser.get(at(invoice)))


def test_the_list_is_filtered_and_paged_by_key(
    in_northwind: CurrentAgency, invoice: Invoice, maria: Client, alice_staff: Staff
) -> None:
    for number in range(30):
        issued(maria.companies.get(), alice_staff, title=f"No {number}")
    operations.mark_paid(invoice, minor=100_00, note="", by=alice_staff)
    browser = visit_portal(in_northwind, maria)
    assert "New website" in page(browser.get("/invoices/?show=paid"))
    assert "New website" not in page(browser.get("/invoices/?show=open"))
    first = browser.get("/invoices/")
    assert "No 29" in page(first) and "New website" not in page(first)
    second = browser.get(f"/invoices/?after={first.context['next_cursor']}")
    assert "New website" in page(second) and "No 29" not in page(second)
    assert browser.get("/invoices/?after=nonsense").status_code == 404
    assert browser.get("/invoices/?show=nonsense").status_code == 200


def test_a_page_asks_no_more_with_many_invoices(
    in_northwind: CurrentAgency, invoice: Invoice, maria: Client, alice_staff: Staff
) -> None:
    def questions(path: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(path).status_code == 200
        return sum("invoices_" in query["sql"] for query in asked.captured_queries)

    browser = visit_portal(in_northwind, maria)
    paths = ("/invoices/", at(invoice), "/invoices/statement/")
    operations.mark_paid(invoice, minor=10_00, note="", by=alice_staff)
    browser.get(at(invoice))  # the first time it is noted as opened
    before = [questions(path) for path in paths]
    for _ in range(12):
        other = issued(maria.companies.get(), alice_staff)
        operations.mark_paid(other, minor=10_00, note="", by=alice_staff)
    assert [questions(path) for path in paths] == before


def test_the_statement_adds_up(
    in_northwind: CurrentAgency, invoice: Invoice, maria: Client, alice_staff: Staff
) -> None:
    operations.mark_paid(invoice, minor=40_00, note="", by=alice_staff, client=maria)
    operations.credit(invoice, minor=10_00, reason="Late", by=alice_staff)
    void = issued(maria.companies.get(), alice_staff, title="Wrong one")
    operations.void(void, reason="Wrong", by=alice_staff)
    response = visit_portal(in_northwind, maria).get("/invoices/statement/")
    statement = response.context["statement"]
    assert [line.minor for line in statement.lines] == [100_00, -40_00, -10_00, 100_00, -100_00]
    assert [line.words for line in statement.lines][-2:] == ["Wrong one", "Void"]
    assert statement.closing_minor == 50_00 == statement.end_minor == fresh(invoice).due_minor
    assert "Transfer, Maria Silva" in page(response)


def test_a_statement_of_wrong_days_says_so(
    in_northwind: CurrentAgency, invoice: Invoice, maria: Client
) -> None:
    browser = visit_portal(in_northwind, maria)
    for query in ("start=2026-02-01&end=2026-01-01&currency=EUR", "start=x&end=&currency=XXX"):
        assert browser.get(f"/invoices/statement/?{query}").status_code == 422
    assert browser.get("/invoices/statement/?start=0001-01-01&end=9999-12-31&currency=EUR").status_code == 200


def test_a_client_changes_its_own_billing_address_only(
    in_northwind: CurrentAgency, invoice: Invoice, maria: Client, charlie: Client
) -> None:
    sent = {"name": "Brightside Ltd", "address": "1 High St", "country": "gb", "tax_id": "GB1"}
    browser = visit_portal(in_northwind, maria)
    assert browser.post("/invoices/details/", sent).status_code == 302
    assert BillingDetails.objects.get().company == maria.companies.get()
    foreign = f"/invoices/details/?company={charlie.companies.get().pk}"
    browser.post(foreign, sent | {"name": "Mine now"})
    assert not BillingDetails.objects.filter(company=charlie.companies.get()).exists()
    assert browser.post("/invoices/details/", sent | {"country": "Germany"}).status_code == 422
    assert fresh(invoice).buyer["name"] == "Brightside"


def test_what_is_typed_is_shown_as_typed(
    in_northwind: CurrentAgency, maria: Client, alice_staff: Staff
) -> None:
    draft = a_draft(maria.companies.get(), alice_staff, title="<script>alert(1)</script>")
    sent = operations.issue(draft, by=alice_staff)
    words = page(visit_portal(in_northwind, maria).get(at(sent)))
    assert "<script>alert" not in words and "&lt;script&gt;" in words
