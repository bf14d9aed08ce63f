"""What people may press."""

from datetime import timedelta

import pytest
import time_machine

from kit import clock
from kit.refused import Refused
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency, AgencyState
from tenants.certificates.issuing import Postponed, Rejected
from tenants.domains import operations, queries, removing
from tenants.domains.jobs import step_due
from tenants.domains.models import Domain
from tests.running_jobs import queued, run_jobs
from tests.tenants.domains.life.world import ELSEWHERE, HOST, World, claim, fresh, live, put, step

ALICE = "alice@northwind.example"


def test_verify_now_looks_in_a_job(world: World, northwind: CurrentAgency) -> None:
    domain = claim(northwind)
    world.cname(HOST, northwind)
    with inside(northwind):
        operations.verify_now(domain.pk, by=ALICE, agency_id=northwind.id)
    assert queued() == ["domains.step"]
    run_jobs()
    assert fresh(domain).state == "active"


def test_verify_now_is_for_once_in_ten_seconds_and_says_how_long(
    world: World, northwind: CurrentAgency
) -> None:
    domain = claim(northwind)
    with time_machine.travel(clock.now(), tick=False) as now:
        operations.verify_now(domain.pk, by=ALICE)
        with pytest.raises(Refused, match="10 seconds"):
            operations.verify_now(domain.pk, by=ALICE)
        now.shift(10)
        operations.verify_now(domain.pk, by=ALICE)
    assert queued() == ["domains.step"] * 2


@pytest.mark.parametrize("act", [operations.verify_now, operations.try_again, operations.make_primary])
def test_another_agencys_claim_is_not_found(
    world: World, northwind: CurrentAgency, rival: CurrentAgency, act: object
) -> None:
    domain = live(world, northwind)
    run_jobs()
    with pytest.raises(Domain.DoesNotExist):
        act(domain.pk, by="hugo@harbour.example", agency_id=rival.id)  # type: ignore[operator]
    with pytest.raises(Domain.DoesNotExist):
        queries.domain_of(rival.id, domain.pk)
    assert queued() == [] and queries.domains_of(rival.id) == []


def test_what_is_over_or_blocked_is_not_looked_at(world: World, northwind: CurrentAgency) -> None:
    over, blocked = claim(northwind), claim(northwind, "two.agency.test")
    removing.remove(over.pk, by=ALICE)
    operations.block(blocked.pk, by="olga@portico.example", reason="phishing")
    for domain in (over, blocked):
        for act in (operations.verify_now, operations.check_now):
            with pytest.raises(Refused):
                act(domain.pk, by=ALICE)
    assert queued() == []


def test_try_again_does_not_jump_the_authoritys_queue(world: World, northwind: CurrentAgency) -> None:
    world.ca.says = [Postponed(7200, "rateLimited", "too many certificates")]
    domain = claim(northwind)
    world.cname(HOST, northwind)
    step(domain)
    with pytest.raises(Refused, match="asked us to wait"):
        operations.try_again(domain.pk, by=ALICE)
    with time_machine.travel(clock.now() + timedelta(hours=2, minutes=1)):
        operations.try_again(domain.pk, by=ALICE)


def test_failed_orders_are_not_repeated_by_pressing(world: World, northwind: CurrentAgency) -> None:
    world.ca.says = [Rejected("connection", "no answer", permanent=False) for _ in range(9)]
    domain = claim(northwind)
    world.cname(HOST, northwind)
    step(domain)
    with time_machine.travel(clock.now(), tick=False) as now:
        for _ in range(operations.TRIES_AN_HOUR):
            now.shift(11)
            operations.try_again(domain.pk, by=ALICE)
            run_jobs()
        now.shift(11)
        with pytest.raises(Refused, match="Try again in"):
            operations.try_again(domain.pk, by=ALICE)
    assert len(world.ca.orders) == 1 + operations.TRIES_AN_HOUR


def test_another_active_name_can_be_the_main_address(world: World, northwind: CurrentAgency) -> None:
    live(world, northwind)
    second, waiting = live(world, northwind, "two.agency.test"), claim(northwind, "three.agency.test")
    with inside(northwind):
        operations.make_primary(second.pk, by=ALICE, agency_id=northwind.id)
    assert Agency.objects.get(pk=northwind.id).primary_host() == "two.agency.test"
    with pytest.raises(Refused):
        operations.make_primary(waiting.pk, by=ALICE)
    assert Domain.objects.filter(agency_id=northwind.id, is_primary=True).count() == 1


def test_blocking_stops_serving_and_unblocking_starts_at_the_dns(
    world: World, northwind: CurrentAgency
) -> None:
    domain = live(world, northwind)
    operations.block(domain.pk, by="olga@portico.example", reason="phishing")
    with pytest.raises(Refused):
        operations.block(domain.pk, by="olga@portico.example", reason="again")
    shown = queries.domain_of(northwind.id, domain.pk)
    assert shown.state == "blocked" and not shown.may_remove and not shown.may_look
    assert "phishing" in shown.timeline[0].sentence and shown.timeline[0].actor == ""
    operations.unblock(domain.pk, by="olga@portico.example", reason="cleaned up")
    with pytest.raises(Refused):
        operations.unblock(domain.pk, by="olga@portico.example")
    run_jobs()
    assert fresh(domain).state == "active" and len(world.ca.orders) == 2


def test_an_operators_look_has_no_limit(world: World, northwind: CurrentAgency) -> None:
    domain = claim(northwind)
    for _ in range(3):
        operations.check_now(domain.pk, by="olga@portico.example")
    assert len(queued()) == 3


def test_due_claims_are_enqueued_and_no_more_than_workers_can_take(
    world: World, northwind: CurrentAgency, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tenants.domains import schedule

    monkeypatch.setattr(schedule, "AT_ONCE", 3)
    for number in range(5):
        claim(northwind, f"p{number}.agency.test")
    step_due()
    assert queued() == []
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        step_due()
        step_due()
        assert queued() == ["domains.step"] * 3
        run_jobs()
        step_due()
        assert queued() == ["domains.step"] * 2


def test_the_claims_of_an_agency_that_is_gone_are_not_worked_on(
    world: World, northwind: CurrentAgency
) -> None:
    claim(northwind)
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        put(northwind, state=AgencyState.GONE)
        step_due()
        assert queued() == []
        put(northwind, state=AgencyState.ACTIVE)
        step_due()
        assert queued() == ["domains.step"]


def test_pages_see_what_there_is_to_do(world: World, northwind: CurrentAgency) -> None:
    domain = claim(northwind)
    (shown,) = queries.domains_of(northwind.id)
    assert shown.host == HOST and shown.state_label == "Waiting for DNS" and shown.gives_up_at
    assert [(r.type, r.name) for r in shown.records] == [("CNAME", HOST)] and shown.records[
        0
    ].value == shown.target
    world.address(HOST, ELSEWHERE)
    step(domain)
    assert queries.domain_of(northwind.id, domain.pk).explained
    world.cname(HOST, northwind)
    step(domain)
    shown = queries.domain_of(northwind.id, domain.pk)
    assert shown.is_linked and shown.certificate and shown.url == f"https://{HOST}/"
    assert "Active" in " ".join(line.sentence for line in shown.timeline)


def test_pages_show_the_txt_record_and_why(
    world: World, northwind: CurrentAgency, rival: CurrentAgency
) -> None:
    claim(northwind)
    claim(rival)
    (shown,) = queries.domains_of(northwind.id)
    assert [r.type for r in shown.records] == ["CNAME", "TXT"]
    assert shown.records[1].name == f"_portal-verify.{HOST}" and "Another agency" in shown.why_txt
