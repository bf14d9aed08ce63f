"""Names that were or are another's: how they change hands, and how they do not."""

from datetime import timedelta

import pytest
import time_machine

from kit import clock
from tenants.agencies.current import CurrentAgency
from tenants.agencies.models import AgencyState
from tenants.certificates.models import Bundle
from tenants.domains import diagnosis, grace, operations, removing, targets
from tenants.domains.models import Domain, PastOwner
from tenants.plans import Plan
from tests.tenants.domains.life.world import (
    ELSEWHERE,
    HOST,
    World,
    claim,
    fresh,
    kinds,
    live,
    put,
    step,
    waits_for_txt,
)


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
    world: World, northwind: CurrentAgency, rival: CurrentAgency
) -> None:
    """Even if every rule above failed, the database has one owner for a name."""
    from django.db import IntegrityError, transaction

    live(world, northwind)
    with pytest.raises(IntegrityError), transaction.atomic():
        Domain.objects.create(agency_id=rival.id, host=HOST, state="verified")


def test_a_certificate_that_arrives_after_the_name_was_lost_is_not_served(
    world: World, northwind: CurrentAgency
) -> None:
    domain = claim(northwind)
    world.cname(HOST, northwind)
    world.ca.meanwhile = lambda: removing.remove(domain.pk, by="alice@northwind.example")
    assert step(domain).state == "removed"
    assert not Bundle.objects.filter(host=HOST).exists()
