"""What staff see and do: offers, subscribers, one subscription, the table for other programs."""

from typing import Any

import pytest

from modules.subscriptions import operations
from modules.subscriptions.models import Offer, Subscription
from portal.audit.models import AuditEntry
from portal.people.models import Client, Staff
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, inside
from tests.api.conftest import caller, key_for
from tests.cast import console_browser
from tests.modules.subscriptions.scene import Till, make_offer

AT = "/northwind/subscriptions/"
FIELDS = {
    "name": "Website care",
    "kind": "recurring",
    "price": "49",
    "currency": "eur",
    "every": "1",
    "interval": "month",
    "longest_pause_days": "30",
    "grants": "courses.course:12\n\n communities.community:3 ",
    "is_open": "on",
    "may_cancel": "on",
}


def words(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    return str(response.content.decode())


def test_an_offer_is_made_and_its_link_shown(northwind: CurrentAgency, alice: Account) -> None:
    browser = console_browser(alice)
    assert "Make your first offer" in words(browser.get(AT))
    response = browser.post(f"{AT}offers/new/", FIELDS)
    with inside(northwind):
        offer = Offer.objects.get()
        assert (offer.minor, offer.currency, offer.slug) == (4900, "EUR", "website-care")
        assert offer.grants == ["courses.course:12", "communities.community:3"] and offer.may_cancel
        assert AuditEntry.objects.filter(verb="subscriptions.offer_created").exists()
    page = words(browser.get(response["Location"]))
    assert f"{northwind.host}" in page and "/subscriptions/offers/website-care/" in page
    assert "Website care" in words(browser.get(f"{AT}offers/"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"price": ""},
        {"price": "4,9,0"},
        {"price": "12.3456"},
        {"price": "12.345"},
        {"currency": "e1r"},
        {"currency": ""},
        {"kind": "barter"},
        {"kind": "instalments"},
        {"every": "0"},
        {"every": "99999999999999999999"},
        {"grants": "all"},
        {"slug": "Ä ö"},
        {"price": "9" * 24},
        {"name": "\x00"},
    ],
)
def test_what_cannot_be_is_said_at_the_field(
    northwind: CurrentAgency, alice: Account, wrong: dict[str, str]
) -> None:
    response = console_browser(alice).post(f"{AT}offers/new/", FIELDS | wrong)
    assert response.status_code == 422
    with inside(northwind):
        assert not Offer.objects.exists()


def test_an_offer_is_edited_archived_and_restored(
    northwind: CurrentAgency, alice: Account, care: Offer
) -> None:
    browser = console_browser(alice)
    assert "49.00" in words(browser.get(f"{AT}offers/{care.pk}/"))
    browser.post(f"{AT}offers/{care.pk}/", FIELDS | {"name": "Care", "price": "59.50", "slug": "care"})
    with inside(northwind):
        care.refresh_from_db()
        assert care.minor == 5950
    browser.post(f"{AT}offers/{care.pk}/archive/")
    assert "Archived" in words(browser.get(f"{AT}offers/"))
    browser.post(f"{AT}offers/{care.pk}/restoration/")
    with inside(northwind):
        care.refresh_from_db()
        assert care.archived_at is None


def test_subscribers_are_found_filtered_and_exported(
    till: Till, care: Offer, tom: Client, maria: Client, alice: Account
) -> None:
    with inside(till.agency):
        Client.objects.filter(pk=tom.pk).update(name="=HYPERLINK(1)")
        toms = till.buy(care, Client.objects.get(pk=tom.pk))
        till.buy(care, maria, company=maria.companies.get())
        operations.cancel(toms, by=tom)
    browser = console_browser(alice)
    page = words(browser.get(AT))
    assert "Brightside" in page and "Ending" in page and "€98.00" in page
    assert "Brightside" not in words(browser.get(f"{AT}?which=ending"))
    assert "Brightside" in words(browser.get(f"{AT}?q=bright"))
    assert "Nobody fits" in words(browser.get(f"{AT}?q=nobody"))
    assert "Brightside" in words(browser.get(f"{AT}?which=nonsense&q=%00"))
    assert browser.get(f"{AT}?after=nonsense").status_code == 404
    table = browser.get(f"{AT}subscribers.csv").content.decode()
    assert "'=HYPERLINK(1)" in table and "49.00,EUR" in table and len(table.splitlines()) == 3


def test_staff_look_at_one_and_end_it(till: Till, care: Offer, tom: Client, alice: Account) -> None:
    with inside(till.agency):
        bought = till.buy(care, tom)
    browser, at = console_browser(alice), f"{AT}{bought.pk}/"
    page = words(browser.get(at))
    assert "€49.00" in page and "Visa •••• 4242" in page and "courses.course:12" in page
    browser.post(f"{at}cancellation/")
    assert "Keep it after all" in words(browser.get(at))
    browser.post(f"{at}cancellation/undo/")
    assert "Keep it after all" not in words(browser.get(at))
    browser.post(f"{at}end/")
    assert "Ended" in words(browser.get(at))
    assert "has ended already" in words(browser.post(f"{at}end/", follow=True))
    with inside(till.agency):
        assert Subscription.objects.get().state == "canceled"


