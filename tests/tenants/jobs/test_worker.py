"""A real worker on a real queue: killed at its work, it loses nothing and does nothing twice."""

import dramatiq
import pytest
from django.db import connection, transaction

from portal.people.models import Client
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency, AgencyState
from tenants.jobs import scheduler
from tenants.jobs.jobs import PUBLIC, Slot, schedule
from tenants.jobs.models import DueSlot
from tests.processes import kill, program, wait_until
from tests.running_jobs import queued, run_jobs

WORKER = ("-m", "dramatiq", "tests.tenants.jobs.probe", "--processes", "1", "--threads", "4")
JOBS = 24


@pytest.fixture
def slow() -> dramatiq.Actor:  # type: ignore[type-arg]
    """The probe, declared in this process too, so that it can be enqueued."""
    from tests.tenants.jobs import probe

    return probe.slow  # type: ignore[no-any-return]


def in_queue(state: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM dramatiq.queue WHERE state = %s", [state])
        return int(cursor.fetchone()[0])


def test_after_kill_9_of_a_worker_nothing_is_lost_and_nothing_done_twice(
    committed_db: None,
    slow: dramatiq.Actor,  # type: ignore[type-arg]
) -> None:
    agency = Agency.objects.get(slug="northwind").current()
    emails = {f"probe{number}@client.example" for number in range(JOBS)}

    def done() -> int:
        with inside(agency):
            return Client.objects.filter(email__startswith="probe").count()

    with inside(agency):
        for email in sorted(emails):
            slow.send(email=email)
    with program(*WORKER) as first:
        wait_until(lambda: done() >= 4, 40, "the first jobs are done")
        kill(first)
    before = done()
    assert before < JOBS, "the worker was killed while it had work"
    with program(*WORKER):
        taken_up = wait_until(lambda: done() == JOBS, 40, "the second worker does the rest")
        wait_until(lambda: in_queue("consumed") == 0, 15, "every message is acknowledged")
    assert taken_up < 15 + JOBS * 0.4 / 4
    with inside(agency):
        assert set(Client.objects.filter(email__startswith="probe").values_list("email", flat=True)) == emails


def test_a_rollback_takes_the_job_back(northwind: CurrentAgency, slow: dramatiq.Actor) -> None:  # type: ignore[type-arg]
    with inside(northwind):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            slow.send(email="never@client.example")
            raise ZeroDivisionError
        assert queued() == []
        slow.send(email="once@client.example")
        assert queued() == ["probe.slow"]


def test_a_job_runs_in_the_agency_that_enqueued_it(
    northwind: CurrentAgency,
    harbour: CurrentAgency,
    slow: dramatiq.Actor,  # type: ignore[type-arg]
) -> None:
    with inside(harbour):
        slow.send(email="h@client.example")
    with inside(northwind):
        assert run_jobs() == ["probe.slow"]
        assert not Client.objects.filter(email="h@client.example").exists()
    with inside(harbour):
        assert Client.objects.filter(email="h@client.example").exists()


def test_a_job_of_a_gone_agency_is_set_aside(northwind: CurrentAgency, slow: dramatiq.Actor) -> None:  # type: ignore[type-arg]
    with inside(northwind):
        slow.send(email="gone@client.example")
    Agency.objects.filter(pk=northwind.id).update(state=AgencyState.GONE)
    from tenants.routing import hosts

    hosts.forget_all()
    run_jobs()
    with inside(northwind):
        assert not Client.objects.filter(email="gone@client.example").exists()


def test_a_due_slot_is_taken_once_and_missed_slots_run_once(
    db: None, monkeypatch: pytest.MonkeyPatch, slow: object
) -> None:
    import time_machine

    monkeypatch.setattr(
        scheduler, "schedule", {"provisioning.fill_pool": Slot("provisioning.fill_pool", 60, PUBLIC)}
    )
    assert "provisioning.fill_pool" in schedule
    with time_machine.travel("2026-01-05 09:00Z", tick=False) as now:
        assert scheduler.run_due() == 1
        assert scheduler.run_due() == 0
        now.shift(3600)
        assert scheduler.run_due() == 1
        assert scheduler.run_due() == 0
    assert queued() == ["provisioning.fill_pool"] * 2
    assert DueSlot.objects.count() == 1
