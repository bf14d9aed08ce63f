"""The transition table."""

import itertools

import pytest
from django.db import connection

from kit import clock
from tenants.agencies.current import CurrentAgency
from tenants.certificates.models import Bundle
from tenants.domains import life, timeline
from tenants.domains.models import OVER, OWNING, Domain, DomainState, PastOwner, TxtReason
from tests.tenants.domains.life.world import HOST, World, live

PAIRS = list(itertools.product(DomainState.values, DomainState.values))


def in_state(agency: CurrentAgency, state: str) -> Domain:
    return life.locked(Domain.objects.create(agency_id=agency.id, host=HOST, state=state).pk)


def test_every_state_has_its_line_in_the_table() -> None:
    assert set(life.MAY_FOLLOW) == set(DomainState.values)
    assert {state for state, after in life.MAY_FOLLOW.items() if not after} == set(OVER)


@pytest.mark.parametrize("before, to", PAIRS)
def test_only_the_ways_of_the_table_are_open(northwind: CurrentAgency, before: str, to: str) -> None:
    domain = in_state(northwind, before)
    if to in life.MAY_FOLLOW[before]:
        life.move(domain, DomainState(to), "verified")
        event = domain.events.get()
        assert (event.kind, event.details["before"], event.details["to"]) == ("verified", before, to)
        assert Domain.objects.get(pk=domain.pk).state == to
        return
    with pytest.raises(life.NoWay):
        life.move(domain, DomainState(to), "verified")
    assert Domain.objects.get(pk=domain.pk).state == before and not domain.events.exists()


@pytest.mark.parametrize("before, to", [(b, t) for b, t in PAIRS if t in life.MAY_FOLLOW[b]])
def test_who_stops_owning_is_remembered_and_loses_the_certificate(
    world: World, northwind: CurrentAgency, before: str, to: str
) -> None:
    domain = in_state(northwind, before)
    moment = clock.now()
    Bundle.objects.create(
        host=HOST, sealed=b"x", key_name="k", serial="1", not_before=moment, not_after=moment, renew_at=moment
    )
    life.move(domain, DomainState(to), "verified")
    let_go = before in OWNING and to not in OWNING
    assert PastOwner.objects.filter(host=HOST, agency_id=northwind.id).exists() == let_go
    assert Bundle.objects.filter(host=HOST).exists() != let_go


def test_a_claim_that_moved_meanwhile_is_not_moved_again(northwind: CurrentAgency) -> None:
    domain = in_state(northwind, "pending_dns")
    Domain.objects.filter(pk=domain.pk).update(state="removed")
    with pytest.raises(life.NoWay):
        life.move(domain, DomainState.VERIFIED, "verified")


def test_what_is_over_is_never_due(northwind: CurrentAgency) -> None:
    for state in (*OVER, "blocked"):
        domain = Domain.objects.create(agency_id=northwind.id, host=f"{state}.agency.test")
        domain = life.locked(domain.pk)
        if state == "released":
            life.move(domain, DomainState.VERIFIED, "verified")
        life.move(domain, DomainState(state), "removed")
        assert domain.next_try_at is None


def test_the_timeline_cannot_be_rewritten(world: World, northwind: CurrentAgency) -> None:
    from django.db import InternalError, transaction
    from django.db.utils import DatabaseError

    domain = live(world, northwind)
    for statement in ("UPDATE domains_domainevent SET kind = 'x'", "DELETE FROM domains_domainevent"):
        with (
            pytest.raises((InternalError, DatabaseError)),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    assert domain.events.count() > 4


def test_every_kind_has_words_even_without_details(northwind: CurrentAgency) -> None:
    domain = in_state(northwind, "active")
    for kind in timeline.SENTENCES:
        words = timeline.sentence(timeline.record(domain, kind))
        assert words[0].isupper() and words.endswith((".", "”.")), (kind, words)
        assert "None" not in words and "{" not in words


@pytest.mark.parametrize("reason", TxtReason.values)
def test_the_timeline_says_why_a_txt_record_is_needed(northwind: CurrentAgency, reason: str) -> None:
    words = timeline.sentence(timeline.record(in_state(northwind, "active"), "claimed", reason=reason))
    assert ("TXT" in words) == bool(reason)


def test_a_kind_without_words_is_refused(northwind: CurrentAgency) -> None:
    with pytest.raises(KeyError):
        timeline.record(in_state(northwind, "active"), "tweeted")
