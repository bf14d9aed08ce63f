"""The demo's rows keep the constraints and fill every page."""

from modules.subscriptions.models import Subscription
from portal.demo import Cast
from portal.entitlements.models import Entitlement
from portal.people.models import Client, Company, Staff
from portal.registry import get
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, inside
from tests.cast import console_browser, portal_browser


def test_the_demo_has_something_of_each(northwind: CurrentAgency, tom: Client, alice: Account) -> None:
    module = get("subscriptions")
    assert module and module.demo
    with inside(northwind):
        cast = Cast(agency=northwind, staff=Staff.objects.get())
        cast.clients = list(Client.objects.filter(is_example=False).order_by("name"))
        cast.companies = list(Company.objects.all())
        module.demo(cast)
        assert set(Subscription.objects.values_list("state", flat=True)) == {
            "active",
            "past_due",
            "canceled",
        }
        assert Entitlement.objects.usable().exists()
        clients = list(cast.clients)
        rows = list(Subscription.objects.all())
    for client in clients:
        browser = portal_browser(northwind, client)
        for path in ("/", "/subscriptions/"):
            assert browser.get(path).status_code == 200
    for row in rows:
        response = console_browser(alice).get(f"/northwind/subscriptions/{row.pk}/")
        assert response.status_code == 200
