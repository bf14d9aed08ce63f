"""The real inbox and a real worker: what was bought is open within a second of Stripe's call."""

import time

import pytest

from infra.stripe_simulator.commands import SECRETS
from infra.stripe_simulator.running import Simulator
from tenants.accounts.models import Account
from tenants.agencies.current import inside
from tenants.agencies.models import Agency, AgencyState
from tenants.billing.models import AgencySubscription
from tenants.gateway.models import EventState, InboxEvent
from tenants.plans import Plan
from tests.cast import console_browser
from tests.processes import program, wait_until
from tests.tenants.billing.conftest import Desk
from tests.tenants.gateway.events import PLATFORM, send

WORKER = ("-m", "dramatiq", "config.worker", "--processes", "1", "--threads", "2")
APPROVALS = "deliverables.approve"
HEARD = ("customer.subscription.", "invoice.", "checkout.")
SECRET = SECRETS["platform"]


@pytest.fixture
def owner(committed_db: None, stripe: Simulator) -> Desk:
    Agency.objects.filter(slug="northwind").update(state=AgencyState.READ_ONLY, plan=Plan.STARTER)
    agency = Agency.objects.get(slug="northwind").current()
    return Desk(stripe, agency, console_browser(Account.objects.get(email="alice@northwind.example")))


def test_capabilities_follow_within_a_second_of_the_webhook(owner: Desk) -> None:
    with program(*WORKER, **owner.stripe.environment()):
        owner.buy(plan=2)
        first, *others = [one for one in owner.events() if one["type"].startswith(HEARD)]
        send(first, path=PLATFORM, secret=SECRET)  # the worker is awake from now on
        wait_until(lambda: InboxEvent.objects.filter(state=EventState.DONE).exists(), 60, "it is worked on")
        # As if only now something had been bought.
        AgencySubscription.objects.filter(agency_id=owner.agency.id).update(status="", plan=None)
        Agency.objects.filter(pk=owner.agency.id).update(state=AgencyState.READ_ONLY, plan=Plan.STARTER)
        began = time.monotonic()
        send(others[0], path=PLATFORM, secret=SECRET)
        wait_until(lambda: Agency.objects.get(pk=owner.agency.id).plan == Plan.GROWTH, 20, "it counts")
        took = time.monotonic() - began
        assert Agency.objects.get(pk=owner.agency.id).state == AgencyState.ACTIVE
        wait_until(lambda: "Upgrade to Scale" in owner.page(), 5, "the page says it")
    print(f"capabilities followed after {took:.2f} s, the page after {time.monotonic() - began:.2f} s")
    with inside(Agency.objects.get(pk=owner.agency.id)) as agency:
        assert agency.has(APPROVALS)
