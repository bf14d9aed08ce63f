"""Payment methods in the portal: who finds them, adding, choosing, removing."""

from typing import Any

import pytest

from infra.stripe_simulator.running import DECLINED, MASTERCARD, Refused
from portal.audit.models import AuditEntry
from portal.payments import methods, reconciling, saving
from portal.payments.models import LedgerEntry, SavedMethod, Saving
from portal.payments.queries import saved_methods
from portal.people.models import Client, CompanyMembership, Right
from tenants.agencies.current import CurrentAgency, inside
from tenants.gateway.client import stripe_client
from tests.cast import portal_browser
from tests.portal.payments.conftest import Till

INDEX = "/payments/methods/"


def brightside(till: Till, maria: Client) -> int:
    with inside(till.agency):
        return maria.companies.get().pk


def begun(till: Till, maria: Client, **more: str) -> Saving:
    """Maria presses the button; the attempt."""
    response = portal_browser(till.agency, maria).post(INDEX, {"company": brightside(till, maria)} | more)
    assert response.status_code == 302 and "/payments/methods/saving/" in response["Location"], response
    with inside(till.agency):
        return Saving.objects.latest("pk")


def added(till: Till, maria: Client, card: str = "4242424242424242") -> SavedMethod:
    """Maria adds a card and comes back."""
    attempt = begun(till, maria)
    till.stripe.pay(till.account, str(attempt.session_id), card)
    portal_browser(till.agency, maria).get(f"/payments/methods/saving/{attempt.uid}/done/")
    with inside(till.agency):
        return SavedMethod.objects.latest("pk")


def page(till: Till, client: Client) -> str:
    return str(portal_browser(till.agency, client).get(INDEX).content.decode())


def test_a_card_is_added_without_being_charged_and_the_words_are_kept(till: Till, maria: Client) -> None:
    assert "Nothing saved yet" in page(till, maria)
    method = added(till, maria)
    with inside(till.agency):
        assert (method.label, method.is_default, method.agreed_by_id) == (
            "Visa ending in 4242",
            True,
            maria.pk,
        )
        assert "to charge it for what I have agreed to pay" in method.mandate_words and method.mandate_version
        assert method.customer.company == maria.companies.get() and not LedgerEntry.objects.exists()
        assert AuditEntry.objects.filter(verb="payments.method_saved", actor_id=maria.pk).count() == 1
    assert "Visa ending in 4242" in page(till, maria)


def test_the_form_stands_in_our_page_and_leads_back_to_where_it_began(till: Till, maria: Client) -> None:
    attempt = begun(till, maria, next="/invoices/7/")
    browser = portal_browser(till.agency, maria)
    answer = browser.get(f"/payments/methods/saving/{attempt.uid}/")
    assert f'data-account="{till.account}"' in answer.content.decode() and "Nothing is charged now" in (
        answer.content.decode()
    )
    assert till.stripe.pages in answer["Content-Security-Policy"]
    done = f"/payments/methods/saving/{attempt.uid}/done/"
    assert "Nothing was saved" in browser.get(done, follow=True).content.decode()
    till.stripe.pay(till.account, str(attempt.session_id))
    assert browser.get(done)["Location"] == "/invoices/7/"
    with inside(till.agency):
        Saving.objects.filter(pk=attempt.pk).update(state="open")
    for _ in range(2):
        browser.get(done)
    with inside(till.agency):
        assert SavedMethod.objects.count() == 1


@pytest.mark.parametrize(
    "where", ["//evil.example/", "https://evil.example/", "javascript:alert(1)", "x" * 400]
)
def test_it_leads_nowhere_else(till: Till, maria: Client, where: str) -> None:
    assert begun(till, maria, next=where).return_path == INDEX


def test_a_refused_card_is_not_saved(till: Till, maria: Client) -> None:
    attempt = begun(till, maria)
    with pytest.raises(Refused):
        till.stripe.pay(till.account, str(attempt.session_id), DECLINED)
    with inside(till.agency):
        assert saving.finish(attempt.uid).state == "open" and not SavedMethod.objects.exists()


@pytest.mark.parametrize("how", ["webhook", "reconciliation"])
def test_who_never_comes_back_has_it_saved_all_the_same(till: Till, maria: Client, how: str) -> None:
    attempt = begun(till, maria)
    till.stripe.pay(till.account, str(attempt.session_id))
    if how == "webhook":
        till.deliver()
    else:
        with inside(till.agency):
            reconciling.reconcile()
    with inside(till.agency):
        attempt.refresh_from_db()
        assert attempt.state == "saved" and SavedMethod.objects.get().label == "Visa ending in 4242"


def test_the_newest_is_charged_until_another_is_chosen(till: Till, maria: Client) -> None:
    visa, master = added(till, maria), added(till, maria, MASTERCARD)
    with inside(till.agency):
        assert [one.pk for one in saved_methods(maria.companies.get())] == [master.pk, visa.pk]
    response = portal_browser(till.agency, maria).post(f"{INDEX}{visa.pk}/default/", follow=True)
    assert "is the one that is charged from now on" in response.content.decode()
    with inside(till.agency):
        assert SavedMethod.objects.get(is_default=True).pk == visa.pk


