"""The agent by itself: what it may read, what it keeps, what it refuses to start with."""

import os
import sqlite3
import stat
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from psycopg.conninfo import make_conninfo

from infra.edge.agent.folder import AlreadyRunning, Folder
from infra.edge.agent.snapshot import Snapshot
from infra.embedded.minting import Minted
from tests.infra.edge.conftest import KEY, Edge
from tests.processes import environment, wait_until
from tests.rig.bundles import row, stored

HOST, OTHER = "portal.northwind.example", "portal.harbour.example"


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "run", Snapshot(tmp_path / "kept" / "snapshot.sqlite"))


@pytest.fixture
def modest_role(committed_db: None) -> Iterator[str]:
    """The role of docs/operations.md; the address with which the agent is it."""
    at = connection.settings_dict
    name = f"edge_{os.getpid()}"
    with psycopg.connect(environment()["DATABASE_URL"], autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'only-for-this-test'")
        columns = "host, version, sealed, key_name"
        admin.execute(f"GRANT SELECT ({columns}) ON public.certificates_bundle TO {name}")
        yield make_conninfo(
            "",
            host=at["HOST"],
            port=at["PORT"],
            dbname=at["NAME"],
            user=name,
            password="only-for-this-test",
        )
        admin.execute(f"DROP OWNED BY {name}")
        admin.execute(f"DROP ROLE {name}")


def test_a_role_that_sees_nothing_but_sealed_bundles_is_enough(
    modest_role: str, edge: Edge, root: Minted
) -> None:
    stored(root, HOST)
    edge.start_agent(DATABASE_URL=modest_role)
    wait_until(edge.is_following, 10, "following")
    stored(root, OTHER)
    wait_until((edge.folder / "live" / OTHER).exists, 5, "the new name")
    with psycopg.connect(modest_role) as theirs, pytest.raises(psycopg.errors.InsufficientPrivilege):
        theirs.execute("SELECT * FROM public.accounts_account")


def test_files_are_whole_private_and_by_host(folder: Folder, root: Minted) -> None:
    bundle, _ = row(root, HOST, version=7)
    folder.put([bundle])
    path = folder.live / HOST
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (
        stat.S_IMODE(folder.live.stat().st_mode) == stat.S_IMODE(folder.live.parent.stat().st_mode) == 0o700
    )
    assert path.read_bytes().count(b"-----BEGIN") == 3 and folder.versions() == {HOST: 7}
    folder.drop([HOST])
    assert not path.exists() and folder.versions() == {}


def test_a_host_that_would_leave_the_folder_is_refused(folder: Folder, root: Minted, tmp_path: Path) -> None:
    for evil in ("../evil", "..", "/tmp/evil", "a/b", ".none", "*.portico.example", "UPPER.example"):
        folder.put([row(root, evil)[0]])
        folder.drop([evil])
    assert folder.versions() == {} and os.listdir(folder.live) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept", "run"]


def test_a_bundle_that_does_not_open_leaves_the_one_before_and_the_others(
    folder: Folder, root: Minted
) -> None:
    good, foreign, other = row(root, HOST, 1)[0], row(root, "evil.example", 2)[0], row(root, OTHER, 3)[0]
    folder.put([good])
    before = (folder.live / HOST).read_bytes()
    folder.put([type(good)(HOST, 2, foreign.sealed, foreign.key_name), other])
    assert (folder.live / HOST).read_bytes() == before and folder.versions() == {HOST: 1, OTHER: 3}
    folder.put([type(good)(HOST, 4, good.sealed, "a key that is lost")])
    assert (folder.live / HOST).read_bytes() == before


def test_what_somebody_put_or_took_is_set_right_at_the_next_comparison(folder: Folder, root: Minted) -> None:
    folder.put([row(root, HOST, 5)[0], row(root, OTHER, 6)[0]])
    (folder.live / "stranger.example").write_text("not ours")
    (folder.live / OTHER).unlink()
    assert folder.versions() == {HOST: 5, "stranger.example": -1}


def test_a_boot_restores_everything_and_the_snapshot_holds_no_key(
    folder: Folder, root: Minted, tmp_path: Path
) -> None:
    folder.put([row(root, HOST, 5)[0], row(root, OTHER, 6)[0]])
    folder.drop([OTHER])
    kept = tmp_path / "kept" / "snapshot.sqlite"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert not any(b"PRIVATE KEY" in path.read_bytes() for path in kept.parent.iterdir())
    booted = Folder(tmp_path / "after", Snapshot(kept))
    assert booted.restore() == 1 and booted.versions() == {HOST: 5}
    assert (booted.live / HOST).read_bytes() == (folder.live / HOST).read_bytes()


def test_a_broken_snapshot_is_put_aside(tmp_path: Path) -> None:
    path = tmp_path / "snapshot.sqlite"
    path.write_bytes(b"this is no database" * 1000)
    assert list(Snapshot(path).rows()) == []
    assert path.with_suffix(".broken").exists()


def test_a_full_disk_keeps_no_certificate_from_being_served(folder: Folder, root: Minted) -> None:
    folder._snapshot._database.close()
    folder._snapshot._database = sqlite3.connect(":memory:")  # no table: every change fails
    folder.put([row(root, HOST, 5)[0]])
    assert folder.versions() == {HOST: 5}


def test_two_agents_do_not_share_a_folder(folder: Folder, tmp_path: Path) -> None:
    with pytest.raises(AlreadyRunning):
        Folder(tmp_path / "run", Snapshot(tmp_path / "other.sqlite"))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"CERTIFICATE_KEYS": ""}, "CERTIFICATE_KEYS is empty"),
        ({"CERTIFICATE_KEYS": f"{KEY},k1:short"}, "CERTIFICATE_KEYS"),
        ({"DATABASE_URL": ""}, "DATABASE_URL is not set"),
    ],
)
def test_what_is_missing_is_said_in_words(edge: Edge, wrong: dict[str, str], said: str) -> None:
    assert edge.start_agent(**wrong).wait(10) != 0
    assert said in edge.log("agent") and "Traceback" not in edge.log("agent")


def test_keys_are_given_to_nobody_without_the_token(edge: Edge, root: Minted) -> None:
    stored(root, HOST)
    edge.start_agent()
    wait_until(edge.is_following, 10, "following")
    address = f"http://127.0.0.1:{edge.agent_port}"
    asked = f"certificate?server_name={HOST.upper()}."
    with urllib.request.urlopen(f"{address}/only-for-this-test/{asked}", timeout=5) as answer:
        assert b"PRIVATE KEY" in answer.read()
    for path in (asked, f"/{asked}", f"wrong/{asked}", f"%6Fnly-for-this-test/{asked}", "../etc/passwd"):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"{address}/{path}", timeout=5)
    for name in ("../snapshot", "unknown.example", "", "%00", "*.portico.example"):
        place = f"{address}/only-for-this-test/certificate?server_name={name}"
        with urllib.request.urlopen(place, timeout=5) as answer:
            assert answer.status == 204, name


def test_without_a_token_the_agent_gives_no_keys_at_all(edge: Edge, root: Minted) -> None:
    stored(root, HOST)
    edge.start_agent(EDGE_AGENT_TOKEN="")
    wait_until(edge.is_following, 10, "following")
    for path in ("", "/", "//"):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(
                f"http://127.0.0.1:{edge.agent_port}{path}/certificate?server_name={HOST}", timeout=5
            )
