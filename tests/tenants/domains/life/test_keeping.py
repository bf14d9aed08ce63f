"""Renewals: for live names whose DNS is right, and for no others."""

import pytest

from tenants.agencies.current import CurrentAgency
from tenants.agencies.models import AgencyState
from tenants.domains import keeping, operations, removing
from tenants.domains.models import Domain
from tests.running_jobs import run_jobs
from tests.tenants.domains.life.world import ELSEWHERE, HOST, World, claim, kinds, live, put, step


def test_a_live_name_whose_dns_is_right_is_renewed(world: World, northwind: CurrentAgency) -> None:
    live(world, northwind)
    assert keeping.may_renew(HOST)


def test_nobodys_name_is_not(world: World, northwind: CurrentAgency) -> None:
    assert not keeping.may_renew(HOST)
    claim(northwind)
    assert not keeping.may_renew(HOST)


def test_one_that_leads_elsewhere_is_not_and_is_looked_at_at_once(
    world: World, northwind: CurrentAgency
) -> None:
    domain = live(world, northwind)
    world.address(HOST, ELSEWHERE)
    assert not keeping.may_renew(HOST)
    assert step(domain, asked=False).state == "degraded"


def test_nor_while_dns_cannot_be_asked(world: World, northwind: CurrentAgency) -> None:
    domain = live(world, northwind)
    world.is_down()
    assert not keeping.may_renew(HOST)
    assert step(domain, asked=False).state == "active"


@pytest.mark.parametrize("end", ["removed", "blocked", "gone"])
def test_nor_after_its_end(world: World, northwind: CurrentAgency, end: str) -> None:
    domain = live(world, northwind)
    if end == "removed":
        removing.remove(domain.pk, by="alice@northwind.example")
    if end == "blocked":
        operations.block(domain.pk, by="olga@portico.example", reason="phishing")
    if end == "gone":
        put(northwind, state=AgencyState.GONE)
    assert not keeping.may_renew(HOST)


@pytest.mark.parametrize("state", [AgencyState.READ_ONLY, AgencyState.SUSPENDED, AgencyState.PAST_DUE])
def test_an_agency_that_is_late_with_its_payment_keeps_a_valid_certificate(
    world: World, northwind: CurrentAgency, state: AgencyState
) -> None:
    live(world, northwind)
    put(northwind, state=state)
    assert keeping.may_renew(HOST)


def test_caa_that_forbids_the_next_certificate_is_told_once_and_not_ordered(
    world: World, northwind: CurrentAgency
) -> None:
    domain = claim(northwind)
    world.address(HOST)
    world.txt(domain)
    assert step(domain).state == "active"
    run_jobs()
    world.zones.set(HOST, ("A", "127.0.0.1"), ("CAA", '0 issue "digicert.example"'))
    assert not keeping.may_renew(HOST)
    for _ in range(2):
        domain = step(domain)
        assert (domain.state, domain.problem) == ("active", "caa")
    assert [e.details["notice"] for e in domain.events.of_kinds(["told"])].count("caa") == 1
    world.address(HOST)
    assert step(domain).problem == "" and keeping.may_renew(HOST)


def test_what_keeps_a_renewal_is_in_the_timeline_once(world: World, northwind: CurrentAgency) -> None:
    domain: Domain = live(world, northwind)
    for _ in range(3):
        keeping.note(HOST, None, "rateLimited")
    assert kinds(domain).count("renewal_failed") == 1
    bundle = world.ca.issue(HOST)
    for _ in range(2):
        keeping.note(HOST, bundle, "")
    keeping.note("other.agency.test", None, "timeout")
    assert kinds(domain)[-2:] == ["renewal_failed", "renewed"]