def test_a_removed_one_is_detached_and_the_next_is_charged(till: Till, maria: Client) -> None:
    visa, master = added(till, maria), added(till, maria, MASTERCARD)
    browser = portal_browser(till.agency, maria)
    for _ in range(2):
        browser.post(f"{INDEX}{master.pk}/removal/")
    assert len(till.stripe.requests(f"/v1/payment_methods/{master.stripe_id}/detach")) == 1
    with inside(till.agency):
        assert [one.pk for one in saved_methods(maria.companies.get())] == [visa.pk]
        assert SavedMethod.objects.get(is_default=True).pk == visa.pk
    assert browser.post(f"{INDEX}{master.pk}/default/").status_code == 404


def test_one_that_something_is_paid_with_stays(
    till: Till, maria: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    visa = added(till, maria)
    monkeypatch.setattr(methods, "_relying", [lambda method: ["Your plan is paid with it."]])
    response = portal_browser(till.agency, maria).post(f"{INDEX}{visa.pk}/removal/", follow=True)
    assert "Your plan is paid with it." in response.content.decode()
    assert till.stripe.requests(f"/v1/payment_methods/{visa.stripe_id}/detach") == []
    with inside(till.agency):
        assert SavedMethod.objects.filter(removed_at=None).exists()


def test_a_silent_stripe_does_not_keep_a_removed_card(till: Till, maria: Client) -> None:
    visa = added(till, maria)
    till.stripe.fault("/detach", status=500, times=3)
    assert portal_browser(till.agency, maria).post(f"{INDEX}{visa.pk}/removal/").status_code == 302
    with inside(till.agency):
        assert saved_methods(maria.companies.get()) == []


def test_strangers_and_who_may_not_pay_find_nothing(
    till: Till, maria: Client, charlie: Client, tom: Client, harbour: CurrentAgency, ines: Client
) -> None:
    visa, attempt = added(till, maria), begun(till, maria)
    with inside(till.agency):
        company = maria.companies.get().pk
        finance = Client.objects.create(email="viewer@client.example", name="Vera Viewer")
        CompanyMembership.objects.create(client=finance, company_id=company, rights=[Right.VIEW_MONEY])
    gets = (f"saving/{attempt.uid}/", f"saving/{attempt.uid}/done/")
    posts: tuple[tuple[str, dict[str, Any]], ...] = (
        ("", {"company": company}),
        (f"{visa.pk}/default/", {}),
        (f"{visa.pk}/removal/", {}),
    )
    strangers = [(till.agency, one) for one in (charlie, tom, finance)] + [(harbour, ines)]
    for agency, client in strangers:
        browser = portal_browser(agency, client)
        assert [browser.get(INDEX + path).status_code for path in gets] == [404, 404]
        assert visa.label not in browser.get(INDEX).content.decode()
        for path, form in posts[1:]:
            assert browser.post(INDEX + path, form).status_code == 404
    for client in (charlie, finance):
        assert portal_browser(till.agency, client).post(INDEX, posts[0][1]).status_code == 404
    assert portal_browser(till.agency, finance).get(INDEX).status_code == 404
    assert portal_browser(till.agency).get(INDEX).status_code == 302
    with inside(till.agency):
        assert [one.pk for one in SavedMethod.objects.filter(is_default=True)] == [visa.pk]


def test_who_loses_the_right_cannot_finish_what_it_began(till: Till, maria: Client) -> None:
    attempt = begun(till, maria)
    with inside(till.agency):
        maria.memberships.update(rights=[Right.VIEW_MONEY])
    browser = portal_browser(till.agency, maria)
    assert browser.get(f"/payments/methods/saving/{attempt.uid}/").status_code == 404


def test_the_profile_leads_there_for_who_may_pay(till: Till, maria: Client) -> None:
    assert INDEX in portal_browser(till.agency, maria).get("/profile/").content.decode()
    with inside(till.agency):
        maria.memberships.update(rights=[Right.VIEW_MONEY])
    assert INDEX not in portal_browser(till.agency, maria).get("/profile/").content.decode()


def test_without_cards_nothing_can_be_added_and_nothing_breaks(northwind: CurrentAgency, tom: Client) -> None:
    browser = portal_browser(northwind, tom)
    assert "takes no cards at the moment" in browser.get(INDEX).content.decode()
    assert "Card payments are not possible here" in browser.post(INDEX, follow=True).content.decode()


def test_one_that_was_saved_and_detached_elsewhere_is_followed(till: Till, maria: Client) -> None:
    added(till, maria)
    options: Any = {"stripe_account": till.account}
    with inside(till.agency):
        customer = str(SavedMethod.objects.get().customer.stripe_id)
    made = stripe_client().v1.payment_methods.attach("pm_card_mastercard", {"customer": customer}, options)
    till.deliver()
    till.deliver()
    with inside(till.agency):
        shown = [(one.label[-4:], one.is_default) for one in saved_methods(maria.companies.get())]
        assert shown == [("4242", True), ("4444", False)], "nobody agreed to the second one here"
    stripe_client().v1.payment_methods.detach(made.id, {}, options)
    till.deliver()
    with inside(till.agency):
        assert [one.label[-4:] for one in saved_methods(maria.companies.get())] == ["4242"]
