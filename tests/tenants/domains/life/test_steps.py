"""Every fork of a claim's life, with the certificate authority and the edge saying what the test wants."""

from datetime import timedelta

import pytest
import time_machine

from kit import clock
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency
from tenants.certificates.issuing import Postponed, Rejected
from tenants.certificates.models import Bundle
from tenants.domains import looking, steps
from tenants.domains.models import Domain, PastOwner
from tenants.routing import hosts
from tests.tenants.domains.life.world import (
    ELSEWHERE,
    HOST,
    World,
    claim,
    fresh,
    kinds,
    live,
    seconds_until,
    step,
)


def ready(world: World, agency: CurrentAgency) -> Domain:
    """A claim whose DNS is right, not looked at since."""
    domain = claim(agency)
    world.cname(HOST, agency)
    return domain


def test_wrong_dns_costs_no_order(world: World, northwind: CurrentAgency) -> None:
    domain = claim(northwind)
    for address in (None, ELSEWHERE):
        if address:
            world.address(HOST, address)
        assert step(domain).state == "pending_dns"
    assert world.ca.orders == []


def test_a_claim_is_looked_at_less_and_less_often(world: World, northwind: CurrentAgency) -> None:
    domain = claim(northwind)
    waits = []
    with time_machine.travel(clock.now(), tick=False) as now:
        for _ in range(60):
            assert domain.next_try_at
            now.move_to(domain.next_try_at)
            domain = step(domain, asked=False)
            waits.append(seconds_until(domain.next_try_at))
    assert waits[0] == pytest.approx(63) and waits[9] == pytest.approx(60 * 1.15**10)
    assert waits == sorted(waits) and waits[-1] == 4 * 3600


def test_before_its_time_nothing_is_asked(world: World, northwind: CurrentAgency) -> None:
    domain = ready(world, northwind)
    asked = len(world.zones.log)
    assert step(domain, asked=False).state == "pending_dns" and len(world.zones.log) == asked


def test_pressing_verify_does_not_put_off_the_next_look(world: World, northwind: CurrentAgency) -> None:
    domain = claim(northwind)
    for _ in range(5):
        assert step(domain).next_try_at == domain.next_try_at
    assert fresh(domain).attempts == 0


def test_the_timeline_says_only_what_is_news(world: World, northwind: CurrentAgency) -> None:
    domain = claim(northwind)
    for _ in range(4):
        step(domain)
    assert kinds(domain).count("checked") == 1
    world.address(HOST, ELSEWHERE)
    step(domain)
    assert kinds(domain).count("checked") == 2


def test_after_thirty_days_the_claim_expires(world: World, northwind: CurrentAgency) -> None:
    domain = claim(northwind)
    with time_machine.travel(clock.now() + timedelta(days=29, hours=23)):
        assert step(domain).state == "pending_dns"
    with time_machine.travel(clock.now() + timedelta(days=30)):
        domain = step(domain)
        assert (domain.state, domain.next_try_at) == ("expired", None)
        world.cname(HOST, northwind)
        assert step(domain).state == "expired"


def test_a_claim_that_is_right_on_its_last_day_is_not_expired(world: World, northwind: CurrentAgency) -> None:
    domain = ready(world, northwind)
    with time_machine.travel(clock.now() + timedelta(days=30, hours=1)):
        assert step(domain).state == "active"


def test_the_authority_is_asked_again_when_it_said(world: World, northwind: CurrentAgency) -> None:
    world.ca.says = [Postponed(7200, "rateLimited", "too many certificates already issued")]
    domain = step(ready(world, northwind))
    assert (domain.state, domain.problem) == ("issue_retry", "rateLimited")
    assert seconds_until(domain.next_try_at) == pytest.approx(7200, abs=5)
    with time_machine.travel(clock.now() + timedelta(seconds=7100)):
        assert step(domain, asked=False).state == "issue_retry" and world.ca.orders == [HOST]
    with time_machine.travel(clock.now() + timedelta(seconds=7201)):
        assert step(domain, asked=False).state == "active"
    assert world.ca.orders == [HOST, HOST]


def test_a_refusal_is_followed_by_a_minute_ten_a_hundred_then_a_day(
    world: World, northwind: CurrentAgency
) -> None:
    world.ca.says = [Rejected("connection", "it did not answer", permanent=False) for _ in range(5)]
    domain, waits = ready(world, northwind), []
    with time_machine.travel(clock.now(), tick=False) as now:
        domain = step(domain)
        for _ in range(5):
            waits.append(seconds_until(domain.next_try_at))
            assert domain.state == "issue_retry" and domain.problem_detail == "it did not answer"
            now.shift(waits[-1])
            domain = step(domain, asked=False)
    assert waits == [60, 600, 6000, 86400, 86400] and domain.state == "active"


