"""Automatic payment on the pages of clients and of staff, and who is refused there."""

from typing import Any

import pytest

from infra.stripe_simulator.running import NO_FUNDS
from modules.invoices.models import Invoice, Mandate, Policy
from modules.invoices.queries import autopay as queries
from portal.people.models import Client, Staff
from tenants.accounts.models import Account
from tests.modules.deliverables.scene import visit_console, visit_portal
from tests.modules.invoices.automatic import (
    announced,
    run,
    saved_card,
)
from tests.portal.payments.conftest import Till


def page(answer: Any) -> str:
    return str(answer.content.decode())


def test_maria_sees_what_is_charged_when_and_switches_it_off(
    shop: Till, agreed: Invoice, maria: Client
) -> None:
    browser, here = visit_portal(shop.agency, maria), f"/invoices/{agreed.pk}/"
    words = page(browser.get(here))
    assert "Visa ending in 4242 is charged automatically" in words and "you need not do anything" in words
    assert "Pay €25.00: New website" not in page(browser.get("/")), "nobody waits for her"
    browser.post(f"{here}autopay/", {"on": "no"})
    assert not Mandate.objects.active().exists()
    assert "Pay automatically" in page(browser.get(here))
    assert browser.post(f"{here}autopay/", {"on": "yes"}).status_code == 302
    assert Mandate.objects.active().get().agreed_by == maria


def test_without_a_card_agreeing_leads_to_saving_one(shop: Till, four_parts: Invoice, maria: Client) -> None:
    answer = visit_portal(shop.agency, maria).post(f"/invoices/{four_parts.pk}/autopay/", {"on": "yes"})
    assert answer["Location"] == f"/payments/methods/?next=%2Finvoices%2F{four_parts.pk}%2F"
    words = page(visit_portal(shop.agency, maria).get(f"/invoices/{four_parts.pk}/"))
    assert "nothing is saved that could be charged" in words


def test_for_all_invoices_it_is_switched_beside_the_cards(
    shop: Till, agreed: Invoice, maria: Client, charlie: Client
) -> None:
    key = f"company-{agreed.company_id}"
    assert (
        visit_portal(shop.agency, charlie).post("/invoices/autopay/", {"owner": key, "on": "yes"}).status_code
        == 404
    )
    browser = visit_portal(shop.agency, maria)
    assert "Switch it on" in page(browser.get("/payments/methods/"))
    for owner in ("", "company-0", "client-1", "x"):
        assert browser.post("/invoices/autopay/", {"owner": owner, "on": "yes"}).status_code == 404
    browser.post("/invoices/autopay/", {"owner": key, "on": "yes"})
    assert Mandate.objects.active().filter(invoice=None).get().company_id == agreed.company_id
    assert "Switch it off" in page(browser.get("/payments/methods/"))
    browser.post("/invoices/autopay/", {"owner": key, "on": "no"})
    assert not Mandate.objects.active().filter(invoice=None).exists()


def test_staff_see_a_refusal_and_try_again_and_others_may_not(
    shop: Till, agreed: Invoice, maria: Client, alice: Account, hugo: Account
) -> None:
    day = announced(agreed)
    shop.stripe.set_card(shop.account, saved_card().stripe_id, NO_FUNDS)
    run(day)
    here = f"/invoices/{agreed.pk}/"
    staff = visit_console(shop.agency, alice)
    assert "insufficient_funds" in page(staff.get(here)) and "Try again now" in page(staff.get(here))
    assert "was refused. We try again on" in page(visit_portal(shop.agency, maria).get(here))
    for act in ("autopay/retry/", "autopay/deletion/", "terms/", "ways/"):
        assert visit_console(shop.agency, hugo).post(here + act).status_code == 404
        assert visit_portal(shop.agency, maria).post(here + act).status_code == 404
    assert "It was refused again" in page(staff.post(f"{here}autopay/retry/", follow=True))
    assert "less than an hour ago" in page(staff.post(f"{here}autopay/retry/", follow=True))
    staff.post(f"{here}autopay/deletion/")
    assert not Mandate.objects.active().exists()


def test_managers_say_what_holds_for_one_client(shop: Till, agreed: Invoice, alice: Account) -> None:
    staff, here = visit_console(shop.agency, alice), f"/invoices/{agreed.pk}/terms/"
    staff.post(here, {"autopay": "off"})
    assert queries.owner_policy(agreed.owner) == Policy.OFF
    assert "Choose one of the list" in page(staff.post(here, {"autopay": "now and then"}, follow=True))
    Staff.objects.update(role="member")
    assert staff.post(here, {"autopay": "required"}).status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [{"retry_after": "1, x"}, {"retry_after": "0"}, {"retry_after": "1,1,1,1,1,1,1"}, {"retry_after": "31"},
     {"notice_days": "0"}, {"notice_days": "31"}, {"plan_parts": "25"}, {"plan_first_percent": "91"},
     {"plan_days": "0"}, {"autopay": "maybe"}, {"plan_days": ""}],
)  # fmt: skip
def test_settings_outside_the_limits_are_field_errors(
    shop: Till, alice: Account, wrong: dict[str, str]
) -> None:
    usual = {"seller_name": "N", "seller_address": "A", "seller_country": "DE", "days_to_pay": "14",
             "remind_days_before": "3", "remind_days_after": "1", "late_fee_percent": "0", "late_fee_after_days": "14",
             "autopay": "opt_in", "notice_days": "3", "retry_after": "1, 3", "plan_parts": "6",
             "plan_first_percent": "20", "plan_days": "30"}  # fmt: skip
    staff = visit_console(shop.agency, alice)
    assert staff.post("/invoices/settings/", usual | wrong).status_code == 422
    assert staff.post("/invoices/settings/", usual).status_code == 302
