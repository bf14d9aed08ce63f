"""The private Postgres of the demo and the tests."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import psycopg
import pytest

from infra.embedded import binaries
from infra.embedded.postgres import THROWAWAY, Cluster
from infra.embedded.processes import Failed


@pytest.fixture
def cluster(open_folder: Path) -> Cluster:
    return Cluster(open_folder / "postgres", throwaway=True)


def _rows(cluster: Cluster) -> int:
    with psycopg.connect(cluster.address()) as connection:
        found = connection.execute("SELECT count(*) FROM kept").fetchone()
    assert found is not None
    return int(found[0])


def test_a_new_cluster_answers_and_is_gone_after_stop(cluster: Cluster) -> None:
    with cluster:
        with psycopg.connect(cluster.address()) as connection:
            shown = connection.execute("SHOW max_connections").fetchone()
        assert shown == (THROWAWAY["max_connections"],)
        pid = int((cluster.folder / "postmaster.pid").read_text().split()[0])
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_it_asks_for_the_password_and_listens_on_the_loopback_only(cluster: Cluster) -> None:
    with cluster:
        without = cluster.address().replace(cluster.address().split(":")[2].split("@")[0], "wrong")
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(without)
        with psycopg.connect(cluster.address()) as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("127.0.0.1",)


def test_rows_survive_kill_9_of_the_server(open_folder: Path) -> None:
    cluster = Cluster(open_folder / "postgres")
    with cluster, psycopg.connect(cluster.address(), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 500) AS number")
        assert cluster.server is not None
        os.kill(cluster.server.pid, signal.SIGKILL)
        cluster.server.wait()
    with Cluster(open_folder / "postgres") as again:
        assert _rows(again) == 500


def test_a_server_left_by_a_killed_run_is_stopped_first(cluster: Cluster) -> None:
    cluster.start()
    left = cluster.server
    assert left is not None
    with psycopg.connect(cluster.address(), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS number")
    again = Cluster(cluster.folder, throwaway=True)
    with again:
        assert left.wait(5) == 0
        assert _rows(again) == 1


def test_the_number_of_another_process_in_the_pid_file_is_not_stopped(cluster: Cluster) -> None:
    cluster.make()
    bystander = subprocess.Popen(["sleep", "60"])
    try:
        (cluster.folder / "postmaster.pid").write_text(f"{bystander.pid}\n{cluster.folder}\n")
        cluster.stop_stale()
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_half_made_cluster_is_made_anew(cluster: Cluster) -> None:
    half = cluster.folder.with_name(f"{cluster.folder.name}.new")
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    with cluster:
        assert cluster.create_database("northwind") == cluster.create_database("northwind")


def test_remove_leaves_nothing_behind(cluster: Cluster) -> None:
    with cluster:
        pass
    cluster.start()
    cluster.remove()
    assert list(cluster.folder.parent.iterdir()) == []


def test_a_named_home_without_a_server_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PORTICO_PG_HOME", str(tmp_path))
    with pytest.raises(Failed, match="PORTICO_PG_HOME"):
        binaries.find()


def test_without_any_server_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PORTICO_PG_HOME", raising=False)
    monkeypatch.setattr(binaries, "_of_wheels", list)
    monkeypatch.setattr(binaries, "_of_system", list)
    with pytest.raises(Failed, match="DATABASE_URL"):
        binaries.find()


def test_the_log_of_a_server_that_cannot_start_is_shown(cluster: Cluster) -> None:
    cluster.make()
    with (cluster.folder / "postgresql.conf").open("a") as settings:
        settings.write("\nno_such_setting = on\n")
    with pytest.raises(Failed, match="no_such_setting"):
        cluster.start()
