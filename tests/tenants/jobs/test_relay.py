"""Redis hands the jobs out, Postgres stays the outbox: with a real Redis, a real scheduler, real workers."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import dramatiq
import pytest
from django.db import connection, transaction

from infra.embedded.processes import free_port
from portal.people.models import Client
from tenants.agencies.current import inside
from tenants.agencies.models import Agency
from tests.processes import kill, program, wait_until
from tests.tenants.jobs.test_worker import JOBS, WORKER
from tests.tenants.jobs.test_worker import slow as slow


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[str]:
    """The address of a Redis with an append-only file, as the relay asks for."""
    server = shutil.which("redis-server")
    assert server, "no redis-server: ./bin/test gets one; otherwise apt-get install redis-server"
    port = free_port()
    words = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "yes"]
    with (tmp_path / "redis.log").open("wb") as log:
        running = subprocess.Popen([server, *words, "--dir", str(tmp_path)], stdout=log, stderr=log)
    try:
        wait_until(lambda: _listens(port), 10, "Redis listens")
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        running.kill()
        running.wait(10)


def test_jobs_reach_redis_after_the_commit_and_survive_a_killed_worker(
    committed_db: None,
    redis: str,
    slow: dramatiq.Actor,  # type: ignore[type-arg]
) -> None:
    agency = Agency.objects.get(slug="northwind").current()
    emails = {f"probe{number}@client.example" for number in range(JOBS)}

    def done() -> int:
        with inside(agency):
            return Client.objects.filter(email__startswith="probe").count()

    with inside(agency):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            slow.send(email="probe-never@client.example")
            raise ZeroDivisionError
        for email in sorted(emails):
            slow.send(email=email)
    with program("manage.py", "scheduler", BROKER_URL=redis):
        with program(*WORKER, BROKER_URL=redis) as first:
            wait_until(lambda: done() >= 4, 40, "the first jobs are done")
            kill(first)
        assert done() < JOBS, "the worker was killed while it had work"
        with program(*WORKER, BROKER_URL=redis):
            wait_until(lambda: done() == JOBS, 60, "the second worker does the rest")
    with inside(agency):
        assert set(Client.objects.filter(email__startswith="probe").values_list("email", flat=True)) == emails


def test_without_a_worker_nothing_is_lost_between_postgres_and_redis(
    committed_db: None,
    redis: str,
    slow: dramatiq.Actor,  # type: ignore[type-arg]
) -> None:
    with inside(Agency.objects.get(slug="northwind")):
        slow.send(email="probe@client.example")
    # Redis is away: the scheduler tries and fails, and the message stays where it is.
    away = "redis://127.0.0.1:1/0"
    with program("manage.py", "scheduler", BROKER_URL=away), pytest.raises(AssertionError):
        wait_until(lambda: _waiting() == 0, 4, "the outbox is emptied")
    with program("manage.py", "scheduler", BROKER_URL=redis):
        wait_until(lambda: _waiting() == 0, 20, "the outbox is emptied")


def _waiting() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM dramatiq.queue WHERE message->>'actor_name' = 'probe.slow'")
        return int(cursor.fetchone()[0])


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
