"""Whose a name is: every way to get somebody else's that we could think of, and that it leads nowhere."""

import pytest

from tenants.agencies.current import CurrentAgency
from tenants.domains import claiming, diagnosis, targets
from tenants.domains.models import Domain
from tests.tenants.domains.life.world import (
    HOST,
    World,
    claim,
    fresh,
    kinds,
    live,
    step,
    waits_for_txt,
)


def test_a_cname_to_the_agencys_own_target_is_proof(world: World, northwind: CurrentAgency) -> None:
    domain = live(world, northwind)
    assert not domain.needs_txt and domain.verified_at and world.ca.orders == [HOST]
    assert kinds(domain) == ["claimed", "checked", "verified", "issuing", "issued", "active"]


def test_one_that_was_there_before_the_claim_is_proof_too(world: World, northwind: CurrentAgency) -> None:
    world.cname(HOST, northwind)
    assert step(claim(northwind)).state == "active"


def test_every_agency_has_its_own_target(northwind: CurrentAgency, harbour: CurrentAgency) -> None:
    assert targets.of(northwind.id) != targets.of(harbour.id)
    assert targets.of(northwind.id) == targets.of(northwind.id)


def test_a_dangling_cname_gives_the_name_to_nobody(
    world: World, northwind: CurrentAgency, rival: CurrentAgency
) -> None:
    world.cname(HOST, northwind)  # Northwind once meant to claim it
    stolen = step(claim(rival))
    assert waits_for_txt(stolen, "already_pointed") and world.ca.orders == []


def test_a_dangling_address_record_gives_the_name_to_nobody(world: World, rival: CurrentAgency) -> None:
    world.address(HOST)
    stolen = step(claim(rival))
    assert waits_for_txt(stolen, "already_pointed") and world.ca.orders == []


def test_a_name_squatted_before_its_owner_sets_the_dns_stays_the_owners(
    world: World, northwind: CurrentAgency, rival: CurrentAgency
) -> None:
    squatted = claim(rival)
    world.cname(HOST, northwind)  # and Northwind has not claimed it yet
    assert step(squatted).state == "pending_dns"
    world.address(HOST)
    squatted = step(squatted)
    assert waits_for_txt(squatted, "by_address") and world.ca.orders == []


def test_an_address_record_needs_the_txt_record_and_a_cname_instead_does_not(
    world: World, northwind: CurrentAgency
) -> None:
    domain = claim(northwind)
    world.address(HOST)
    assert waits_for_txt(step(domain), "by_address")
    world.cname(HOST, northwind)
    domain = step(domain)
    assert (domain.state, domain.txt_reason) == ("active", "")


def test_a_zones_own_name_is_proved_by_txt(world: World, northwind: CurrentAgency) -> None:
    domain = claim(northwind, "agency.test")
    assert domain.txt_reason == "by_address"
    world.address("agency.test")
    assert step(domain).state == "pending_dns"
    world.txt(domain)
    assert step(domain).state == "active"


def test_of_two_that_claim_a_name_the_one_with_the_txt_record_gets_it(
    world: World, northwind: CurrentAgency, rival: CurrentAgency
) -> None:
    theirs, ours = claim(rival), claim(northwind)
    world.cname(HOST, northwind)
    theirs, ours = step(theirs), step(ours)
    assert waits_for_txt(theirs, "also_claimed") and waits_for_txt(ours, "also_claimed")
    world.txt(ours)
    assert step(theirs).state == "pending_dns"
    assert step(ours).state == "active"
    assert step(theirs).state == "pending_dns" and world.ca.orders == [HOST]


def test_the_first_claim_hears_that_it_needs_a_txt_record_now(
    world: World, northwind: CurrentAgency, rival: CurrentAgency
) -> None:
    ours = claim(northwind)
    assert not ours.needs_txt
    claim(rival)
    ours = fresh(ours)
    assert ours.txt_reason == "also_claimed" and kinds(ours)[-1] == "txt_needed"


def test_a_claim_made_between_the_look_and_the_write_counts(
    world: World, northwind: CurrentAgency, rival: CurrentAgency, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = claim(northwind)
    world.cname(HOST, northwind)
    look = diagnosis.diagnose
    rivals: list[Domain] = []

    def look_and_be_overtaken(host: str, *, target: str, proof: str) -> diagnosis.Report:
        report = look(host, target=target, proof=proof)
        if not rivals:
            rivals.append(Domain())  # its own look must not claim again
            rivals[0] = claiming.claim(rival.id, HOST, by="eve@harbour.example")
        return report

    monkeypatch.setattr(diagnosis, "diagnose", look_and_be_overtaken)
    ours = step(ours)
    assert waits_for_txt(ours, "also_claimed") and waits_for_txt(fresh(rivals[0]), "already_pointed")


def test_a_wildcard_is_no_proof(world: World, northwind: CurrentAgency) -> None:
    domain = claim(northwind, "foo.agency.test")
    world.cname("*.agency.test", northwind)
    domain = step(domain)
    assert waits_for_txt(domain, "wildcard") and world.ca.orders == []
    world.txt(domain)
    # A wildcard does not answer for a name below which there is a record (RFC 4592 §2.2.1): the CNAME has to be set.
    assert step(domain).state == "pending_dns"
    world.cname("foo.agency.test", northwind)
    assert step(domain).state == "active"


def test_a_wildcard_to_one_agency_is_none_for_another(
    world: World, northwind: CurrentAgency, rival: CurrentAgency
) -> None:
    world.cname("*.agency.test", northwind)
    stolen = step(claim(rival, "pay.agency.test"))
    assert stolen.state == "pending_dns" and stolen.needs_txt


def test_dns_that_could_not_be_asked_proves_nothing(
    world: World, northwind: CurrentAgency, rival: CurrentAgency
) -> None:
    world.address(HOST)
    world.is_down()
    stolen = claim(rival)
    assert step(stolen).state == "pending_dns"
    world.is_up()
    assert step(stolen).state == "pending_dns" and world.ca.orders == []
