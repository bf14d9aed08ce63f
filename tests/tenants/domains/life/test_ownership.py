"""Whose a name is: every way to get somebody else's that we could think of, and that it leads nowhere."""

from datetime import timedelta

import pytest
import time_machine

from kit import clock
from tenants.agencies.current import CurrentAgency
from tenants.agencies.models import AgencyState
from tenants.certificates import issuing
from tenants.certificates.models import Bundle
from tenants.domains import claiming, diagnosis, grace, operations, removing, targets
from tenants.domains.models import Domain, PastOwner
from tenants.plans import Plan
from tests.tenants.domains.life.world import ELSEWHERE, HOST, World, claim, fresh, kinds, live, put, step


def waits_for_txt(domain: Domain, reason: str) -> bool:
    return (domain.state, domain.txt_reason) == ("pending_dns", reason)


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


def test_a_rival_that_becomes_owner_between_the_look_and_the_write_stays_owner(
    world: World, northwind: CurrentAgency, rival: CurrentAgency, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = claim(northwind), claim(rival)
    world.address(HOST)
    world.txt(theirs, ours)
    look = diagnosis.diagnose

    def look_late(host: str, *, target: str, proof: str) -> diagnosis.Report:
        report = look(host, target=target, proof=proof)
        monkeypatch.setattr(diagnosis, "diagnose", look)
        assert step(theirs).state == "active"
        return report

    monkeypatch.setattr(diagnosis, "diagnose", look_late)
    ours = step(ours)
    assert (ours.state, ours.problem) == ("pending_dns", "contested") and fresh(theirs).state == "active"


def test_an_owner_is_not_disturbed_by_claims_without_proof(
    world: World, northwind: CurrentAgency, rival: CurrentAgency
) -> None:
    ours = live(world, northwind)
    theirs = claim(rival)
    for _ in range(3):
        theirs = step(theirs)
    assert theirs.state == "pending_dns" and theirs.needs_txt
    ours = step(ours)
    assert ours.state == "active" and not ours.needs_txt


def test_the_cname_turned_to_another_agency_alone_does_not_take_the_name_over(
    world: World, northwind: CurrentAgency, rival: CurrentAgency
) -> None:
    ours, theirs = live(world, northwind), claim(rival)
    world.cname(HOST, rival)
    assert step(theirs).state == "pending_dns"
    # It leads away from Northwind all the same: they are told, and in seven days nobody has it.
    assert step(ours).state == "degraded"
    with time_machine.travel(clock.now() + timedelta(days=7, minutes=1)):
        assert step(ours).state == "released" and step(theirs).state == "pending_dns"


def test_who_proves_the_txt_while_the_owner_cannot_takes_the_name_over(
    world: World, northwind: CurrentAgency, rival: CurrentAgency
) -> None:
    ours = live(world, northwind)
    serial = Bundle.objects.get(host=HOST).serial
    theirs = claim(rival)
    world.cname(HOST, rival)
    world.txt(theirs)
    theirs = step(theirs)
    assert theirs.state == "active" and "took_over" in kinds(theirs)
    ours = fresh(ours)
    assert ours.state == "released" and kinds(ours)[-1] == "lost" and ours.next_try_at is None
    assert Bundle.objects.get(host=HOST).serial != serial
    assert Domain.objects.owning().filter(host=HOST).count() == 1


def test_an_owner_whose_txt_is_there_too_is_not_taken_over(
    world: World, northwind: CurrentAgency, rival: CurrentAgency
) -> None:
    ours, theirs = live(world, northwind), claim(rival)
    world.cname(HOST, rival)
    world.txt(theirs, ours)
    theirs = step(step(theirs))
    assert (theirs.state, theirs.problem) == ("pending_dns", "contested")
    assert kinds(theirs).count("contested") == 1 and fresh(ours).state == "active"
    world.txt(theirs)
    assert step(theirs).state == "active" and fresh(ours).state == "released"


def test_a_name_whose_owner_is_being_worked_on_is_taken_over_afterwards(
    world: World, northwind: CurrentAgency, rival: CurrentAgency
) -> None:
    ours, theirs = live(world, northwind), claim(rival)
    world.cname(HOST, rival)
    world.txt(theirs)
    Domain.objects.filter(pk=ours.pk).update(lease_until=clock.now() + timedelta(seconds=60))
    theirs = step(theirs)
    assert (theirs.state, theirs.problem) == ("pending_dns", "owner_is_busy")
    assert theirs.next_try_at and theirs.next_try_at <= clock.now() + timedelta(seconds=5)
    Domain.objects.filter(pk=ours.pk).update(lease_until=None)
    assert step(theirs).state == "active"


def test_the_loser_gets_the_name_back_by_a_fresh_txt_record_only(
    world: World, northwind: CurrentAgency, rival: CurrentAgency
) -> None:
    old, theirs = live(world, northwind), claim(rival)
    world.cname(HOST, rival)
    world.txt(theirs)
    step(theirs)
    again = claim(northwind)
    assert again.proof != old.proof
    world.cname(HOST, northwind)
    world.txt(old)
    assert waits_for_txt(step(again), "already_pointed")
    world.txt(again)
    assert step(again).state == "active" and fresh(theirs).state == "released"


@pytest.mark.parametrize("days, reason", [(89, "past_owner"), (91, "")])
def test_a_removed_name_is_proved_by_txt_for_ninety_days(
    world: World, northwind: CurrentAgency, rival: CurrentAgency, days: int, reason: str
) -> None:
    removing.remove(live(world, northwind).pk, by="alice@northwind.example")
    world.zones.remove(HOST)
    with time_machine.travel(clock.now() + timedelta(days=days)):
        theirs = claim(rival)
        world.cname(HOST, rival)
        assert step(theirs).txt_reason == reason
        assert fresh(theirs).state == ("pending_dns" if reason else "active")


def test_the_past_owner_itself_needs_no_txt_record(world: World, northwind: CurrentAgency) -> None:
    removing.remove(live(world, northwind).pk, by="alice@northwind.example")
    assert step(claim(northwind)).state == "active"


def test_a_name_that_never_was_anybodys_is_not_remembered(world: World, northwind: CurrentAgency) -> None:
    removing.remove(claim(northwind).pk, by="alice@northwind.example")
    assert not PastOwner.objects.exists()


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


def test_a_blocked_claim_does_not_give_its_name_away(
    world: World, northwind: CurrentAgency, rival: CurrentAgency
) -> None:
    ours = live(world, northwind)
    operations.block(ours.pk, by="olga@portico.example", reason="phishing")
    assert not Bundle.objects.filter(host=HOST).exists()
    world.address(HOST, ELSEWHERE)
    theirs = claim(rival)
    world.cname(HOST, rival)
    assert waits_for_txt(step(theirs), "also_claimed")
    # The block is on Northwind's claim: it comes back by TXT only, too.
    operations.unblock(ours.pk, by="olga@portico.example")
    world.cname(HOST, northwind)
    assert waits_for_txt(step(ours), "also_claimed")


def test_an_expired_claim_counts_no_more(
    world: World, northwind: CurrentAgency, rival: CurrentAgency
) -> None:
    theirs = claim(rival)
    with time_machine.travel(clock.now() + timedelta(days=30, minutes=1)):
        assert step(theirs).state == "expired"
        ours = claim(northwind)
        assert not ours.needs_txt
        world.cname(HOST, northwind)
        assert step(ours).state == "active"
        assert step(theirs).state == "expired"


def test_a_name_released_by_a_downgrade_is_proved_by_txt(
    world: World, northwind: CurrentAgency, rival: CurrentAgency
) -> None:
    ours = live(world, northwind)
    put(northwind, plan=Plan.STARTER)
    grace.apply()
    with time_machine.travel(clock.now() + timedelta(days=14, minutes=1)):
        grace.apply()
        assert fresh(ours).state == "released"
        theirs = claim(rival)
        assert waits_for_txt(step(theirs), "already_pointed")
        world.cname(HOST, rival)
        assert step(theirs).state == "pending_dns"


def test_an_agency_that_is_gone_releases_its_names_and_they_are_proved_by_txt(
    world: World, northwind: CurrentAgency, rival: CurrentAgency
) -> None:
    ours, waiting = live(world, northwind), claim(northwind, "next.agency.test")
    put(northwind, state=AgencyState.GONE)
    assert removing.release_gone() == 2 and removing.release_gone() == 0
    assert (fresh(ours).state, fresh(waiting).state) == ("released", "removed")
    assert not Bundle.objects.filter(host=HOST).exists()
    theirs = claim(rival)
    world.cname(HOST, rival)
    assert step(theirs).state == "pending_dns" and theirs.needs_txt
    assert targets.of(rival.id) != targets.of(northwind.id)


@pytest.mark.parametrize("state", [AgencyState.SUSPENDED, AgencyState.READ_ONLY])
def test_an_agency_that_may_change_nothing_gets_no_certificate_but_keeps_its_name(
    world: World, northwind: CurrentAgency, rival: CurrentAgency, state: AgencyState
) -> None:
    ours, waiting = live(world, northwind), claim(northwind, "next.agency.test")
    put(northwind, state=state)
    world.cname("next.agency.test", northwind)
    waiting = step(waiting)
    assert (waiting.state, waiting.problem) == ("pending_dns", "plan") and world.ca.orders == [HOST]
    assert step(ours).state == "active"
    theirs = claim(rival)
    world.cname(HOST, rival)
    assert step(theirs).state == "pending_dns" and fresh(ours).state == "active"


def test_two_workers_cannot_both_become_owner(
    world: World, northwind: CurrentAgency, rival: CurrentAgency, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even if every rule above failed, the database has one owner for a name."""
    from django.db import IntegrityError, transaction

    live(world, northwind)
    with pytest.raises(IntegrityError), transaction.atomic():
        Domain.objects.create(agency_id=rival.id, host=HOST, state="verified")


def test_a_certificate_that_arrives_after_the_name_was_lost_is_not_served(
    world: World, northwind: CurrentAgency, monkeypatch: pytest.MonkeyPatch
) -> None:
    domain = claim(northwind)
    world.cname(HOST, northwind)
    issue = world.ca.issue

    def issue_too_late(host: str, **more: str) -> Bundle:
        removing.remove(domain.pk, by="alice@northwind.example")
        return issue(host, **more)

    monkeypatch.setattr(issuing, "issue", issue_too_late)
    assert step(domain).state == "removed"
    assert not Bundle.objects.filter(host=HOST).exists()


def test_dns_that_could_not_be_asked_proves_nothing(
    world: World, northwind: CurrentAgency, rival: CurrentAgency
) -> None:
    world.address(HOST)
    world.is_down()
    stolen = claim(rival)
    assert step(stolen).state == "pending_dns"
    world.is_up()
    assert step(stolen).state == "pending_dns" and world.ca.orders == []
