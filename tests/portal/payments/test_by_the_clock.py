"""Rules 9 and 10: what runs by the clock runs as often as it has to, from where it stopped."""

from datetime import timedelta
from typing import Any

import pytest
import stripe
import time_machine

from kit import clock
from portal.payments import domains, jobs
from portal.payments.models import Payment
from portal.payments.queries import balance_of
from portal.people.models import Client
from tenants.agencies.current import inside
from tenants.gateway import catching_up
from tenants.gateway.models import ConnectAccount, EventCursor
from tenants.jobs.jobs import AGENCY, PUBLIC, schedule
from tests.portal.payments.conftest import Till
from tests.running_jobs import run_jobs


@pytest.mark.parametrize(
    ("job", "seconds", "audience"),
    [
        ("payments.reconcile", 600, AGENCY),
        ("payments.compare", 86_400, AGENCY),
        ("gateway.catch_up", 86_400, PUBLIC),
        ("gateway.sweep", 15, PUBLIC),
    ],
)
def test_reconciling_is_scheduled(job: str, seconds: int, audience: str) -> None:
    assert (schedule[job].every_seconds, schedule[job].audience) == (seconds, audience)


def test_what_was_open_is_settled_by_the_scheduled_job(till: Till, maria: Client) -> None:
    payment = till.begun(maria)
    till.pay(payment)
    with inside(till.agency):
        Payment.objects.update(created_at="2026-01-01T00:00:00Z")
        jobs.reconcile.fn()
        assert balance_of(payment.payable) == {"EUR": 10_000}


def test_the_list_of_events_is_read_from_where_the_last_reading_began(till: Till, maria: Client) -> None:
    began = clock.now()
    catching_up.catch_up_with(till.account)
    assert began <= EventCursor.objects.get(account=till.account).read_until <= clock.now()
    till.pay(till.begun(maria))
    later = began + timedelta(days=9)
    EventCursor.objects.update(read_until=later)
    with time_machine.travel(later + timedelta(minutes=1), tick=True):
        catching_up.catch_up_with(till.account)
    first, second = (
        int(asked["params"]["created"]["gte"])
        for asked in till.stripe.requests("/v1/events")
        if asked["account"] == till.account and "created" in asked["params"]
    )
    assert abs(first - (began - timedelta(days=2)).timestamp()) < 5
    assert second == int((later - timedelta(hours=1)).timestamp())


def test_listed_events_find_their_agency_also_when_they_do_not_name_it(
    till: Till, maria: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever lists an account's events knows whose they are."""
    to_dict = stripe.Event.to_dict

    def nameless(event: stripe.Event, **more: Any) -> dict[str, Any]:
        return {name: value for name, value in to_dict(event, **more).items() if name != "account"}

    monkeypatch.setattr(stripe.Event, "to_dict", nameless)
    payment = till.begun(maria)
    till.pay(payment)
    assert catching_up.catch_up_with(till.account) > 0
    run_jobs()
    with inside(till.agency):
        assert balance_of(payment.payable) == {"EUR": 10_000}


def test_events_lost_for_a_week_are_found_account_by_account(till: Till, maria: Client) -> None:
    EventCursor.objects.create(account=till.account, read_until=clock.now() - timedelta(days=7))
    payment = till.begun(maria)
    till.pay(payment)
    assert catching_up.catch_up() > 0
    run_jobs()
    with inside(till.agency):
        assert balance_of(payment.payable) == {"EUR": 10_000}
    assert set(EventCursor.objects.values_list("account", flat=True)) >= {"", till.account}


def test_the_portals_host_is_made_known_once_so_that_wallets_show(till: Till) -> None:
    with inside(till.agency):
        jobs.compare.fn()
        assert domains.register() == []
    assert ConnectAccount.objects.get().hosts == [till.agency.host]
    [asked] = [r for r in till.stripe.requests("/v1/payment_method_domains") if r["account"] == till.account]
    assert asked["params"]["domain_name"] == till.agency.host
