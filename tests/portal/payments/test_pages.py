"""The pages: who may open them, what they say, what a browser may load on them."""

import re
from typing import Any

import pytest

from portal.payments import concerns, operations
from portal.payments.models import Concern, LedgerEntry, Payment, PaymentSettings
from portal.payments.queries import default_currency, transfer_words
from portal.people.models import Client, CompanyMembership, Right
from tenants.accounts.models import Account, Membership, Role
from tenants.agencies.current import CurrentAgency, inside
from tenants.gateway.models import ConnectAccount
from tests.cast import console_browser, portal_browser
from tests.portal.payments.conftest import Till

INDEX = "/northwind/payments/"


def csp_of(response: Any) -> dict[str, str]:
    parts = [part.strip().partition(" ") for part in response["Content-Security-Policy"].split(";")]
    return {name: value for name, _, value in parts}


def test_the_page_embeds_checkout_with_the_agencys_account_and_the_right_policy(
    till: Till, maria: Client
) -> None:
    payment = till.begun(maria)
    response = portal_browser(till.agency, maria).get(f"/payments/{payment.uid}/")
    page = response.content.decode()
    assert response.status_code == 200 and f'data-account="{till.account}"' in page
    assert re.search(rf'data-secret="{payment.session_id}_secret_\w+"', page) and "€100.00" in page
    assert "sk_test" not in page and "Portico" not in page and "nothing is charged" in page
    policy = csp_of(response)
    assert "https://js.stripe.com" in policy["script-src"] and till.stripe.pages in policy["script-src"]
    for origin in ("https://js.stripe.com", "https://hooks.stripe.com", "https://checkout.stripe.com"):
        assert origin in policy["frame-src"]
    assert response["Cache-Control"] == "private, no-store"
    other = csp_of(portal_browser(till.agency, maria).get("/"))
    assert "stripe" not in str(other) and till.stripe.pages not in str(other)


def test_charlie_and_strangers_and_other_agencies_see_nothing(
    till: Till, maria: Client, charlie: Client, tom: Client, harbour: CurrentAgency, ines: Client
) -> None:
    payment = till.begun(maria)
    for path in (f"/payments/{payment.uid}/", f"/payments/{payment.uid}/done/"):
        for client in (charlie, tom):
            assert portal_browser(till.agency, client).get(path).status_code == 404
        assert portal_browser(harbour, ines).get(path).status_code == 404
        assert portal_browser(till.agency).get(path).status_code == 302
    with inside(till.agency):
        assert not LedgerEntry.objects.exists()


def test_without_the_right_to_pay_even_the_one_who_began_sees_nothing_any_more(
    till: Till, maria: Client
) -> None:
    payment = till.begun(maria)
    with inside(till.agency):
        pk = int(payment.payable.rpartition(":")[2])
        CompanyMembership.objects.filter(client=maria, company=pk).update(rights=[Right.VIEW_MONEY])
    assert portal_browser(till.agency, maria).get(f"/payments/{payment.uid}/").status_code == 404


def test_a_paid_session_leads_on_and_a_silent_stripe_is_said(till: Till, maria: Client) -> None:
    payment = till.begun(maria)
    browser = portal_browser(till.agency, maria)
    till.stripe.fault("/v1/checkout/sessions", verb="GET", status=500, times=3)
    response = browser.get(f"/payments/{payment.uid}/")
    assert response.status_code == 503 and "Nothing was charged" in response.content.decode()
    till.stripe.fault("/v1/checkout/sessions", verb="GET", status=500, times=3)
    response = browser.get(f"/payments/{payment.uid}/done/")
    assert response.status_code == 200 and "please do not pay again" in response.content.decode()
    till.pay(payment)
    response = browser.get(f"/payments/{payment.uid}/", follow=True)
    assert "Paid, thank you" in response.content.decode()


