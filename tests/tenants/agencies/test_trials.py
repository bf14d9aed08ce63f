"""The end of a trial."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail

from kit import clock
from tenants.agencies.current import CurrentAgency
from tenants.agencies.jobs import end_trials
from tenants.agencies.models import Agency, AgencyState
from tenants.billing import comps
from tenants.plans import Plan
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


def test_on_the_last_day_they_are_told_again_and_led_to_the_plans(northwind: CurrentAgency) -> None:
    agency = on_trial(northwind, ends_in=timedelta(days=2, hours=23))
    end_trials()
    with time_machine.travel(clock.now() + timedelta(days=2)):
        end_trials()
        end_trials()
    run_jobs()
    assert [str(message.subject) for message in mail.outbox] == [
        "Your trial of Northwind Studio ends soon",
        "The last day of your trial of Northwind Studio",
    ]
    assert "http://app.localhost/northwind/plan/" in str(mail.outbox[1].body)
    mail.outbox.clear()
    Agency.objects.filter(pk=agency.pk).update(trial_ends_at=clock.now() + timedelta(hours=5))
    end_trials()
    assert told() == ["The last day of your trial of Northwind Studio"], "after a night in which nothing ran"


def test_whoever_got_a_plan_from_us_is_not_asked(northwind: CurrentAgency) -> None:
    on_trial(northwind, ends_in=timedelta(days=1))
    comps.comp(northwind.id, plan=Plan.SCALE, until=clock.now() + timedelta(days=200))
    end_trials()
    assert told() == []


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
    agency = on_trial(northwind, ends_in=timedelta(days=1, hours=1))
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
