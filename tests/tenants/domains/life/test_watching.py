"""Live names: looked at daily, told when they lead elsewhere, released after seven days."""

from datetime import timedelta

import time_machine

from kit import clock
from tenants.agencies.current import CurrentAgency
from tenants.agencies.models import Agency
from tenants.certificates.models import Bundle
from tenants.domains import schedule
from tenants.routing import hosts
from tests.tenants.domains.life.world import (
    ELSEWHERE,
    HOST,
    World,
    kinds,
    live,
    seconds_until,
    step,
)


def test_a_live_name_is_looked_at_daily(world: World, northwind: CurrentAgency) -> None:
    domain = live(world, northwind)
    assert 0.89 * 86400 < seconds_until(domain.next_try_at) < 1.11 * 86400
    domain = step(domain)
    assert 0.89 * 86400 < seconds_until(domain.next_try_at) < 1.11 * 86400 and world.ca.orders == [HOST]


def test_dns_that_does_not_answer_never_moves_a_live_name(world: World, northwind: CurrentAgency) -> None:
    domain = live(world, northwind)
    world.is_down()
    with time_machine.travel(clock.now(), tick=False) as now:
        for _ in range(24 * 9):
            now.shift(3600 * 1.2)
            if schedule.is_due(domain):
                domain = step(domain, asked=False)
            assert (domain.state, domain.bad_since) == ("active", None)
    assert Bundle.objects.filter(host=HOST).exists() and "degraded" not in kinds(domain)


def test_nor_does_it_release_one_that_was_away_before(world: World, northwind: CurrentAgency) -> None:
    domain = live(world, northwind)
    world.address(HOST, ELSEWHERE)
    domain = step(domain)
    world.is_down()
    with time_machine.travel(clock.now() + timedelta(days=8)):
        assert step(domain).state == "degraded"
        world.is_up()
        assert step(domain).state == "released"


def test_a_name_that_was_moved_is_released_after_seven_days(world: World, northwind: CurrentAgency) -> None:
    domain = live(world, northwind)
    agency = Agency.objects.get(pk=northwind.id)
    world.address(HOST, ELSEWHERE)
    domain = step(domain)
    assert domain.state == "degraded" and agency.primary_host() == HOST
    assert 0.89 * 3600 < seconds_until(domain.next_try_at) < 1.11 * 3600
    with time_machine.travel(clock.now() + timedelta(days=6, hours=23)):
        assert step(domain).state == "degraded"
    with time_machine.travel(clock.now() + timedelta(days=7)):
        domain = step(domain)
    assert domain.state == "released" and agency.primary_host() == "northwind.localhost"
    assert not Bundle.objects.filter(host=HOST).exists() and world.ca.orders == [HOST]
    hosts.forget_all()
    assert hosts.by_domain(HOST) is None


def test_a_name_that_comes_back_is_active_again_and_its_seven_days_start_anew(
    world: World, northwind: CurrentAgency
) -> None:
    domain = live(world, northwind)
    world.address(HOST, ELSEWHERE)
    step(domain)
    world.cname(HOST, northwind)
    with time_machine.travel(clock.now() + timedelta(days=6)):
        domain = step(domain)
        assert (domain.state, domain.bad_since, kinds(domain)[-1]) == ("active", None, "recovered")
        world.address(HOST, ELSEWHERE)
        step(domain)
        with time_machine.travel(clock.now() + timedelta(days=6)):
            assert step(domain).state == "degraded"


def test_a_name_that_half_leads_here_is_doubted_first_and_never_taken_away(
    world: World, northwind: CurrentAgency
) -> None:
    domain = live(world, northwind)
    world.zones.set(HOST, ("A", "127.0.0.1"), ("A", ELSEWHERE))
    domain = step(domain)
    assert domain.state == "active" and seconds_until(domain.next_try_at) <= 600
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        assert step(domain).state == "degraded"
    with time_machine.travel(clock.now() + timedelta(days=20)):
        assert step(domain).state == "degraded"
        world.address(HOST, ELSEWHERE)
        assert step(domain).state == "released"


def test_a_renewal_is_seen_in_the_timeline(world: World, northwind: CurrentAgency) -> None:
    domain = live(world, northwind)
    step(domain)
    assert "renewed" not in kinds(domain)
    world.ca.issue(HOST)
    step(domain)
    step(domain)
    assert kinds(domain).count("renewed") == 1