@pytest.mark.parametrize("word", ["tests.bill:999999", "nobody.knows:1", "tests.bill:x", ""])
def test_payables_that_are_gone_are_404(till: Till, maria: Client, word: str) -> None:
    payment = till.begun(maria)
    with inside(till.agency):
        Payment.objects.filter(pk=payment.pk).update(payable=word)
    assert portal_browser(till.agency, maria).get(f"/payments/{payment.uid}/").status_code == 404


# --- the console -----------------------------------------------------------------------------------------


def test_connecting_goes_from_nothing_to_active_in_few_clicks(
    stripe_settings: Any, northwind: CurrentAgency, alice: Account
) -> None:
    browser = console_browser(alice)
    assert "Not connected" in browser.get(INDEX).content.decode()
    response = browser.post("/northwind/payments/stripe/", follow=True)
    assert "Choose the country of your business first" in response.content.decode()
    chosen = {"country": "DE", "currency": "EUR", "transfer_words": "IBAN DE89 …"}
    assert browser.post(INDEX, chosen).status_code == 302
    response = browser.post("/northwind/payments/stripe/")
    assert response.status_code == 302 and response["Location"].startswith(
        stripe_settings.pages + "/setup/acct_"
    )
    account = ConnectAccount.objects.get()
    assert "Not finished" in browser.get(INDEX).content.decode()
    assert browser.get("/northwind/payments/stripe/continue/")["Location"].startswith(stripe_settings.pages)
    assert ConnectAccount.objects.count() == 1, "a second click makes no second account"
    stripe_settings.onboard(account.stripe_account_id)
    page = browser.get("/northwind/payments/stripe/return/", follow=True).content.decode()
    assert "Your clients can pay by card" in page and "Germany" in page
    account.refresh_from_db()
    assert account.charges_enabled and (account.country, account.currency) == ("DE", "EUR")


def test_the_policy_of_this_page_lets_the_form_lead_to_stripe(
    stripe_settings: Any, northwind: CurrentAgency, alice: Account
) -> None:
    policy = csp_of(console_browser(alice).get(INDEX))
    assert "https://connect.stripe.com" in policy["form-action"]
    assert stripe_settings.pages in policy["form-action"]
    assert "stripe" not in csp_of(console_browser(alice).get("/northwind/"))["form-action"]


def test_when_stripe_says_no_the_page_says_so(
    stripe_settings: Any, northwind: CurrentAgency, alice: Account
) -> None:
    with inside(northwind):
        PaymentSettings.objects.create(pk=1, country="DE")
    stripe_settings.fault("/v2/core/accounts", status=500, times=3)
    page = console_browser(alice).post("/northwind/payments/stripe/", follow=True).content.decode()
    assert "Stripe does not answer" in page and "Not connected" in page


def test_a_taken_away_account_is_shown_and_can_be_connected_again(till: Till, alice: Account) -> None:
    till.stripe.deauthorize(till.account)
    browser = console_browser(alice)
    event = {
        "id": "evt_gone",
        "object": "event",
        "type": "account.application.deauthorized",
        "created": 1_767_225_600,
    }
    till.deliver([event | {"account": till.account, "livemode": False, "data": {"object": {"id": "ca_1"}}}])
    assert "Disconnected" in browser.get(INDEX).content.decode()
    browser.post(INDEX, {"country": "DE", "currency": "EUR", "transfer_words": ""})
    assert browser.post("/northwind/payments/stripe/").status_code == 302
    assert ConnectAccount.objects.get().stripe_account_id not in (None, till.account)


def test_transfer_words_and_currency_are_what_modules_read(northwind: CurrentAgency, alice: Account) -> None:
    with inside(northwind):
        assert (default_currency(), transfer_words()) == ("EUR", "")
    console_browser(alice).post(
        INDEX, {"country": "CH", "currency": "CHF", "transfer_words": "Bank A\r\nBIC B"}
    )
    with inside(northwind):
        assert (default_currency(), transfer_words()) == ("CHF", "Bank A\nBIC B")


