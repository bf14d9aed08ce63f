"""The end of a trial."""

from datetime import timedelta

import pytest
from django.core import mail

from kit import clock
from tenants.agencies.current import CurrentAgency
from tenants.agencies.jobs import end_trials
from tenants.agencies.models import Agency, AgencyState
from tests.running_jobs import run_jobs


def on_trial(agency: CurrentAgency, *, ends_in: timedelta) -> Agency:
    row: Agency = Agency.objects.get(pk=agency.id)
    row.state, row.trial_ends_at = AgencyState.TRIAL, clock.now() + ends_in
    row.save()
    return row


def told() -> list[str]:
    run_jobs()
    subjects = [str(m.subject) for m in mail.outbox]
    mail.outbox.clear()
    return subjects


def test_owners_are_told_three_days_before_once(northwind: CurrentAgency) -> None:
    on_trial(northwind, ends_in=timedelta(days=2, hours=23))
    for _ in range(3):
        end_trials()
    run_jobs()
    (message,) = mail.outbox
    assert message.to == ["alice@northwind.example"] and "ends soon" in message.subject
    assert "read-only" in str(message.body) and "http://app.localhost/northwind/" in str(message.body)
    assert Agency.objects.get(pk=northwind.id).state == AgencyState.TRIAL


def test_before_that_nobody_is_told(northwind: CurrentAgency) -> None:
    on_trial(northwind, ends_in=timedelta(days=3, hours=1))
    end_trials()
    assert told() == []


def test_at_the_end_the_agency_is_read_only_and_owners_are_told_once(northwind: CurrentAgency) -> None:
    on_trial(northwind, ends_in=timedelta(seconds=-1))
    end_trials()
    end_trials()
    assert Agency.objects.get(pk=northwind.id).state == AgencyState.READ_ONLY
    assert told() == ["Your trial of Northwind Studio has ended"]


def test_a_longer_trial_is_told_of_anew(northwind: CurrentAgency) -> None:
    agency = on_trial(northwind, ends_in=timedelta(days=1))
    end_trials()
    Agency.objects.filter(pk=agency.pk).update(trial_ends_at=clock.now() + timedelta(days=2))
    end_trials()
    assert len(told()) == 2


@pytest.mark.parametrize("state", [s for s in AgencyState if s != AgencyState.TRIAL])
def test_only_trials_end(northwind: CurrentAgency, state: AgencyState) -> None:
    agency = on_trial(northwind, ends_in=timedelta(days=-1))
    Agency.objects.filter(pk=agency.pk).update(state=state)
    end_trials()
    assert Agency.objects.get(pk=agency.pk).state == state
    assert told() == []
