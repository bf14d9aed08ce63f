"""Who is written what, and when. Each thing once."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.core import mail

from kit import clock
from tenants.accounts.models import Account, Membership, Role
from tenants.agencies.current import CurrentAgency
from tenants.agencies.models import AgencyState
from tenants.certificates.issuing import Rejected
from tenants.domains.jobs import tell_due
from tests.running_jobs import run_jobs
from tests.tenants.domains.life.world import ELSEWHERE, HOST, World, claim, kinds, live, put, step


@pytest.fixture
def now() -> Iterator[time_machine.Traveller]:
    with time_machine.travel("2026-03-02 09:00Z", tick=False) as moving:
        yield moving


def told() -> list[tuple[str, str]]:
    """Who was written which subject since the last question."""
    run_jobs()
    found = [(message.to[0], str(message.subject)) for message in mail.outbox]
    mail.outbox.clear()
    return found


def days_told(now: time_machine.Traveller, days: int) -> list[int]:
    """On which of the next days the calendar brought a mail."""
    began, found = clock.now(), []
    while clock.now() < began + timedelta(days=days):
        tell_due()
        tell_due()
        found += [(clock.now() - began).days for _ in told()]
        now.shift(4 * 3600)
    return found


def test_owners_and_admins_hear_that_the_portal_answers_there(world: World, northwind: CurrentAgency) -> None:
    for name, role in (("ada", Role.ADMIN), ("mel", Role.MEMBER)):
        account = Account.objects.create_user(f"{name}@northwind.example")
        Membership.objects.create(account=account, agency_id=northwind.id, role=role)
    live(world, northwind)
    run_jobs()
    assert {message.to[0] for message in mail.outbox} == {"alice@northwind.example", "ada@northwind.example"}
    assert mail.outbox[0].subject == f"Your portal now answers at {HOST}"
    assert "/northwind/branding/domain/" in str(mail.outbox[0].body)


def test_a_waiting_claim_is_mentioned_on_day_7_and_15_and_at_its_end(
    world: World, northwind: CurrentAgency, now: time_machine.Traveller
) -> None:
    domain = claim(northwind)
    assert days_told(now, 30) == [7, 15]
    now.shift(3600)
    assert step(domain).state == "expired"
    assert told() == [("alice@northwind.example", f"We have stopped looking for {HOST}")]
    assert days_told(now, 20) == []


def test_dns_that_moved_is_told_at_once_on_day_3_on_day_6_and_at_the_release(
    world: World, northwind: CurrentAgency, now: time_machine.Traveller
) -> None:
    domain = live(world, northwind)
    told()
    world.address(HOST, ELSEWHERE)
    step(domain)
    step(domain)
    assert told() == [("alice@northwind.example", f"The DNS of {HOST} has changed")]
    assert days_told(now, 7) == [3, 6]
    now.shift(3600)
    assert step(domain).state == "released"
    assert told() == [("alice@northwind.example", f"{HOST} was released")]


def test_a_second_time_is_told_anew(
    world: World, northwind: CurrentAgency, now: time_machine.Traveller
) -> None:
    domain = live(world, northwind)
    told()
    for _ in range(2):
        world.address(HOST, ELSEWHERE)
        step(domain)
        assert len(told()) == 1
        world.cname(HOST, northwind)
        now.shift(3600)
        step(domain)
        now.shift(3600)


def test_the_loser_of_a_name_is_told_and_not_who_has_it(
    world: World, northwind: CurrentAgency, rival: CurrentAgency
) -> None:
    live(world, northwind)
    theirs = claim(rival)
    world.cname(HOST, rival)
    world.txt(theirs)
    told()
    step(theirs)
    run_jobs()
    (lost,) = [message for message in mail.outbox if message.to == ["alice@northwind.example"]]
    assert "was proved by another agency" in lost.subject
    assert "Harbour" not in str(lost.body) and "harbour" not in str(lost.body)


def test_a_claim_that_needs_a_txt_record_all_at_once_is_told_once(
    world: World, northwind: CurrentAgency, rival: CurrentAgency
) -> None:
    claim(northwind)
    claim(rival)
    assert told() == [("alice@northwind.example", f"{HOST} needs one more DNS record")]


def test_a_refusal_for_good_is_told_in_the_authoritys_words(world: World, northwind: CurrentAgency) -> None:
    domain = claim(northwind)
    world.cname(HOST, northwind)
    world.ca.says = [Rejected("rejectedIdentifier", "policy forbids issuing for this name", permanent=True)]
    step(domain)
    run_jobs()
    assert "policy forbids issuing for this name" in str(mail.outbox[0].body)


def test_an_agency_that_is_gone_is_not_written_to(
    world: World, northwind: CurrentAgency, now: time_machine.Traveller
) -> None:
    claim(northwind)
    put(northwind, state=AgencyState.GONE)
    assert days_told(now, 30) == []


def test_mails_are_in_the_timeline(world: World, northwind: CurrentAgency) -> None:
    domain = live(world, northwind)
    assert "told" not in kinds(domain)
    (event,) = domain.events.of_kinds(["told"])
    assert event.details["people"] == "alice@northwind.example"
