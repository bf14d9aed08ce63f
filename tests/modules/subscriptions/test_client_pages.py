"""What clients see and do on their pages; Charlie sees and does nothing."""

from typing import Any
from urllib.parse import quote

import pytest

from infra.stripe_simulator.running import MASTERCARD
from modules.subscriptions import operations
from modules.subscriptions.models import Offer, Step, Subscription
from modules.subscriptions.operations import mirroring
from portal.people.models import Bundle, Client, CompanyMembership
from tenants.agencies.current import CurrentAgency, inside
from tests.cast import portal_browser
from tests.modules.subscriptions.scene import Till, make_offer


@pytest.fixture
def running(till: Till, care: Offer, maria: Client) -> Subscription:
    """Brightside's subscription, bought by Maria."""
    with inside(till.agency):
        return till.buy(care, maria, company=maria.companies.get())


def words(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    return str(response.content.decode())


def test_the_link_of_an_offer_survives_the_sign_in(northwind: CurrentAgency, care: Offer) -> None:
    response = portal_browser(northwind).get("/subscriptions/offers/care/")
    assert response.status_code == 302
    assert response["Location"] == "/sign-in/?next=" + quote("/subscriptions/offers/care/", safe="")


def test_from_the_link_to_the_paid_page(till: Till, care: Offer, tom: Client) -> None:
    browser = portal_browser(till.agency, tom)
    page = words(browser.get("/subscriptions/offers/care/"))
    assert "€49.00 a month" in page and "Go on to the payment" in page
    response = browser.post("/subscriptions/offers/care/", {"owner": "me"})
    with inside(till.agency):
        bought = Subscription.objects.get()
    assert response["Location"] == f"/subscriptions/{bought.pk}/checkout/"
    response = browser.get(response["Location"])
    assert 'data-account="' + till.account in words(response) and "€49.00 a month" in words(response)
    assert till.simulator.pages in response["Content-Security-Policy"]
    with inside(till.agency):
        bought.refresh_from_db()
    assert "Not paid yet" in words(browser.get(f"/subscriptions/{bought.pk}/checkout/done/"))
    till.simulator.pay(till.account, bought.session_id)
    response = browser.get(f"/subscriptions/{bought.pk}/checkout/done/")
    assert response["Location"] == f"/subscriptions/{bought.pk}/"
    page = words(browser.get(response["Location"]))
    assert "Thank you" in page and "Visa •••• 4242" in page and "Next payment" in page
    # Back in an older tab: nothing is paid twice.
    assert browser.get(f"/subscriptions/{bought.pk}/checkout/").status_code == 302


def test_who_comes_back_while_events_are_written_sees_what_they_wrote(
    till: Till, care: Offer, tom: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = portal_browser(till.agency, tom)
    with inside(till.agency):
        bought = operations.begin(care, client=tom, company=None)
        till.simulator.pay(till.account, operations.open_checkout(bought).session_id)
    monkeypatch.setattr(mirroring, "TRIES", 0)  # others were quicker each time
    done = f"/subscriptions/{bought.pk}/checkout/done/"
    assert "Not paid yet" in words(browser.get(done))
    monkeypatch.undo()
    till.hear()
    monkeypatch.setattr(mirroring, "TRIES", 0)
    assert browser.get(done)["Location"] == f"/subscriptions/{bought.pk}/"


def test_a_buyer_with_a_company_chooses_for_whom(till: Till, care: Offer, maria: Client) -> None:
    browser = portal_browser(till.agency, maria)
    assert "Brightside" in words(browser.get("/subscriptions/offers/care/"))
    with inside(till.agency):
        company = maria.companies.get()
    assert browser.post("/subscriptions/offers/care/", {"owner": "987654"}).status_code == 200
    browser.post("/subscriptions/offers/care/", {"owner": str(company.pk)})
    with inside(till.agency):
        assert Subscription.objects.get().company == company


def test_active_and_past_stand_apart(till: Till, running: Subscription, maria: Client) -> None:
    browser = portal_browser(till.agency, maria)
    page = words(browser.get("/subscriptions/"))
    assert "What you have" in page and "What you had" not in page
    assert "Care" in words(browser.get("/"))
    with inside(till.agency):
        from portal.people.models import Staff

        operations.cancel_now(running, by=Staff.objects.get())
    page = words(browser.get("/subscriptions/"))
    assert "What you have" not in page and "What you had" in page
    page = words(browser.get(f"/subscriptions/{running.pk}/"))
    assert "€49.00" in page and "Cancel" not in page.replace("Cancelled", "")


def test_cancel_with_a_reason_and_keep_it_after_all(till: Till, running: Subscription, maria: Client) -> None:
    browser, at = portal_browser(till.agency, maria), f"/subscriptions/{running.pk}/"
    assert "It runs until" in words(browser.get(f"{at}cancellation/"))
    browser.post(f"{at}cancellation/", {"reason": "Too dear"})
    page = words(browser.get(at))
    assert "This ends on" in page and "Keep it after all" in page and "Too dear" in page
    browser.post(f"{at}cancellation/undo/")
    assert "This ends on" not in words(browser.get(at))


def test_a_plan_is_changed_for_the_shown_price(
    till: Till, running: Subscription, plus: Offer, maria: Client
) -> None:
    browser, at = portal_browser(till.agency, maria), f"/subscriptions/{running.pk}/"
    assert "Care plus" in words(browser.get(f"{at}plans/"))
    response = browser.get(f"{at}plans/{plus.pk}/")
    assert "Due now" in words(response)
    moment = response.context["preview"].at
    assert browser.post(f"{at}plans/{plus.pk}/", {"at": "5"}).status_code == 422
    assert browser.post(f"{at}plans/{plus.pk}/", {"at": "soon"}).status_code == 422
    assert browser.post(f"{at}plans/{plus.pk}/", {"at": moment}).status_code == 302
    assert "€129.00 a month" in words(browser.get(at))


def test_pause_and_go_on(till: Till, running: Subscription, maria: Client) -> None:
    browser, at = portal_browser(till.agency, maria), f"/subscriptions/{running.pk}/"
    assert browser.post(f"{at}pause/", {"days": "99"}).status_code == 422
    assert browser.post(f"{at}pause/", {"days": "10"}).status_code == 302
    assert "Paused until" in words(browser.get(at))
    browser.post(f"{at}resumption/")
    assert "Paused until" not in words(browser.get(at))


def test_another_card(till: Till, running: Subscription, maria: Client) -> None:
    browser, at = portal_browser(till.agency, maria), f"/subscriptions/{running.pk}/"
    response = browser.post(f"{at}card/")
    with inside(till.agency):
        step = Step.objects.get(kind=Step.Kind.CARD)
    assert response["Location"] == f"{at}card/{step.pk}/"
    assert "data-secret" in words(browser.get(response["Location"]))
    till.simulator.pay(till.account, step.reference, MASTERCARD)
    browser.get(f"{at}card/{step.pk}/done/")
    assert "Mastercard •••• 4444" in words(browser.get(at))


def addresses(subscription: Subscription, offer: Offer, step: int) -> list[tuple[str, str]]:
    at = f"/subscriptions/{subscription.pk}/"
    looks = ["", "checkout/", "checkout/done/", "plans/", f"plans/{offer.pk}/", "pause/", "cancellation/"]
    looks += [f"card/{step}/", f"card/{step}/done/"]
    posts = ["cancellation/", "cancellation/undo/", "pause/", "resumption/", "card/", "payment/"]
    posts += [f"plans/{offer.pk}/"]
    return [("get", at + path) for path in looks] + [("post", at + path) for path in posts]


def test_charlie_finds_nothing_and_asks_stripe_nothing(
    till: Till, running: Subscription, plus: Offer, maria: Client, charlie: Client, tom: Client
) -> None:
    with inside(till.agency):
        step = operations.open_card_checkout(running, client=maria)
        company = maria.companies.get()
        CompanyMembership.objects.create(client=tom, company=company, bundle=Bundle.MEMBER)
    asked = len(till.simulator.requests())
    for client in (charlie, tom):
        browser = portal_browser(till.agency, client)
        for verb, path in addresses(running, plus, step.pk):
            response = getattr(browser, verb)(path, {"days": "3", "at": "5"})
            assert response.status_code == 404, (client, verb, path, response.status_code)
        assert "Care" not in words(browser.get("/subscriptions/"))
    assert len(till.simulator.requests()) == asked


def test_who_sees_the_money_but_may_not_pay_reads_only(
    till: Till, running: Subscription, plus: Offer, maria: Client, tom: Client
) -> None:
    with inside(till.agency):
        step = operations.open_card_checkout(running, client=maria)
        CompanyMembership.objects.create(
            client=tom, company=maria.companies.get(), bundle=Bundle.VIEWER, rights=["view_money"]
        )
    browser = portal_browser(till.agency, tom)
    page = words(browser.get(f"/subscriptions/{running.pk}/"))
    assert "€49.00" in page and "Change plan" not in page and "Cancel" not in page
    for verb, path in addresses(running, plus, step.pk)[1:]:
        response = getattr(browser, verb)(path, {"days": "3", "at": "5", "reason": "x"})
        assert response.status_code in (302, 404), (verb, path, response.status_code)
    with inside(till.agency):
        running.refresh_from_db()
        assert running.state == "active" and not running.is_ending
        assert set(running.steps.values_list("kind", flat=True)) == {"card"}


def test_another_agencys_client_finds_nothing(
    till: Till, running: Subscription, care: Offer, harbour: CurrentAgency, ines: Client
) -> None:
    browser = portal_browser(harbour, ines)
    assert browser.get(f"/subscriptions/{running.pk}/").status_code == 404
    assert browser.get("/subscriptions/offers/care/").status_code == 404


def test_listed_offers_are_found_and_others_only_by_link(
    northwind: CurrentAgency, care: Offer, tom: Client
) -> None:
    browser = portal_browser(northwind, tom)
    page = words(browser.get("/subscriptions/"))
    assert "Care" not in page and "No subscriptions yet" in page
    with inside(northwind):
        operations.edit_offer(care, by=None, is_listed=True)
    assert "€49.00 a month" in words(browser.get("/subscriptions/"))
    with inside(northwind):
        operations.edit_offer(care, by=None, is_open=False)
    assert "Care" not in words(browser.get("/subscriptions/"))
    assert browser.get("/subscriptions/offers/care/").status_code == 404


def test_without_cards_the_page_says_so(northwind: CurrentAgency, care: Offer, tom: Client) -> None:
    browser = portal_browser(northwind, tom)
    assert "not open here yet" in words(browser.get("/subscriptions/offers/care/"))
    assert browser.post("/subscriptions/offers/care/", {"owner": "me"}).status_code == 422


def test_a_free_offer_is_one_tap(northwind: CurrentAgency, tom: Client) -> None:
    with inside(northwind):
        make_offer(name="Circle", kind="free", minor=0, currency="")
    browser = portal_browser(northwind, tom)
    response = browser.post("/subscriptions/offers/circle/", {"owner": "me"})
    assert "You have Circle now" in words(browser.get(response["Location"]))
    assert browser.post("/subscriptions/offers/circle/", {"owner": "me"}).status_code == 422


def test_who_has_a_plan_is_led_to_the_change_instead_of_a_second_one(
    till: Till, care: Offer, plus: Offer, tom: Client
) -> None:
    with inside(till.agency):
        operations.edit_offer(plus, by=None, is_listed=True)
    browser = portal_browser(till.agency, tom)
    assert "Care plus" in browser.get("/subscriptions/").content.decode()
    with inside(till.agency):
        bought = till.buy(care, tom)
    assert "Care plus" not in browser.get("/subscriptions/").content.decode()
    page = browser.get(f"/subscriptions/offers/{plus.slug}/").content.decode()
    assert "instead of paying for both" in page
    assert f"/subscriptions/{bought.pk}/plans/{plus.pk}/" in page
