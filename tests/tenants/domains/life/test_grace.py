"""A plan without domains: fourteen days, three mails, then the default address."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.core import mail

from kit import clock
from tenants.agencies.current import CurrentAgency
from tenants.agencies.models import Agency
from tenants.certificates.models import Bundle
from tenants.domains import grace, operations
from tenants.domains.jobs import apply_plans
from tenants.plans import Plan
from tests.running_jobs import run_jobs
from tests.tenants.domains.life.world import World, claim, fresh, kinds, live, put, step


@pytest.fixture
def now() -> Iterator[time_machine.Traveller]:
    with time_machine.travel("2026-03-02 09:00Z", tick=False) as moving:
        yield moving


def told() -> list[str]:
    run_jobs()
    subjects = [str(message.subject) for message in mail.outbox]
    mail.outbox.clear()
    return subjects


def test_a_downgrade_is_told_three_times_then_the_name_is_released(
    world: World, northwind: CurrentAgency, now: time_machine.Traveller
) -> None:
    domain = live(world, northwind)
    told()
    put(northwind, plan=Plan.STARTER)
    began, mails = clock.now(), []
    while clock.now() < began + timedelta(days=16):
        apply_plans()
        mails += [(clock.now() - began).days for _ in told()]
        now.shift(6 * 3600)
    assert mails == [0, 7, 13, 14]
    domain = fresh(domain)
    assert domain.state == "released" and kinds(domain)[-1] == "released"
    assert not Bundle.objects.exists()
    assert Agency.objects.get(pk=northwind.id).primary_host() == "northwind.localhost"


def test_the_name_serves_until_the_last_minute_and_the_mail_names_the_day(
    world: World, northwind: CurrentAgency, now: time_machine.Traveller
) -> None:
    domain = live(world, northwind)
    told()
    put(northwind, plan=Plan.STARTER)
    apply_plans()
    run_jobs()
    assert "stays until Monday, 16 March 2026" in str(mail.outbox[0].body)
    now.shift(14 * 86400 - 60)
    apply_plans()
    assert step(domain).state == "active"
    now.shift(61)
    apply_plans()
    assert fresh(domain).state == "released"


def test_an_upgrade_within_the_grace_keeps_the_name(
    world: World, northwind: CurrentAgency, now: time_machine.Traveller
) -> None:
    domain = live(world, northwind)
    put(northwind, plan=Plan.STARTER)
    apply_plans()
    now.shift(13 * 86400)
    put(northwind, plan=Plan.SCALE)
    apply_plans()
    now.shift(30 * 86400)
    apply_plans()
    domain = fresh(domain)
    assert (domain.state, domain.grace_until) == ("active", None) and kinds(domain)[-1] == "grace_ended"


def test_a_second_downgrade_has_its_own_fourteen_days_and_mails(
    world: World, northwind: CurrentAgency, now: time_machine.Traveller
) -> None:
    domain = live(world, northwind)
    told()
    for _ in range(2):
        put(northwind, plan=Plan.STARTER)
        apply_plans()
        assert len(told()) == 1 and fresh(domain).grace_until == clock.now() + timedelta(days=14)
        put(northwind, plan=Plan.GROWTH)
        apply_plans()
        now.shift(86400)


def test_after_an_outage_of_the_jobs_nobody_gets_two_mails_at_once(
    world: World, northwind: CurrentAgency, now: time_machine.Traveller
) -> None:
    live(world, northwind)
    told()
    put(northwind, plan=Plan.STARTER)
    apply_plans()
    told()
    now.shift(13 * 86400 + 3600)
    for _ in range(3):
        apply_plans()
    assert len(told()) == 1


def test_a_waiting_claim_gets_no_certificate_meanwhile_and_ends_too(
    world: World, northwind: CurrentAgency, now: time_machine.Traveller
) -> None:
    domain = claim(northwind)
    world.cname(domain.host, northwind)
    put(northwind, plan=Plan.STARTER)
    apply_plans()
    domain = step(domain)
    assert (domain.state, domain.problem, world.ca.orders) == ("pending_dns", "plan", [])
    now.shift(15 * 86400)
    apply_plans()
    assert fresh(domain).state == "removed"


def test_what_waited_for_the_plan_goes_on_with_it(
    world: World, northwind: CurrentAgency, now: time_machine.Traveller
) -> None:
    domain = claim(northwind)
    world.cname(domain.host, northwind)
    put(northwind, plan=Plan.STARTER)
    apply_plans()
    step(domain)
    put(northwind, plan=Plan.GROWTH)
    apply_plans()
    assert step(domain, asked=False).state == "active"


def test_agencies_with_a_plan_are_left_alone(world: World, northwind: CurrentAgency) -> None:
    live(world, northwind)
    assert grace.apply() == 0


def test_a_block_outlives_the_plan(
    world: World, northwind: CurrentAgency, now: time_machine.Traveller
) -> None:
    domain = live(world, northwind)
    operations.block(domain.pk, by="olga@portico.example", reason="phishing")
    put(northwind, plan=Plan.STARTER)
    for _ in range(3):
        apply_plans()
        now.shift(8 * 86400)
    assert fresh(domain).state == "blocked"


@pytest.mark.parametrize("days", [0, 3, 13])
def test_a_downgrade_and_an_upgrade_in_between_lose_nothing(
    world: World, northwind: CurrentAgency, now: time_machine.Traveller, days: int
) -> None:
    domain = live(world, northwind)
    put(northwind, plan=Plan.STARTER)
    apply_plans()
    now.shift(days * 86400)
    assert step(domain).state == "active"
    put(northwind, plan=Plan.GROWTH)
    apply_plans()
    assert fresh(domain).state == "active" and world.ca.orders == [domain.host]
