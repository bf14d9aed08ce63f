"""Rules 1 and 3: signed or refused, stored once, acknowledged at once, led to the agency by its account only."""

import json
import subprocess
import sys
from typing import Any

import pytest
from django.core.checks import run_checks

from tenants.agencies.current import CurrentAgency
from tenants.gateway import inbox
from tenants.gateway.checks import _errors
from tenants.gateway.models import ConnectAccount, EventState, InboxEvent
from tests.processes import ROOT, environment
from tests.running_jobs import queued, run_jobs
from tests.tenants.gateway.events import CONNECT, PLATFORM, SECRET, event, send, signed

Heard = list[tuple[str, InboxEvent]]


def test_a_signed_event_is_stored_acknowledged_and_worked_on_later(
    account: ConnectAccount, northwind: CurrentAgency, heard: Heard
) -> None:
    assert send(event(account="acct_north")).status_code == 200
    assert heard == [] and queued() == ["gateway.apply_event"]
    run_jobs()
    assert [schema for schema, _ in heard] == [northwind.schema_name]
    assert InboxEvent.objects.get().state == EventState.DONE


def test_the_same_event_three_times_is_one_row_and_one_job(account: ConnectAccount, heard: Heard) -> None:
    found = event(account="acct_north")
    assert [send(found).status_code for _ in range(3)] == [200, 200, 200]
    assert InboxEvent.objects.count() == 1 and queued() == ["gateway.apply_event"]
    run_jobs()
    send(found)
    run_jobs()
    assert len(heard) == 1


@pytest.mark.parametrize("header", ["", "t=1", "v1=abc", "t=x,v1=y", "t=1,v1=é", "nonsense"])
def test_without_a_signature_nothing_is_stored(db: None, header: str) -> None:
    assert send(event(), header=header).status_code == 400
    assert not InboxEvent.objects.exists() and queued() == []


def test_a_forged_body_is_refused_byte_by_byte(db: None) -> None:
    body = json.dumps(event()).encode()
    header = signed(body)
    assert send(body.replace(b"pi_1", b"pi_2"), header=header).status_code == 400
    assert send(body + b" ", header=header).status_code == 400
    assert send(b"\xff\xfe", header=header).status_code == 400
    assert not InboxEvent.objects.exists()


def test_another_secret_or_an_old_signature_is_refused(db: None) -> None:
    assert send(event(), secret="whsec_other").status_code == 400
    assert send(event(), secret="whsec_tests_platform").status_code == 400
    assert send(event(), path=PLATFORM).status_code == 400
    assert send(event(), age=301).status_code == 400
    assert send(event(), age=290).status_code == 200


def test_two_secrets_are_valid_while_one_is_rolled_and_none_means_refuse(db: None, settings: Any) -> None:
    settings.STRIPE_CONNECT_WEBHOOK_SECRETS = ["whsec_new", SECRET]
    assert send(event()).status_code == 200 and send(event(), secret="whsec_new").status_code == 200
    for none in ([], [""]):
        settings.STRIPE_CONNECT_WEBHOOK_SECRETS = none
        assert send(event(), secret="").status_code == 400
        assert send(event()).status_code == 400


@pytest.mark.parametrize(
    "body",
    [b"[]", b"{}", b"null", b'"x"', b'{"id": 1, "type": "a", "created": 1, "livemode": false, "data": {"object": {}}}',
     b'{"id": "e", "type": "a", "created": 99999999999999, "livemode": false, "data": {"object": {}}}',
     b'{"id": "e", "type": "a", "created": 1, "livemode": null, "data": {"object": {}}}', b"not json",
     b'{"id": "e\\u0000", "type": "a", "created": 1, "livemode": false, "data": {"object": {}}}',
     b'{"id": "e", "type": "a", "created": 1, "livemode": false, "data": {"object": {"x": NaN}}}'],
)  # fmt: skip
def test_what_is_signed_but_no_event_is_a_400(db: None, body: bytes) -> None:
    assert send(body).status_code == 400
    assert not InboxEvent.objects.exists()


@pytest.mark.parametrize("typed", ["\x00", "a\\\x00", "\\u0000", "\ud800", "Ω 🧾"])
def test_whatever_people_typed_at_stripe_is_stored(account: ConnectAccount, heard: Heard, typed: str) -> None:
    thing = {"id": "pi_1", "metadata": {"note": typed}}
    assert send(event(account="acct_north", thing=thing)).status_code == 200
    run_jobs()
    [(_, found)] = heard
    kept = found.payload["data"]["object"]["metadata"]["note"]
    assert kept == typed.replace("\x00", "\ufffd").replace("\ud800", "?")


