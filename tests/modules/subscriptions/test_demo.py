"""The demo's rows keep the constraints and fill every page."""

import pytest

from kit import clock
from modules.subscriptions import operations
from modules.subscriptions.models import Offer, Subscription
from modules.subscriptions.queries import ladder_of
from portal.demo import Cast
from portal.entitlements.models import Entitlement
from portal.mail.models import Message
from portal.people.models import Client, Company, Staff
from portal.registry import get
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, inside
from tests.cast import console_browser, portal_browser
from tests.modules.subscriptions.scene import Till


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


def test_what_runs_in_the_demo_becomes_real_once_cards_can_be_taken(till: Till, tom: Client) -> None:
    module = get("subscriptions")
    assert module and module.demo and module.demo_paid
    with inside(till.agency):
        cast = Cast(agency=till.agency, staff=Staff.objects.get())
        cast.clients = list(Client.objects.filter(is_example=False).order_by("name"))
        cast.companies = list(Company.objects.all())
        module.demo(cast)
        module.demo_paid()
        module.demo_paid()  # the demo is started again
        late = Subscription.objects.get(state="past_due")
        assert late.bills.filter(state="open").get().minor == 4900 and ladder_of(late)
        with pytest.raises(operations.StripeFailed):
            operations.pay_late(late, client=late.buyer)
        step = operations.open_card_checkout(late, client=late.buyer)
        till.simulator.pay(till.account, step.reference)
        operations.finish_card(step)
        late.refresh_from_db()
        assert late.state == "active"
        real = Subscription.objects.get(stripe_id__isnull=False, minor=12900)
        assert (real.state, real.minor, real.method) == ("active", 12900, "Visa •••• 4242")
        assert real.bills.count() == 5 and real.tax_percent == 19
        changed = operations.change_plan(
            real,
            Offer.objects.get(slug="website-care"),
            client=real.buyer,
            at=int(clock.now().timestamp()),
        )
        assert changed.minor == 4900
        assert not Message.objects.filter(email="subscriptions.started").exists()
