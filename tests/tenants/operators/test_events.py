"""Operators see Stripe's events that nobody could work on, and try them again; drift wakes them."""

from django.test import Client as Browser

from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency
from tenants.gateway.models import ConnectAccount, EventState, InboxEvent
from tenants.operators import alerts
from tests.cast import console_browser
from tests.running_jobs import queued
from tests.tenants.gateway.events import event

PAGE = "/operators/stripe/"


def failed() -> InboxEvent:
    found = event()
    return InboxEvent.objects.create(
        event_id=found["id"], endpoint="connect", type=found["type"], account="acct_x", livemode=False,
        created="2026-01-01T00:00:00Z", payload=found, state=EventState.FAILED, error="RuntimeError: no luck",
    )  # fmt: skip


def test_a_failed_event_is_shown_without_its_payload_and_tried_again(otto_browser: Browser) -> None:
    row = failed()
    page = otto_browser.get(PAGE).content.decode()
    assert "no luck" in page and "pi_1" not in page
    assert otto_browser.post(f"{PAGE}{row.pk}/another-try/").status_code == 302
    assert queued() == ["gateway.apply_event"]
    assert otto_browser.post(f"{PAGE}{row.pk}/another-try/").status_code == 404
    assert "Every event is worked on" in otto_browser.get(PAGE).content.decode()


def test_staff_are_no_operators(alice: Account) -> None:
    row = failed()
    assert console_browser(alice).get(PAGE).status_code in (302, 403, 404)
    console_browser(alice).post(f"{PAGE}{row.pk}/another-try/")
    assert queued() == []


def test_failed_events_and_drift_are_alarms(northwind: CurrentAgency) -> None:
    assert not [line for line in alerts.current() if "Stripe" in line]
    failed()
    ConnectAccount.objects.create(agency_id=northwind.id, country="DE", currency="EUR", drift=2)
    assert len([line for line in alerts.current() if "Stripe" in line]) == 2