def test_what_could_not_be_stored_is_not_acknowledged(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stripe then sends it again."""
    from django.db import OperationalError

    def store(*words: Any) -> bool:
        raise OperationalError("the database is away")

    monkeypatch.setattr(inbox, "store", store)
    with pytest.raises(OperationalError):
        send(event())


def test_only_post_and_only_on_the_platform(northwind: CurrentAgency) -> None:
    from tests.cast import platform_browser, portal_browser

    assert platform_browser().get(CONNECT).status_code == 405
    assert portal_browser(northwind).post(CONNECT, b"{}", content_type="application/json").status_code == 404


def test_an_unknown_account_is_acknowledged_parked_and_taken_up_when_it_becomes_known(
    northwind: CurrentAgency, heard: Heard
) -> None:
    assert send(event(account="acct_north")).status_code == 200
    run_jobs()
    assert InboxEvent.objects.get().state == EventState.PARKED and heard == []
    ConnectAccount.objects.create(
        agency_id=northwind.id, stripe_account_id="acct_north", country="DE", currency="EUR"
    )
    inbox.unpark("acct_north")
    run_jobs()
    assert InboxEvent.objects.get().state == EventState.DONE and len(heard) == 1


def test_the_agency_comes_from_the_account_never_from_metadata(
    account: ConnectAccount, northwind: CurrentAgency, harbour: CurrentAgency, heard: Heard
) -> None:
    thing = {"id": "pi_1", "metadata": {"agency": harbour.slug, "agency_id": harbour.id, "account": "acct_h"}}
    send(event(account="acct_north", thing=thing))
    send(event(account="acct_harbour", thing={"id": "pi_1", "metadata": {"agency": northwind.slug}}))
    run_jobs()
    assert [schema for schema, _ in heard] == [northwind.schema_name]


def test_an_event_of_the_other_mode_is_not_ours(account: ConnectAccount, heard: Heard, settings: Any) -> None:
    send(event(account="acct_north", livemode=True))
    run_jobs()
    settings.STRIPE_SECRET_KEY = "rk_live_x"
    send(event(account="acct_north", livemode=False))
    run_jobs()
    assert heard == [] and set(InboxEvent.objects.values_list("state", flat=True)) == {EventState.IGNORED}


def test_a_failing_ear_is_tried_again_by_the_sweep_until_an_operator_is_needed(
    account: ConnectAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ear(found: InboxEvent) -> None:
        raise RuntimeError("no luck")

    monkeypatch.setattr(inbox, "_ears", [inbox._Hear("", "connect", ear)])
    send(event(account="acct_north"))
    for attempt in range(inbox.MOST_TRIES):
        run_jobs()
        found = InboxEvent.objects.get()
        assert found.attempts == attempt + 1 and "no luck" in found.error
        InboxEvent.objects.update(next_try_at=found.received_at)
        inbox.sweep()
    assert found.state == EventState.FAILED and queued() == []
    inbox.try_again(found.pk)
    assert queued() == ["gateway.apply_event"]
    assert InboxEvent.objects.get().state == EventState.RECEIVED


def test_the_sweep_takes_up_what_lost_its_job_and_nothing_that_is_new(
    account: ConnectAccount, heard: Heard
) -> None:
    from django.db import connection

    send(event(account="acct_north"))
    assert inbox.sweep() == 0
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM dramatiq.queue")
    InboxEvent.objects.update(next_try_at="2026-01-01T00:00:00Z")
    assert inbox.sweep() == 1 and inbox.sweep() == 0
    run_jobs()
    assert len(heard) == 1


def test_a_live_key_never_goes_to_another_base_and_a_simulator_never_into_production() -> None:
    for key in ("sk_live_x", "rk_live_x"):
        assert [e.id for e in _errors("http://127.0.0.1:1", key, True)] == ["gateway.E001"]
    assert _errors("http://127.0.0.1:1", "sk_test_x", True) == [] and _errors("", "sk_live_x", False) == []
    assert not [e for e in run_checks() if str(e.id).startswith("gateway")]


def test_a_program_that_would_pay_at_a_simulator_in_production_does_not_start(db: None) -> None:
    given = environment(STRIPE_API_BASE="http://127.0.0.1:1", STRIPE_SECRET_KEY="sk_test_x")
    given.pop("PORTICO_DEMO", None)
    words = [sys.executable, "manage.py", "check"]
    done = subprocess.run(
        words, cwd=ROOT, env=given, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 1 and "gateway.E002" in done.stderr
