"""Codes make an offer cheaper: shown before paying, counted, and taken off by Stripe as we said."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from infra.stripe_simulator.commands import Refused as NotPaid
from kit import clock
from kit.refused import Refused
from modules.subscriptions import operations
from modules.subscriptions.models import Coupon, Offer, Subscription
from modules.subscriptions.queries import tax_of
from portal.entitlements.queries import may_use
from portal.payments.operations import settle
from portal.payments.queries import balance_of
from portal.people.models import Client
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, inside
from tests.cast import console_browser, portal_browser
from tests.modules.subscriptions.scene import COURSE, Till, make_offer


def make_code(offer: Offer | None = None, **fields: Any) -> Coupon:
    usual: dict[str, Any] = {"code": "SPRING", "percent": Decimal(20)}
    return operations.create_coupon(offer=offer, by=None, **(usual | fields))


def pay(till: Till, bought: Subscription) -> Subscription:
    till.simulator.pay(till.account, operations.open_checkout(bought).session_id)
    bought.refresh_from_db()
    return operations.finish_checkout(bought)


def test_the_first_payment_is_cheaper_and_the_second_is_not(till: Till, care: Offer, tom: Client) -> None:
    with inside(till.agency):
        bought = operations.begin(care, client=tom, company=None, coupon=make_code(care))
        assert bought.off_minor == 980
        bought = pay(till, bought)
        assert (bought.minor, bought.upcoming_minor) == (4900, 4900)
        assert bought.bills.get().minor == 3920 and balance_of(bought.source) == {"EUR": 3920}
        till.simulator.advance(days=32)
        operations.mirror(str(bought.stripe_id))
        assert balance_of(bought.source) == {"EUR": 3920 + 4900}


def test_an_amount_off_every_payment_of_instalments(till: Till, tom: Client) -> None:
    with inside(till.agency):
        offer = make_offer(kind="instalments", instalments=3, minor=9900)
        code = make_code(percent=None, minor=1000, currency="EUR", lasts="forever")
        bought = operations.begin(offer, client=tom, company=None, coupon=code)
        bought = pay(till, bought)
        till.simulator.advance(days=64)
        bought = operations.mirror(str(bought.stripe_id)) or bought
        assert bought.state == "completed" and balance_of(bought.source) == {"EUR": 3 * 8900}


def test_a_single_payment_is_about_what_is_left(till: Till, tom: Client) -> None:
    with inside(till.agency):
        offer = make_offer(kind="one_time", minor=19000)
        bought = operations.begin(offer, client=tom, company=None, coupon=make_code(offer))
        payment = operations.pay_once(bought, client=tom)
        assert payment.minor == 15200
        till.simulator.pay(till.account, str(payment.session_id))
        settle(payment.uid)
        bought.refresh_from_db()
        assert bought.state == "active" and may_use(tom, COURSE)


def test_nothing_left_to_pay_opens_at_once(northwind: CurrentAgency, tom: Client) -> None:
    with inside(northwind):
        offer = make_offer(kind="one_time", minor=19000)
        code = make_code(offer, percent=Decimal(100))
        bought = operations.begin(offer, client=tom, company=None, coupon=code)
        assert bought.state == "active" and may_use(tom, COURSE)


def test_the_last_use_is_one(till: Till, care: Offer, tom: Client, charlie: Client, maria: Client) -> None:
    with inside(till.agency):
        code = make_code(care, most_uses=1)
        bought = operations.begin(care, client=tom, company=None, coupon=code)
        # Tom's checkout is open: it is his for as long as that.
        with pytest.raises(Refused) as refused:
            operations.begin(care, client=charlie, company=None, coupon=code)
        assert "used up" in refused.value.words
        operations.begin(care, client=tom, company=None, coupon=code)  # he himself may begin again
        pay(till, bought)
        with time_machine.travel(clock.now() + timedelta(days=9)), pytest.raises(Refused):
            operations.begin(care, client=charlie, company=None, coupon=code)
        with pytest.raises(Refused):
            operations.coupon_for("spring", care, owner=maria)


def test_a_checkout_that_was_left_gives_its_use_back(
    till: Till, care: Offer, tom: Client, charlie: Client
) -> None:
    with inside(till.agency):
        code = make_code(care, most_uses=1)
        left = operations.begin(care, client=tom, company=None, coupon=code)
        Subscription.objects.update(created_at=clock.now() - timedelta(days=2))
        bought = operations.begin(care, client=charlie, company=None, coupon=code)
        pay(till, bought)
        with pytest.raises(Refused):  # and Tom's old tab does not get it back
            operations.open_checkout(left)


def test_a_single_payment_that_was_left_loses_its_code_too(till: Till, tom: Client, charlie: Client) -> None:
    with inside(till.agency):
        offer = make_offer(kind="one_time", minor=19000)
        code = make_code(offer, most_uses=1)
        left = operations.begin(offer, client=tom, company=None, coupon=code)
        Subscription.objects.update(created_at=clock.now() - timedelta(days=2))
        operations.begin(offer, client=charlie, company=None, coupon=code)
        with pytest.raises(Refused) as refused:
            operations.pay_once(left, client=tom)
        assert "used up" in refused.value.words


@pytest.mark.parametrize(
    "change",
    [
        {"archived_at": clock.now()},
        {"until": clock.now().date() - timedelta(days=2)},
        {"percent": None, "minor": 500, "currency": "JPY"},
    ],
)
def test_a_code_that_does_not_count_is_refused(
    northwind: CurrentAgency, care: Offer, tom: Client, change: dict[str, Any]
) -> None:
    with inside(northwind):
        make_code(care)
        assert operations.coupon_for(" spring ", care, owner=tom).code == "SPRING"
        Coupon.objects.update(**change)
        with pytest.raises(Refused):
            operations.coupon_for("SPRING", care, owner=tom)


def test_a_code_of_another_offer_or_agency_is_unknown(
    northwind: CurrentAgency, harbour: CurrentAgency, care: Offer, plus: Offer, tom: Client
) -> None:
    with inside(harbour):
        make_code(code="HARBOUR")
    with inside(northwind):
        make_code(plus)
        for typed in ("SPRING", "HARBOUR", "", "\x00", "x" * 500):
            with pytest.raises(Refused):
                operations.coupon_for(typed, care, owner=tom)


def test_nobody_uses_a_code_twice(till: Till, care: Offer, tom: Client) -> None:
    with inside(till.agency):
        code = make_code(care)
        bought = operations.begin(care, client=tom, company=None, coupon=code)
        done = pay(till, bought)
        operations.cancel_now(done, by=None)  # type: ignore[arg-type]
        with pytest.raises(Refused) as refused:
            operations.begin(care, client=tom, company=None, coupon=code)
        assert "already" in refused.value.words


def test_the_client_sees_it_before_paying(till: Till, care: Offer, tom: Client) -> None:
    browser = portal_browser(till.agency, tom)
    at = f"/subscriptions/offers/{care.slug}/"
    assert "Do you have a code?" not in browser.get(at).content.decode()
    with inside(till.agency):
        make_code(care)
    assert "Do you have a code?" in browser.get(at).content.decode()
    page = browser.get(f"{at}?code=spring").content.decode()
    assert "€9.80 off the first payment" in page and "The first payment is €39.20" in page
    assert "does not work here" in browser.get(f"{at}?code=wrong").content.decode()
    assert browser.post(at, {"owner": "me", "code": "wrong"}).status_code == 422
    with inside(till.agency):
        assert not Subscription.objects.exists()
    response = browser.post(at, {"owner": "me", "code": "spring"})
    page = browser.get(response["Location"]).content.decode()
    assert "€49.00 a month, €9.80 off the first payment" in page
    with inside(till.agency):
        bought = Subscription.objects.get()
        with pytest.raises(NotPaid):
            till.simulator.pay(till.account, bought.session_id, "4000000000000002")


def test_staff_make_change_and_end_codes(northwind: CurrentAgency, alice: Account, care: Offer) -> None:
    browser, at = console_browser(alice), "/northwind/subscriptions/codes/"
    assert "Make a code" in browser.get(at).content.decode()
    sent = {"code": "spring", "offer": care.pk, "off": "12,5 %", "currency": "eur", "lasts": "once"}
    assert browser.post(f"{at}new/", sent).status_code == 302
    assert browser.post(f"{at}new/", sent | {"code": "TEN", "off": "10", "offer": ""}).status_code == 302
    page = browser.get(at).content.decode()
    assert "12.5 %, the first payment" in page and "€10.00" in page and "All offers" in page
    with inside(northwind):
        code = Coupon.objects.get(code="SPRING")
    assert browser.post(f"{at}{code.pk}/", {"most_uses": "3", "until": ""}).status_code == 302
    assert "0 of 3" in browser.get(at).content.decode()
    browser.post(f"{at}{code.pk}/end/")
    with inside(northwind):
        code.refresh_from_db()
        assert code.archived_at and code.most_uses == 3


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"code": "a b"}, "code"),
        ({"code": "taken"}, "code"),
        ({"off": "0 %"}, "off"),
        ({"off": "101 %"}, "off"),
        ({"off": "some"}, "off"),
        ({"off": "5", "currency": "eu"}, "currency"),
        ({"off": "5", "currency": "JPY"}, "currency"),
        ({"until": "2001-01-01"}, "until"),
        ({"most_uses": "0"}, "most_uses"),
        ({"offer": "0"}, "offer"),
    ],
)
def test_a_code_that_cannot_be_is_said_at_its_field(
    northwind: CurrentAgency, alice: Account, care: Offer, change: dict[str, str], field: str
) -> None:
    with inside(northwind):
        make_code(code="TAKEN")
    sent = {"code": "NEW", "offer": care.pk, "off": "5", "currency": "EUR", "lasts": "once"} | change
    response = console_browser(alice).post("/northwind/subscriptions/codes/new/", sent)
    assert response.status_code == 422 and field in response.context["form"].errors
    with inside(northwind):
        assert Coupon.objects.count() == 1


@pytest.mark.parametrize(
    ("included", "gross", "words"),
    [
        (True, 4900, "includes €7.82 VAT (19 %)"),
        (False, 5831, "€49.00 plus €9.31 VAT (19 %)"),
    ],
)
def test_tax_is_in_the_price_or_added_to_it(
    till: Till, tom: Client, included: bool, gross: int, words: str
) -> None:
    with inside(till.agency):
        offer = make_offer(tax_name="VAT", tax_percent=Decimal(19), tax_included=included)
        assert tax_of(offer) == words
        bought = till.buy(offer, tom)
        assert bought.minor == gross and balance_of(bought.source) == {"EUR": gross}
        operations.edit_offer(offer, by=None, tax_percent=Decimal(7))
        bought.refresh_from_db()
        assert bought.tax_percent == 19 and tax_of(bought).endswith("VAT (19 %)")