@pytest.mark.parametrize(
    "wrong",
    [{"currency": "XXX"}, {"country": "ZZ"}, {"transfer_words": "x" * 2001}, {"transfer_words": "a\x00"}],
)
def test_bad_choices_are_field_errors(
    northwind: CurrentAgency, alice: Account, wrong: dict[str, str]
) -> None:
    usual = {"country": "DE", "currency": "EUR", "transfer_words": ""}
    assert console_browser(alice).post(INDEX, usual | wrong).status_code == 422


def test_members_and_other_agencies_may_not(till: Till, maria: Client, hugo: Account, alice: Account) -> None:
    payment = till.begun(maria)
    for path in (INDEX, f"{INDEX}{payment.uid}/", f"{INDEX}stripe/return/"):
        assert console_browser(hugo).get(path).status_code == 404
    assert console_browser(hugo).get(f"/harbour/payments/{payment.uid}/").status_code == 404
    Membership.objects.filter(account=alice).update(role=Role.MEMBER)
    with inside(till.agency):
        from portal.people.models import Staff

        Staff.objects.update(role="member")
    assert console_browser(alice).get(INDEX).status_code == 403
    assert console_browser(alice).post(f"{INDEX}{payment.uid}/", {"amount": "1"}).status_code == 403


def test_staff_give_money_back_and_see_what_moved(till: Till, maria: Client, alice: Account) -> None:
    payment = till.begun(maria)
    till.pay(payment)
    with inside(till.agency):
        operations.settle(payment.uid)
    browser, path = console_browser(alice), f"{INDEX}{payment.uid}/"
    assert browser.post(path, {"amount": "100.01"}).status_code == 422
    assert browser.post(path, {"amount": "abc"}).status_code == 422
    asked = browser.post(path, {"amount": "0,010"}), browser.post(path, {"amount": "1.000"})
    assert [answer.status_code for answer in asked] == [422, 422]
    assert "Is that 1000 or 1.000?" in asked[1].content.decode()
    response = browser.post(path, {"amount": "40,00", "reason": "late"}, follow=True)
    page = response.content.decode()
    assert "Refunded €40.00" in page and "\u2212€40.00" in page and "Alice Moreno" in page
    with inside(till.agency):
        assert LedgerEntry.objects.get(kind="refund").minor == -4_000


def test_what_waits_for_a_person_is_listed_and_resolved(till: Till, maria: Client, alice: Account) -> None:
    payment = till.begun(maria)
    with inside(till.agency):
        Payment.objects.filter(pk=payment.pk).update(minor=10_001)
    till.pay(payment)
    till.deliver()
    browser = console_browser(alice)
    page = browser.get(INDEX).content.decode()
    assert "not the one that was asked for" in page
    with inside(till.agency):
        concern = Concern.objects.get()
    browser.post(f"{INDEX}concerns/{concern.pk}/acceptance/")
    with inside(till.agency):
        assert LedgerEntry.objects.get().minor == 10_000 and concerns.waiting() == []
    assert browser.post(f"{INDEX}concerns/{concern.pk}/acceptance/").status_code == 404
    assert browser.post(f"{INDEX}concerns/99999/resolution/").status_code == 404
    assert browser.get(f"{INDEX}?after=rubbish").status_code == 404


def test_without_a_key_the_page_says_transfer_and_nothing_breaks(
    northwind: CurrentAgency, alice: Account, settings: Any
) -> None:
    settings.STRIPE_SECRET_KEY = ""
    page = console_browser(alice).get(INDEX).content.decode()
    assert "Your clients pay by transfer" in page
    response = console_browser(alice).post("/northwind/payments/stripe/", follow=True)
    assert response.status_code == 200 and "not set up on this installation" in response.content.decode()
    browser = console_browser(alice)
    browser.post(INDEX, {"country": "DE", "currency": "EUR", "transfer_words": ""})
    for path in ("stripe/", "stripe/look/"):
        assert browser.post(f"{INDEX}{path}").status_code == 302
    assert not ConnectAccount.objects.exists()
