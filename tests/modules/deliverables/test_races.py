"""Two at once, in real transactions: each decision counts once, and the second finds what the first did."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from kit.refused import Refused
from modules.deliverables import operations
from modules.deliverables.models import Decision, Deliverable, State, Version
from portal.people.models import Client, Staff
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency
from tests.at_once import at_once
from tests.modules.deliverables.scene import a_project, colleague, in_review, png


@pytest.fixture
def agency(committed_db: None) -> Iterator[CurrentAgency]:
    current = Agency.objects.get(slug="northwind").current()
    with inside(current):
        yield current


@pytest.fixture
def maria(agency: CurrentAgency) -> Client:
    return Client.objects.get(email="maria@client.example")


@pytest.fixture
def liam(maria: Client) -> Client:
    return colleague(maria.companies.get(), "Liam Chen")


def shown(maria: Client, **fields: object) -> Version:
    return in_review(a_project(maria.companies.get()), Staff.objects.get(), **fields)


def decide(version: Version, client: Client, verdict: str = "approved") -> Callable[[], Decision]:
    return lambda: operations.decide(version, client=client, verdict=verdict, reason="Because")


def test_approval_and_request_for_changes_at_once_one_wins(
    agency: CurrentAgency, maria: Client, liam: Client
) -> None:
    for _ in range(5):
        version = shown(maria)
        outcomes = at_once(decide(version, maria), decide(version, liam, "changes_requested"), agency=agency)
        assert len([o for o in outcomes if isinstance(o, Refused)]) == 1
        decision = version.decisions.get()
        assert Deliverable.objects.get(pk=version.deliverable_id).state == decision.verdict


def test_the_two_last_approvals_at_once_complete_it(
    agency: CurrentAgency, maria: Client, liam: Client
) -> None:
    for _ in range(5):
        version = shown(maria, rule="all")
        at_once(decide(version, maria), decide(version, liam), agency=agency)
        assert Deliverable.objects.get(pk=version.deliverable_id).state == State.APPROVED


def test_a_double_click_is_one_decision(agency: CurrentAgency, maria: Client) -> None:
    version = shown(maria)
    outcomes = at_once(*[decide(version, maria)] * 4, agency=agency)
    assert version.decisions.count() == 1 and set(outcomes) == {version.decisions.get()}


def test_two_uploads_at_once_get_two_numbers(agency: CurrentAgency, maria: Client) -> None:
    version = shown(maria)
    staff = Staff.objects.get()

    def upload() -> object:
        return operations.add_version(version.deliverable, files=[png()], by=staff)

    at_once(upload, upload, upload, agency=agency)
    assert sorted(version.deliverable.versions.values_list("number", flat=True)) == [1, 2, 3, 4]


def test_approval_and_withdrawal_at_once_leave_one_of_both(agency: CurrentAgency, maria: Client) -> None:
    version = shown(maria)
    staff = Staff.objects.get()
    withdraw = partial(operations.withdraw, version.deliverable, by=staff)
    outcomes = at_once(decide(version, maria), withdraw, agency=agency)
    assert len([o for o in outcomes if isinstance(o, Refused)]) == 1
    state = Deliverable.objects.get(pk=version.deliverable_id).state
    assert state == (State.APPROVED if version.decisions.exists() else State.WITHDRAWN)


def test_two_workers_seal_once(agency: CurrentAgency, maria: Client) -> None:
    from datetime import timedelta

    from kit import clock
    from portal.audit.models import AuditEntry

    version = shown(maria)
    operations.decide(version, client=maria, verdict="approved")
    Deliverable.objects.update(locks_at=clock.now() - timedelta(seconds=1))
    assert sum(at_once(operations.lock_due, operations.lock_due, agency=agency)) == 1
    assert AuditEntry.objects.filter(verb="deliverables.locked").count() == 1
