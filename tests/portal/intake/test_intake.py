"""The intake over a real wire: what is ours is kept before it is acknowledged, everything else is refused."""

import smtplib
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError

from portal import registry
from portal.intake.addresses import address_for
from portal.intake.models import Arrival, Unreadable
from tenants.agencies.current import inside
from tenants.agencies.models import Agency, AgencyState
from tenants.routing import hosts
from tests.portal.intake.wire import LIMIT, listening, say
from tests.running_jobs import run_jobs

RAW = b"From: maria@client.example\r\nSubject: Re: Logo\r\n\r\nLooks good.\r\n"


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """What a mailbox of the kind "probe" was given."""
    found: list[dict[str, Any]] = []
    monkeypatch.setattr(registry, "mailboxes", lambda: {"probe": lambda **what: found.append(what)})
    yield found


def _address(slug: str, key: str = "12") -> str:
    with inside(Agency.objects.get(slug=slug)):
        return address_for("probe", key)


def test_a_mail_reaches_who_declared_its_kind_in_its_agency_only(
    committed_db: None, heard: list[dict[str, Any]]
) -> None:
    address = _address("northwind")
    with listening() as port:
        assert say(port, address, RAW) == (250, "")
        assert say(port, address, RAW) == (250, ""), "the other side did not hear the first 250"
    run_jobs()
    assert heard == [{"kind": "probe", "key": "12", "raw": RAW, "sender": "maria@client.example"}]
    with inside(Agency.objects.get(slug="harbour")):
        assert not Arrival.objects.exists()
    with inside(Agency.objects.get(slug="northwind")):
        assert Arrival.objects.get().state == Arrival.State.READ


def test_what_is_not_ours_is_refused_before_it_is_sent(
    committed_db: None, heard: list[dict[str, Any]]
) -> None:
    address = _address("northwind")
    unsigned = "reply+probe.1.12.aaaaaaaaaaaaaaaa@in.localhost"
    elsewhere = address.replace("@in.localhost", "@elsewhere.example")
    with inside(Agency.objects.get(slug="northwind")):
        unread = address_for("nobody", "1")
    Agency.objects.filter(slug="harbour").update(state=AgencyState.GONE)
    with inside(Agency.objects.get(slug="harbour")):
        gone = address_for("probe", "1")
    hosts.forget_all()
    with listening() as port:
        for to in (unsigned, elsewhere, unread, gone, "maria@client.example", "postmaster@in.localhost"):
            assert say(port, to, RAW)[0] == 550, to
        assert say(port, address, b"x" * 60 + b"\r\n" * LIMIT)[0] == 552
        with smtplib.SMTP("127.0.0.1", port, timeout=10) as smtp:
            smtp.ehlo()
            assert not smtp.has_extn("auth")
    assert run_jobs() == [] and heard == []


def test_while_the_database_is_away_the_other_side_is_asked_to_come_again(
    committed_db: None, heard: list[dict[str, Any]]
) -> None:
    address = _address("northwind")

    def fail(*_: Any) -> int:
        raise OperationalError("the database is away")

    with listening(fail) as port:
        assert say(port, address, RAW)[0] == 451
    Agency.objects.filter(slug="northwind").update(needs_migration_since="2026-01-01T00:00Z")
    hosts.forget_all()
    with listening() as port:
        assert say(port, address, RAW)[0] == 451, "its schema waits for its migrations"


def test_a_mail_server_of_ones_own_may_hand_over_by_lmtp(
    committed_db: None, heard: list[dict[str, Any]]
) -> None:
    address = _address("northwind")
    with listening(is_lmtp=True) as port, smtplib.LMTP("127.0.0.1", port, timeout=10) as lmtp:
        assert lmtp.sendmail("maria@client.example", [address], RAW) == {}
    run_jobs()
    assert len(heard) == 1


def test_a_mail_that_nobody_can_read_is_set_aside_with_the_reason(
    northwind: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portal.intake import receiving
    from portal.intake.addresses import read_address

    def refuse(**_: Any) -> None:
        raise Unreadable("it is no report")

    monkeypatch.setattr(registry, "mailboxes", lambda: {"probe": refuse})
    with inside(northwind):
        destination = read_address(address_for("probe", "1"))
    assert destination is not None
    receiving.store([destination], "", RAW)
    run_jobs()
    with inside(northwind):
        arrival = Arrival.objects.get()
        assert (arrival.state, arrival.error) == ("unreadable", "it is no report")