def test_a_refusal_for_good_blocks_the_claim(world: World, northwind: CurrentAgency) -> None:
    world.ca.says = [Rejected("rejectedIdentifier", "policy forbids issuing for this name", permanent=True)]
    domain = step(ready(world, northwind))
    assert (domain.state, domain.problem, domain.next_try_at) == ("blocked", "rejectedIdentifier", None)
    assert "policy forbids" in domain.problem_detail
    assert step(domain).state == "blocked" and len(world.ca.orders) == 1


def test_an_authority_that_is_down_for_two_days_is_asked_a_few_dozen_times(
    world: World, northwind: CurrentAgency
) -> None:
    world.ca.says = [Postponed(60, "timeout", "no answer") for _ in range(500)]
    domain = ready(world, northwind)
    began = clock.now()
    with time_machine.travel(began, tick=False) as now:
        domain = step(domain)
        while clock.now() < began + timedelta(days=2):
            assert domain.next_try_at
            now.move_to(domain.next_try_at)
            domain = step(domain, asked=False)
        assert 20 < len(world.ca.orders) < 40
        world.ca.says.clear()
        now.shift(6000)
        assert step(domain, asked=False).state == "active"


def test_dns_is_looked_at_again_before_every_order(world: World, northwind: CurrentAgency) -> None:
    world.ca.says = [Postponed(3600, "timeout", "no answer")]
    domain = step(ready(world, northwind))
    world.address(HOST, ELSEWHERE)
    with time_machine.travel(clock.now() + timedelta(seconds=3601)):
        domain = step(domain, asked=False)
    assert (domain.state, domain.verified_at, world.ca.orders) == ("pending_dns", None, [HOST])
    assert kinds(domain)[-1] == "dns_changed" and PastOwner.objects.filter(host=HOST).exists()


def test_no_order_is_placed_while_dns_cannot_be_asked(world: World, northwind: CurrentAgency) -> None:
    world.ca.says = [Postponed(3600, "timeout", "no answer")]
    domain = step(ready(world, northwind))
    world.is_down()
    with time_machine.travel(clock.now() + timedelta(seconds=3601)):
        for _ in range(3):
            domain = step(domain)
            assert (domain.state, domain.problem, world.ca.orders) == ("issue_retry", "dns", [HOST])
        world.is_up()
        assert step(domain).state == "active"


def test_a_worker_that_died_while_issuing_looks_at_dns_before_it_goes_on(
    world: World, northwind: CurrentAgency
) -> None:
    domain = live(world, northwind)
    Domain.objects.filter(pk=domain.pk).update(state="issuing", next_try_at=clock.now())
    world.address(HOST, ELSEWHERE)
    with time_machine.travel(clock.now() + timedelta(minutes=5)):
        assert step(domain, asked=False).state == "pending_dns" and world.ca.orders == [HOST]


def test_the_portal_moves_only_when_every_edge_has_the_certificate(
    world: World, northwind: CurrentAgency
) -> None:
    world.is_served = False
    domain = step(ready(world, northwind))
    agency = Agency.objects.get(pk=northwind.id)
    assert domain.state == "deploying" and agency.primary_host() == "northwind.localhost"
    assert seconds_until(domain.next_try_at) == pytest.approx(2, abs=1)
    hosts.forget_all()
    found = hosts.by_domain(HOST)  # a visitor who is there before us is served
    assert found and found.id == northwind.id
    world.is_served = True
    assert step(domain).state == "active" and agency.primary_host() == HOST
    assert len(world.ca.orders) == 1


def test_an_edge_that_never_gets_it_is_mentioned_once(world: World, northwind: CurrentAgency) -> None:
    world.is_served = False
    domain = step(ready(world, northwind))
    for _ in range(8):
        domain = step(domain)
    assert kinds(domain).count("slow_edge") == 1 and seconds_until(domain.next_try_at) <= 300


def test_a_certificate_that_is_missing_is_asked_for_again(world: World, northwind: CurrentAgency) -> None:
    domain = live(world, northwind)
    Bundle.objects.all().delete()
    assert step(domain).state == "active" and len(world.ca.orders) == 2
    assert "certificate_lost" in kinds(domain)


def test_an_unexpected_error_is_seen_and_not_repeated_every_few_seconds(
    world: World, northwind: CurrentAgency
) -> None:
    world.ca.says = [ZeroDivisionError("a bug")]
    domain = ready(world, northwind)
    with pytest.raises(ZeroDivisionError):
        step(domain)
    domain = fresh(domain)
    assert domain.state == "issuing" and domain.lease_until is None
    assert 500 < seconds_until(domain.next_try_at) <= 600
    assert step(domain).state == "active"


def test_steps_are_taken_from_inside_an_agency_too(world: World, northwind: CurrentAgency) -> None:
    domain = ready(world, northwind)
    with inside(northwind):
        assert steps.step(domain.pk, asked=True).state == "active"


def test_a_report_survives_the_database(world: World, northwind: CurrentAgency) -> None:
    domain = ready(world, northwind)
    report = looking.look(domain)
    looking.note(domain, report)
    domain.save()
    assert looking.last_report(fresh(domain)) == report
