"""One worker at a claim at a time."""

import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import transaction

from kit import clock
from tenants.agencies.current import CurrentAgency, connection
from tenants.agencies.models import Agency
from tenants.certificates.models import Bundle
from tenants.domains import leases, life
from tenants.domains.models import Domain
from tests.at_once import at_once
from tests.processes import wait_until
from tests.tenants.domains.life.world import HOST, World, claim, fresh, live, running_world, step


def test_eight_workers_place_one_order(committed_db: None) -> None:
    agency = Agency.objects.get(slug="northwind").current()
    with running_world() as world:
        domain = claim(agency)
        world.cname(HOST, agency)
        at_once(*[lambda: step(domain)] * 8)
        assert step(domain).state == "active" and world.ca.orders == [HOST]
        assert Bundle.objects.count() == 1


def test_two_agencies_with_eight_workers_each_end_with_one_owner(committed_db: None) -> None:
    ours, theirs = (Agency.objects.get(slug=slug) for slug in ("northwind", "harbour"))
    theirs.plan = ours.plan
    theirs.save()
    with running_world() as world:
        claims = [claim(ours.current()), claim(theirs.current())]
        world.address(HOST)
        world.txt(*claims)  # both prove it: the first to come keeps it
        at_once(*[lambda: [step(each) for each in claims]] * 8)
        states = sorted(step(each).state for each in claims)
        assert states == ["active", "pending_dns"] and world.ca.orders == [HOST]


def test_a_lease_is_anothers_while_it_lasts(world: World, northwind: CurrentAgency) -> None:
    domain = claim(northwind)
    first = leases.take(domain.pk)
    assert first and leases.take(domain.pk) is None
    first.give_back()
    assert leases.take(domain.pk)


def test_a_killed_workers_lease_runs_out(world: World, northwind: CurrentAgency) -> None:
    domain = claim(northwind)
    world.cname(HOST, northwind)
    assert leases.take(domain.pk)
    assert step(domain).state == "pending_dns"
    with time_machine.travel(clock.now() + leases.FIRST + timedelta(seconds=1)):
        assert step(domain).state == "active"


def test_a_worker_that_was_too_slow_writes_nothing_and_gives_back_nothing(
    world: World, northwind: CurrentAgency
) -> None:
    domain = claim(northwind)
    slow = leases.take(domain.pk)
    assert slow
    with time_machine.travel(clock.now() + leases.FIRST + timedelta(seconds=1)):
        second = leases.take(domain.pk)
        assert second
        with pytest.raises(leases.Lost), slow.writing("pending_dns") as row:
            row.problem = "overwritten"
        with pytest.raises(leases.Lost):
            slow.extend(60)
        slow.give_back()
        assert fresh(domain).lease_until == second.until and fresh(domain).problem == ""


def test_a_worker_that_lost_its_lease_while_issuing_leaves_the_claim_to_the_other(
    world: World, northwind: CurrentAgency
) -> None:
    domain = claim(northwind)
    world.cname(HOST, northwind)

    def take_too_long() -> None:
        Domain.objects.filter(pk=domain.pk).update(lease_until=clock.now() - timedelta(seconds=1))
        assert step(domain).state == "active"

    world.ca.meanwhile = take_too_long
    assert step(domain).state == "active"
    # Its certificate came last and is served; nothing was moved twice.
    assert Bundle.objects.filter(host=HOST).exists() and len(world.ca.orders) == 2
    assert [event.kind for event in domain.events.all()].count("active") == 1


def test_who_decides_about_a_name_decides_alone(committed_db: None) -> None:
    """A claim that is written while another one is being verified waits, and then sees what was decided."""
    agency = Agency.objects.get(slug="northwind").current()
    with running_world():
        claiming = threading.Thread(target=lambda: (claim(agency), connection.close()))
        with transaction.atomic():
            life.lock_name(HOST)
            claiming.start()
            wait_until(lambda: _waiting() == 1, 20, "the claim waits for the name")
            assert not Domain.objects.exists()
        claiming.join()
        assert Domain.objects.get().host == HOST


def _waiting() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        return int(cursor.fetchone()[0])


def test_a_claim_that_moved_meanwhile_is_left_alone(world: World, northwind: CurrentAgency) -> None:
    domain = live(world, northwind)
    lease = leases.take(domain.pk)
    assert lease
    with pytest.raises(leases.Lost), lease.writing("pending_dns"):
        raise AssertionError("not reached")
