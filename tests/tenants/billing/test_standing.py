"""What an agency may do follows from what it bought and was given, and from the day."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail

from kit import clock
from tenants.agencies.current import CurrentAgency
from tenants.agencies.models import Agency, AgencyState
from tenants.billing import comps
from tenants.billing.models import AgencySubscription, BillingNotice, Status
from tenants.billing.refreshing import settle
from tenants.billing.standing import GRACE
from tenants.billing.walking import walk
from tenants.plans import Plan
from tenants.routing import hosts
from tests.cast import console_browser, portal_browser
from tests.running_jobs import run_jobs

DAY = timedelta(days=1)


def bought(agency: CurrentAgency, status: str, **values: object) -> AgencySubscription:
    """A row as a refresh would have written it."""
    row, _ = AgencySubscription.objects.get_or_create(agency_id=agency.id)
    fresh = {"status": status, "plan": Plan.GROWTH, "interval": "month", "stripe_subscription_id": "sub_1"}
    for name, value in (fresh | values).items():
        setattr(row, name, value)
    row.save()
    return row


def now_of(agency: CurrentAgency) -> tuple[Plan, AgencyState]:
    row = Agency.objects.get(pk=agency.id)
    return Plan(row.plan), AgencyState(row.state)


def subjects() -> list[str]:
    run_jobs()
    found = [str(message.subject) for message in mail.outbox]
    mail.outbox.clear()
    return found


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (Status.TRIALING, AgencyState.ACTIVE),
        (Status.ACTIVE, AgencyState.ACTIVE),
        (Status.PAST_DUE, AgencyState.PAST_DUE),
        (Status.UNPAID, AgencyState.READ_ONLY),
        (Status.CANCELED, AgencyState.READ_ONLY),
        (Status.INCOMPLETE, AgencyState.READ_ONLY),
        (Status.INCOMPLETE_EXPIRED, AgencyState.READ_ONLY),
        (Status.PAUSED, AgencyState.READ_ONLY),
    ],
)
def test_every_status_has_its_state(harbour: CurrentAgency, status: str, state: AgencyState) -> None:
    bought(harbour, status, past_due_since=clock.now() if status == Status.PAST_DUE else None)
    settle(harbour.id)
    assert now_of(harbour) == (Plan.GROWTH, state)


def test_who_never_bought_and_was_given_nothing_is_left_alone(harbour: CurrentAgency) -> None:
    settle(harbour.id)
    assert now_of(harbour) == (Plan.STARTER, AgencyState.ACTIVE)


def test_a_failed_first_payment_does_not_end_a_trial(harbour: CurrentAgency) -> None:
    Agency.objects.filter(pk=harbour.id).update(state=AgencyState.TRIAL, trial_ends_at=clock.now() + DAY)
    bought(harbour, Status.INCOMPLETE)
    settle(harbour.id)
    assert now_of(harbour) == (Plan.STARTER, AgencyState.TRIAL)


@pytest.mark.parametrize("state", [AgencyState.SUSPENDED, AgencyState.GONE])
def test_whom_an_operator_put_away_does_not_come_back_by_paying(
    harbour: CurrentAgency, state: AgencyState
) -> None:
    Agency.objects.filter(pk=harbour.id).update(state=state)
    bought(harbour, Status.ACTIVE)
    settle(harbour.id)
    assert now_of(harbour)[1] == state


def test_past_due_is_grace_then_read_only_and_every_step_is_told_once(northwind: CurrentAgency) -> None:
    began = clock.now()
    bought(northwind, Status.PAST_DUE, past_due_since=began)
    settle(northwind.id)
    walk()
    assert now_of(northwind)[1] == AgencyState.PAST_DUE
    assert subjects() == ["The payment for Northwind Studio did not go through"]
    with time_machine.travel(began + GRACE - 2 * DAY):
        walk()
        walk()
        assert now_of(northwind)[1] == AgencyState.PAST_DUE
        assert subjects() == ["Northwind Studio becomes read-only soon"]
    with time_machine.travel(began + GRACE + timedelta(minutes=1)):
        walk()
        walk()
        assert now_of(northwind)[1] == AgencyState.READ_ONLY
        assert subjects() == ["Northwind Studio is read-only now"]
    with time_machine.travel(began + GRACE + 80 * DAY):
        walk()
        walk()
        assert subjects() == ["Northwind Studio: export what you want to keep"]


def test_paying_in_grace_ends_it(northwind: CurrentAgency) -> None:
    bought(northwind, Status.PAST_DUE, past_due_since=clock.now() - 20 * DAY)
    settle(northwind.id)
    assert now_of(northwind)[1] == AgencyState.READ_ONLY
    bought(northwind, Status.ACTIVE, past_due_since=None)
    row = settle(northwind.id)
    assert now_of(northwind)[1] == AgencyState.ACTIVE and row.read_only_since is None


def test_a_lower_plan_begins_on_its_day_while_stripe_is_silent(northwind: CurrentAgency) -> None:
    day = clock.now() + 3 * DAY
    bought(northwind, Status.ACTIVE, pending_plan=Plan.STARTER, pending_from=day)
    settle(northwind.id)
    assert now_of(northwind)[0] == Plan.GROWTH
    with time_machine.travel(day + timedelta(seconds=1)):
        walk()
        assert now_of(northwind) == (Plan.STARTER, AgencyState.ACTIVE)


def test_a_gift_counts_until_its_end_and_then_the_portal_is_read_only(harbour: CurrentAgency) -> None:
    until = clock.now() + 10 * DAY
    comps.comp(harbour.id, plan=Plan.SCALE, until=until)
    assert now_of(harbour) == (Plan.SCALE, AgencyState.ACTIVE)
    with time_machine.travel(until - DAY):
        walk()
        assert subjects() == ["Your free Scale for Harbour & Co ends soon"]
    with time_machine.travel(until + timedelta(minutes=1)):
        walk()
        assert now_of(harbour)[1] == AgencyState.READ_ONLY


def test_a_gift_does_not_take_a_higher_plan_away_that_is_paid(harbour: CurrentAgency) -> None:
    bought(harbour, Status.ACTIVE, plan=Plan.SCALE)
    comps.comp(harbour.id, plan=Plan.GROWTH, until=clock.now() + DAY)
    assert now_of(harbour)[0] == Plan.SCALE


def test_after_a_gift_the_paid_plan_goes_on(harbour: CurrentAgency) -> None:
    bought(harbour, Status.ACTIVE, plan=Plan.GROWTH)
    comps.comp(harbour.id, plan=Plan.SCALE, until=clock.now() + DAY)
    assert now_of(harbour)[0] == Plan.SCALE
    comps.end_comp(harbour.id)
    assert now_of(harbour) == (Plan.GROWTH, AgencyState.ACTIVE)


@pytest.mark.parametrize("status", [Status.UNPAID, Status.CANCELED])
def test_clients_of_an_unpaid_agency_still_read_and_nobody_writes(
    northwind: CurrentAgency, maria: object, alice: object, status: str
) -> None:
    bought(northwind, status)
    settle(northwind.id)
    hosts.forget_all()
    portal = portal_browser(northwind, maria)  # type: ignore[arg-type]
    assert portal.get("/").status_code == 200
    assert portal.get("/deliverables/").status_code == 200
    assert portal.post("/profile/", {"display_name": "X"}).status_code == 403
    console = console_browser(alice)  # type: ignore[arg-type]
    assert console.get("/northwind/").status_code == 200
    assert console.post("/northwind/clients/new/", {"name": "X", "email": "x@x.example"}).status_code == 302
    assert "read-only" in console.get("/northwind/").content.decode()


def test_capabilities_follow_at_once(harbour: CurrentAgency) -> None:
    assert not hosts.by_slug("harbour").has("branding.domain")  # type: ignore[union-attr]
    bought(harbour, Status.ACTIVE, plan=Plan.SCALE)
    settle(harbour.id)
    assert hosts.by_slug("harbour").has("branding.domain")  # type: ignore[union-attr]


def test_notices_are_rows_of_the_same_transaction(northwind: CurrentAgency) -> None:
    bought(northwind, Status.PAST_DUE, past_due_since=clock.now())
    settle(northwind.id)
    assert [row.kind for row in BillingNotice.objects.all()] == ["past-due"]