def test_members_look_but_do_not_sell_or_end(till: Till, care: Offer, tom: Client, alice: Account) -> None:
    with inside(till.agency):
        bought = till.buy(care, tom)
        Staff.objects.update(role=Staff.Role.MEMBER)
    browser = console_browser(alice)
    assert "End it now" not in words(browser.get(f"{AT}{bought.pk}/"))
    for verb, path in [
        ("get", "offers/new/"),
        ("get", f"offers/{care.pk}/"),
        ("post", "offers/new/"),
        ("post", f"offers/{care.pk}/archive/"),
        ("post", f"offers/{care.pk}/restoration/"),
        ("post", f"{bought.pk}/cancellation/"),
        ("post", f"{bought.pk}/cancellation/undo/"),
        ("post", f"{bought.pk}/resumption/"),
        ("post", f"{bought.pk}/end/"),
    ]:
        assert getattr(browser, verb)(f"{AT}{path}").status_code == 403, (verb, path)
    listed = browser.get(f"{AT}offers/").content.decode()
    assert str(care) in listed and f"/offers/{care.pk}/" not in listed
    with inside(till.agency):
        assert Subscription.objects.get().state == "active"


def test_other_agencies_staff_find_nothing(till: Till, care: Offer, tom: Client, hugo: Account) -> None:
    with inside(till.agency):
        bought = till.buy(care, tom)
    browser = console_browser(hugo)
    for path in (f"{bought.pk}/", f"offers/{care.pk}/", "subscribers.csv"):
        assert browser.get(AT + path).status_code == 404
    assert browser.get(f"/harbour/subscriptions/{bought.pk}/").status_code == 404


def test_a_begun_checkout_is_no_subscriber(till: Till, care: Offer, tom: Client, alice: Account) -> None:
    with inside(till.agency):
        begun = operations.begin(care, client=tom, company=None)
    browser = console_browser(alice)
    assert "No subscribers yet" in words(browser.get(AT))
    assert browser.get(f"{AT}{begun.pk}/").status_code == 404


def test_a_long_list_costs_as_few_queries_as_a_short_one(
    northwind: CurrentAgency, alice: Account, django_assert_max_num_queries: Any
) -> None:
    with inside(northwind):
        offer = make_offer(kind="free", minor=0, currency="", grants=[])
        for number in range(60):
            client = Client.objects.create(name=f"Client {number}", email=f"c{number}@x.example")
            operations.begin(offer, client=client, company=None)
    browser = console_browser(alice)
    with django_assert_max_num_queries(30):
        page = words(browser.get(AT))
    assert "Client 59" in page and "Client 5<" not in page and "Older" in page


def test_programs_read_offers_and_subscriptions(
    till: Till, other_till: Till, care: Offer, tom: Client, ines: Client
) -> None:
    with inside(till.agency):
        bought = till.buy(care, tom)
        begun = operations.begin(make_offer(name="Other"), client=tom, company=None)
    with inside(other_till.agency):
        other_till.buy(make_offer(name="Theirs"), ines)
    call = caller(key_for(till.agency, "subscriptions:read"))
    (row,) = call("GET", "subscriptions/").json()["items"]
    assert (row["id"], row["state"], row["minor"], row["client_id"]) == (bought.pk, "active", 4900, tom.pk)
    assert call("GET", "subscriptions/?state=canceled").json()["items"] == []
    assert call("GET", f"subscriptions/{bought.pk}/").json()["bills"][0]["paid_minor"] == 4900
    assert call("GET", f"subscriptions/{begun.pk}/").status_code == 404
    names = [one["name"] for one in call("GET", "subscriptions/offers/").json()["items"]]
    assert names == ["Other", "Care"]
    assert caller(key_for(till.agency, "clients:read"))("GET", "subscriptions/").status_code == 403


def test_a_clients_page_shows_what_they_have(
    till: Till, alice: Account, care: Offer, tom: Client, charlie: Client
) -> None:
    with inside(till.agency):
        till.buy(care, tom)
    browser = console_browser(alice)
    assert "€49.00 a month" in words(browser.get(f"/northwind/clients/{tom.pk}/"))
    assert "€49.00 a month" not in words(browser.get(f"/northwind/clients/{charlie.pk}/"))


def test_staff_pause_for_a_client_and_members_do_not(
    till: Till, alice: Account, care: Offer, tom: Client
) -> None:
    with inside(till.agency):
        bought = till.buy(care, tom)
    browser, at = console_browser(alice), f"{AT}{bought.pk}/pause/"
    assert browser.post(at, {"days": "31"}).status_code == 422
    assert browser.post(at, {"days": "10"}).status_code == 302
    with inside(till.agency):
        bought.refresh_from_db()
        assert bought.state == "paused" and bought.paused_until
        Staff.objects.update(role=Staff.Role.MEMBER)
    assert browser.post(at, {"days": "10"}).status_code == 403
    assert browser.get(f"{AT}codes/new/").status_code == 403
    assert browser.post(f"{AT}offers/{care.pk}/price/").status_code == 403
    assert browser.post(f"{AT}offers/{care.pk}/invitations/", {"client": tom.pk}).status_code == 403
