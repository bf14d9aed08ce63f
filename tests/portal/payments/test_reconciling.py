"""Rule 10: what webhooks missed is found; drift is counted, noted and mended where it can be."""

import subprocess
import sys
from typing import Any

import pytest
from django.db import connection

from portal.payments import concerns, operations, reconciling
from portal.payments.models import Concern, LedgerEntry, Payment, PaymentState
from portal.payments.queries import balance_of
from portal.people.models import Client
from tenants.agencies.current import inside, outside_agencies
from tenants.agencies.models import Agency
from tenants.gateway import catching_up, inbox
from tenants.gateway.models import ConnectAccount, EventCursor, EventState, InboxEvent
from tests.portal.payments.conftest import Till
from tests.processes import ROOT, environment
from tests.running_jobs import run_jobs
from tests.tenants.gateway.events import send


def test_events_that_never_arrived_are_read_from_stripes_list_once(till: Till, maria: Client) -> None:
    payment = till.begun(maria)
    till.pay(payment)
    lost = catching_up.catch_up_with(till.account)
    assert lost == len(till.events()) > 0
    run_jobs()
    with inside(till.agency):
        assert balance_of(payment.payable) == {"EUR": 10_000}
    assert catching_up.catch_up_with(till.account) == 0
    assert EventCursor.objects.get().found_lost == 0


def test_a_reading_that_breaks_off_begins_again_where_it_began(till: Till, maria: Client) -> None:
    payment = till.begun(maria)
    till.pay(payment)
    till.stripe.fault("/v1/events", verb="GET", status=500, times=6)  # ours and theirs, each with two retries
    assert catching_up.catch_up() == 0 and not EventCursor.objects.exists()
    assert catching_up.catch_up() > 0


def test_only_payments_that_are_open_are_asked_about(till: Till, maria: Client) -> None:
    payment = till.begun(maria)
    till.pay(payment)
    with inside(till.agency):
        assert reconciling.reconcile() == 0, "its own request may still be under way"
        Payment.objects.update(created_at="2026-01-01T00:00:00Z")
        assert reconciling.reconcile() == 1
        asked = len(till.stripe.requests())
        assert reconciling.reconcile() == 0 and len(till.stripe.requests()) == asked


def _without_trigger(statement: str, *words: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE payments_ledgerentry DISABLE TRIGGER ledger_append_only")
        cursor.execute(statement, words)
        cursor.execute("ALTER TABLE payments_ledgerentry ENABLE TRIGGER ledger_append_only")


def test_injected_drift_is_found_counted_and_mended_where_it_can_be(till: Till, maria: Client) -> None:
    paid = [till.begun(maria) for _ in range(3)]
    for payment in paid:
        till.pay(payment)
    with inside(till.agency):
        for payment in paid:
            operations.settle(payment.uid)
        assert reconciling.compare() == 0 and concerns.waiting() == []
        # A row gone, a row with another amount, a row that Stripe knows nothing of.
        _without_trigger("DELETE FROM payments_ledgerentry WHERE payment_id = %s", paid[0].pk)
        _without_trigger("UPDATE payments_ledgerentry SET minor = 9000 WHERE payment_id = %s", paid[1].pk)
        row = LedgerEntry.objects.get(payment=paid[2])
        LedgerEntry.objects.create(
            kind="charge", ref="pi_invented", payable=row.payable, payment=None, minor=1, currency="EUR",
            happened_at=row.happened_at,
        )  # fmt: skip
        assert reconciling.compare() == 3
        assert balance_of(paid[0].payable) == {"EUR": 10_000}, "what was missing is booked"
        assert {c.ref for c in concerns.waiting() if c.kind == Concern.Kind.DRIFT} == {
            "pi_invented",
            Payment.objects.get(pk=paid[1].pk).intent_id,
        }
        with outside_agencies():
            assert ConnectAccount.objects.get().drift == 3
        assert reconciling.compare() == 2


def test_kill_dash_nine_between_acknowledgement_and_booking_loses_nothing(
    committed_db: None, stripe_settings: Any
) -> None:
    """A worker dies (by itself, SIGKILL) before, inside and after the booking transaction; another finishes."""
    northwind = Agency.objects.get(slug="northwind").current()
    account = stripe_settings.account()
    ConnectAccount.objects.create(
        agency_id=northwind.id, stripe_account_id=account, country="DE", currency="EUR", charges_enabled=True
    )
    till = Till(stripe_settings, northwind, account)
    with inside(northwind):
        maria = Client.objects.get(email="maria@client.example")
    for moment in ("before", "inside", "after"):
        payment = till.begun(maria)
        till.pay(payment)
        [event] = [e for e in till.events() if e["type"] == "checkout.session.completed"][-1:]
        assert send(_body(event), secret="whsec_simulator_connect").status_code == 200
        row = InboxEvent.objects.get(event_id=event["id"])
        words = [sys.executable, "-m", "tests.portal.payments.dying", str(row.pk), moment]
        died = subprocess.run(
            words, cwd=ROOT, env=_environment(stripe_settings), capture_output=True, timeout=60, check=False
        )
        assert died.returncode == -9, died.stderr.decode()[-2000:]
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM dramatiq.queue")  # the job died with its worker
        assert InboxEvent.objects.get(pk=row.pk).state == EventState.RECEIVED
        InboxEvent.objects.update(next_try_at="2026-01-01T00:00:00Z")
        inbox.sweep()
        run_jobs()
        with inside(northwind):
            fresh = Payment.objects.get(pk=payment.pk)
            assert fresh.state == PaymentState.SUCCEEDED and balance_of(fresh.payable) == {"EUR": 10_000}


def _body(event: dict[str, Any]) -> bytes:
    import json

    return json.dumps(event).encode()


def _environment(stripe: Any) -> dict[str, str]:
    more = stripe.environment()
    kept = [path for path in sys.path if path]
    found = environment(DJANGO_SETTINGS_MODULE="config.settings", PORTICO_DEMO="1", **more)
    return found | {"PYTHONPATH": ":".join([found["PYTHONPATH"], *kept])}


@pytest.mark.parametrize("state", [PaymentState.CREATED])
def test_a_session_that_was_never_opened_fails_after_an_hour(till: Till, maria: Client, state: str) -> None:
    payment = till.begun(maria)
    with inside(till.agency):
        Payment.objects.update(session_id=None, state=state, created_at="2026-01-01T00:00:00Z")
        reconciling.reconcile()
        payment.refresh_from_db()
        assert (payment.state, payment.reason) == (PaymentState.FAILED, "not_reached")
