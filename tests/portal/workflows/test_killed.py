"""Whenever a worker is killed, and however many work on the same step: the effect happens once."""

import subprocess
import sys
import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection as database

from kit import clock
from portal.people.models import Client, Staff
from portal.tasks.models import Task
from portal.workflows import running, starting, steps
from portal.workflows.models import Run, RunState, Workflow
from tenants.agencies.current import inside
from tenants.agencies.models import Agency
from tests.portal.workflows.scene import TASK, a_workflow
from tests.processes import ROOT, environment
from tests.running_jobs import run_jobs


def _begun(workflow: Workflow, tom: Client, number: int) -> Run:
    assert workflow.version is not None
    return Run.objects.create(
        workflow=workflow,
        version=workflow.version,
        client=tom,
        key=str(number),
        fact="people.accepted",
        ids={"client_id": tom.pk},
        step=steps.first(workflow.version.content),
        due_at=clock.now(),
        state=RunState.RUNNING,
    )


def _environment() -> dict[str, str]:
    kept = [path for path in sys.path if path]
    found = environment(DJANGO_SETTINGS_MODULE="config.settings", PORTICO_DEMO="1")
    return found | {"PYTHONPATH": ":".join([found["PYTHONPATH"], *kept])}


@pytest.mark.usefixtures("committed_db")
def test_a_killed_worker_neither_repeats_nor_loses_a_step() -> None:
    agency = Agency.objects.get(slug="northwind").current()
    with inside(agency):
        tom = Client.objects.get(email="tom@client.example")
        workflow = a_workflow(TASK, by=Staff.objects.get(), fact="people.accepted")
        runs = [_begun(workflow, tom, number) for number in range(3)]
    for run, moment in zip(runs, ("before", "inside", "after"), strict=True):
        words = [sys.executable, "-m", "tests.portal.workflows.dying", str(run.pk), run.step, moment]
        died = subprocess.run(
            words, cwd=ROOT, env=_environment(), capture_output=True, timeout=60, check=False
        )
        assert died.returncode == -9, died.stderr.decode()[-2000:]
    with inside(agency):
        assert Task.objects.count() == 1  # of the one that was killed after its step
        with time_machine.travel(clock.now() + timedelta(minutes=6), tick=False):
            assert running.wake_due() == 2
            run_jobs()
        assert Task.objects.count() == 3
        assert set(Run.objects.values_list("state", flat=True)) == {"done"}


@pytest.mark.usefixtures("committed_db")
def test_of_many_workers_at_once_one_does_the_step_and_one_starts_the_run() -> None:
    agency = Agency.objects.get(slug="northwind").current()
    with inside(agency):
        tom = Client.objects.get(email="tom@client.example")
        workflow = a_workflow(TASK, by=Staff.objects.get(), fact="people.accepted")
        run = _begun(workflow, tom, 1)
    barrier = threading.Barrier(6)

    def work(number: int) -> None:
        try:
            with inside(agency):
                barrier.wait(timeout=20)
                if number % 2:
                    running.take_step(run.pk, run.step)
                else:
                    starting.hear("people.accepted", {"client_id": tom.pk, "invitation_id": 1}, "event")
        finally:
            database.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    with inside(agency):
        run_jobs()
        assert Run.objects.count() == 2 and Task.objects.count() == 2
        assert set(Run.objects.values_list("state", flat=True)) == {"done"}
