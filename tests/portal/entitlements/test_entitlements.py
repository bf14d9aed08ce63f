"""Who may use what: counted by source, paused, limited, run out, and told when it opens or closes."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from kit import clock
from kit.refused import Refused
from portal.audit.models import AuditEntry
from portal.entitlements import operations, things
from portal.entitlements.models import Entitlement
from portal.entitlements.queries import Access, access_to, grants_of, may_use, open_keys
from portal.people.models import Bundle, Client, Company, CompanyMembership, Staff
from tenants.agencies.current import CurrentAgency, inside

COURSE = "courses.course:12"
PURCHASE = Entitlement.Reason.PURCHASE


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """The facts that are published, with their keys."""
    facts: list[tuple[str, str]] = []
    monkeypatch.setattr(
        "portal.entitlements.operations.publish", lambda fact, *, key, **ids: facts.append((fact, key))
    )
    return facts


def buy(owner: Company | Client, source: str, key: str = COURSE, **more: Any) -> Entitlement:
    return operations.grant(owner=owner, key=key, source=source, reason=PURCHASE, **more)


def test_a_companys_grant_opens_for_its_people_and_for_nobody_else(
    northwind: CurrentAgency, maria: Client, tom: Client, charlie: Client
) -> None:
    with inside(northwind):
        buy(Company.objects.get(name="Brightside"), "subscriptions.subscription:1")
        assert may_use(maria, COURSE)
        assert not may_use(charlie, COURSE) and not may_use(tom, COURSE)
        assert not may_use(maria, "courses.course:1")
        CompanyMembership.objects.create(
            client=tom, company=Company.objects.get(name="Brightside"), bundle=Bundle.VIEWER
        )
        assert may_use(tom, COURSE)


def test_two_sources_of_the_same_thing_are_counted(
    northwind: CurrentAgency, tom: Client, told: list[tuple[str, str]]
) -> None:
    with inside(northwind):
        buy(tom, "subscriptions.subscription:1")
        buy(tom, "subscriptions.subscription:2")
        assert grants_of(tom, COURSE) == 2
        operations.revoke(source="subscriptions.subscription:1")
        assert may_use(tom, COURSE)
        operations.revoke(source="subscriptions.subscription:2")
        assert not may_use(tom, COURSE)
        assert told == [("entitlements.granted", COURSE), ("entitlements.lost", COURSE)]


def test_everything_twice_is_once(northwind: CurrentAgency, tom: Client, told: list[tuple[str, str]]) -> None:
    with inside(northwind):
        first = buy(tom, "s:1")
        assert buy(tom, "s:1") == first and Entitlement.objects.count() == 1
        assert [operations.pause(source="s:1") for _ in range(2)] == [1, 0]
        assert [operations.resume(source="s:1") for _ in range(2)] == [1, 0]
        assert [operations.revoke(source="s:1") for _ in range(2)] == [1, 0]
        assert [fact for fact, _ in told] == [
            f"entitlements.{what}" for what in ("granted", "lost", "granted", "lost")
        ]
        verbs = AuditEntry.objects.filter(verb__startswith="entitlements.").order_by("pk")
        assert list(verbs.values_list("verb", flat=True)) == [
            f"entitlements.{verb}" for verb in ("granted", "paused", "resumed", "revoked")
        ]


def test_given_again_after_it_ended_is_a_new_row(northwind: CurrentAgency, tom: Client) -> None:
    with inside(northwind):
        buy(tom, "s:1")
        operations.revoke(source="s:1")
        buy(tom, "s:1")
        assert may_use(tom, COURSE) and Entitlement.objects.count() == 2


def test_a_pause_stops_the_clock(northwind: CurrentAgency, tom: Client) -> None:
    with inside(northwind), time_machine.travel("2026-03-01T12:00:00Z", tick=False) as now:
        until = clock.now() + timedelta(days=10)
        row = buy(tom, "s:1", until=until)
        now.shift(timedelta(days=4))
        operations.pause(source="s:1")
        assert not may_use(tom, COURSE)
        now.shift(timedelta(days=20))  # its end has passed meanwhile
        assert operations.close_run_out() == 0
        operations.resume(source="s:1")
        row.refresh_from_db()
        assert may_use(tom, COURSE) and row.until == until + timedelta(days=20)
        now.shift(timedelta(days=6))
        assert not may_use(tom, COURSE)


def test_what_ran_out_is_closed_and_told_once(
    northwind: CurrentAgency, tom: Client, told: list[tuple[str, str]]
) -> None:
    with inside(northwind), time_machine.travel("2026-03-01T12:00:00Z", tick=False) as now:
        row = buy(tom, "s:1", until=clock.now() + timedelta(days=1))
        now.shift(timedelta(days=2))
        assert not may_use(tom, COURSE)  # before any job ran
        assert [operations.close_run_out() for _ in range(2)] == [1, 0]
        row.refresh_from_db()
        assert row.ended_at == row.until
        assert told[-1] == ("entitlements.lost", COURSE) and len(told) == 2


def test_a_run_out_grant_does_not_stand_in_the_way_of_a_new_one(
    northwind: CurrentAgency, tom: Client
) -> None:
    with inside(northwind), time_machine.travel("2026-03-01T12:00:00Z", tick=False) as now:
        buy(tom, "s:1", until=clock.now() + timedelta(days=1))
        now.shift(timedelta(days=2))
        buy(tom, "s:1", until=clock.now() + timedelta(days=1))
        assert grants_of(tom, COURSE) == 1


def test_limited_is_less_than_full_and_the_best_counts(northwind: CurrentAgency, tom: Client) -> None:
    with inside(northwind):
        buy(tom, "s:1")
        operations.limit(source="s:1")
        assert access_to(tom, COURSE) == Access.LIMITED and may_use(tom, COURSE)
        buy(tom, "s:2")
        assert access_to(tom, COURSE) == Access.FULL
        operations.revoke(source="s:2")
        assert open_keys(tom, kind="courses.course") == {COURSE: Access.LIMITED}
        operations.lift_limit(source="s:1")
        assert open_keys(tom) == {COURSE: Access.FULL}
        assert open_keys(tom, kind="communities.community") == {}


def test_one_key_of_a_source_can_end_alone(northwind: CurrentAgency, tom: Client) -> None:
    with inside(northwind):
        buy(tom, "s:1")
        buy(tom, "s:1", key="communities.community:3")
        operations.revoke(source="s:1", key=COURSE)
        assert set(open_keys(tom)) == {"communities.community:3"}


@pytest.mark.parametrize(
    "key", ["", "courses", "courses.course", "Courses.course:1", "a.b:" + "x" * 41, "a.b:1\n"]
)
def test_a_key_of_another_shape_is_refused(northwind: CurrentAgency, tom: Client, key: str) -> None:
    with inside(northwind), pytest.raises(Refused):
        buy(tom, "s:1", key=key)


def test_who_gave_it_by_hand_is_kept(northwind: CurrentAgency, tom: Client, alice_staff: Staff) -> None:
    with inside(northwind):
        row = operations.grant(
            owner=tom,
            key=COURSE,
            source="hand:1",
            reason=Entitlement.Reason.HAND,
            note="A gift",
            by=alice_staff,
        )
        assert (row.given_by, row.note) == (alice_staff, "A gift")
        entry = AuditEntry.objects.latest("pk")
        assert (entry.actor_id, entry.subject) == (alice_staff.pk, f"entitlement:{row.pk}")


def test_another_agency_knows_nothing_of_it(
    northwind: CurrentAgency, harbour: CurrentAgency, tom: Client, ines: Client
) -> None:
    with inside(northwind):
        buy(tom, "s:1")
    with inside(harbour):
        assert operations.revoke(source="s:1") == 0 and not may_use(ines, COURSE)
    with inside(northwind):
        assert may_use(tom, COURSE)


def test_the_record_says_in_words_what_was_opened_and_closed(
    northwind: CurrentAgency, maria: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    thing = things.Openable("Thing", lambda: {"1": "Brand basics"})
    monkeypatch.setitem(things._openable, "testing.thing", thing)
    source, key = "testing.source:1", "testing.thing:1"
    with inside(northwind):
        buy(maria, source, key)
        for change in (operations.pause, operations.resume, operations.limit, operations.revoke):
            change(source=source, key=key)
        said = AuditEntry.objects.filter(verb__startswith="entitlements.").values_list("summary", flat=True)
        assert len(said) == 5 and all("Thing: Brand basics" in words for words in said), list(said)
