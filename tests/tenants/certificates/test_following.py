"""An edge's shelf is like the table: at every commit, after every outage, whatever got lost on the way."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection, transaction

from infra.embedded.minting import Minted
from tenants.certificates import bundles
from tenants.certificates.edge import following
from tenants.certificates.edge.following import Follower, Row
from tenants.certificates.models import Bundle
from tests.processes import environment, wait_until
from tests.rig.bundles import stored

HOST, OTHER = "portal.northwind.example", "portal.harbour.example"


class Shelf:
    """Remembers versions and the order of what was asked of it."""

    def __init__(self) -> None:
        self.there: dict[str, int] = {}
        self.asked: list[tuple[str, str]] = []

    def versions(self) -> Mapping[str, int]:
        return dict(self.there)

    def put(self, rows: Sequence[Row]) -> None:
        self.there |= {row.host: row.version for row in rows}
        self.asked += [("put", row.host) for row in rows]

    def drop(self, hosts: Sequence[str]) -> None:
        for host in hosts:
            self.there.pop(host, None)
            self.asked.append(("drop", host))


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@contextmanager
def following_shelf(shelf: Shelf) -> Iterator[Follower]:
    follower = Follower(environment()["DATABASE_URL"], shelf)
    thread = follower.start()
    try:
        wait_until(lambda: follower.compared_seconds_ago is not None, 5, "the first comparison")
        yield follower
    finally:
        follower.stop()
        thread.join(5)


def _table() -> dict[str, int]:
    return dict(Bundle.objects.values_list("host", "version"))


def _is_like_table(shelf: Shelf) -> bool:
    return shelf.there == _table()


def test_it_begins_with_all_and_hears_of_every_commit(committed_db: None, root: Minted, shelf: Shelf) -> None:
    stored(root, HOST)
    with following_shelf(shelf):
        assert _is_like_table(shelf) and shelf.there
        stored(root, OTHER)
        wait_until(lambda: OTHER in shelf.there, 5, "the new name")
        stored(root, HOST)
        wait_until(lambda: _is_like_table(shelf), 5, "the renewal")
        bundles.forget(HOST)
        wait_until(lambda: list(shelf.there) == [OTHER], 5, "the removal")


def test_what_is_rolled_back_was_never_there(committed_db: None, root: Minted, shelf: Shelf) -> None:
    with following_shelf(shelf):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            stored(root, HOST)
            raise ZeroDivisionError
        stored(root, OTHER)
        wait_until(lambda: OTHER in shelf.there, 5, "the committed one")
        assert shelf.asked == [("put", OTHER)]


def test_many_changes_at_once_are_all_heard(committed_db: None, root: Minted, shelf: Shelf) -> None:
    with following_shelf(shelf):
        for number in range(60):
            stored(root, f"portal-{number % 20}.northwind.example")
        wait_until(lambda: _is_like_table(shelf), 10, "the last of them")


def test_a_version_given_early_and_committed_late_is_not_missed(
    committed_db: None, root: Minted, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slow transaction has the lower version: an edge that asks for newer ones only would never see it."""
    monkeypatch.setattr(following, "COMPARE_SECONDS", 0.3)
    stored(root, HOST)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE certificates_bundle DISABLE TRIGGER certificates_tell")
    with psycopg.connect(environment()["DATABASE_URL"]) as slow:
        slow.execute("UPDATE certificates_bundle SET sealed = sealed WHERE host = %s", [HOST])
        stored(root, OTHER)
        with following_shelf(shelf):
            slow.commit()
            wait_until(lambda: _is_like_table(shelf), 5, "the slow one")
            assert shelf.there[HOST] < shelf.there[OTHER]


def test_a_lost_notification_is_made_good_by_the_comparison(
    committed_db: None, root: Minted, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "COMPARE_SECONDS", 0.3)
    with following_shelf(shelf), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE certificates_bundle DISABLE TRIGGER certificates_tell")
        stored(root, HOST)
        wait_until(lambda: HOST in shelf.there, 5, "the untold one")
        bundles.forget(HOST)
        wait_until(lambda: HOST not in shelf.there, 5, "the untold removal")


def test_with_postgres_away_it_keeps_what_it_has_and_catches_up(
    committed_db: None, root: Minted, shelf: Shelf
) -> None:
    stored(root, HOST)
    with following_shelf(shelf) as follower:
        name = connection.settings_dict["NAME"]
        with psycopg.connect(environment("postgres")["DATABASE_URL"], autocommit=True) as admin:
            admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
            connection.close()
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
            wait_until(lambda: not follower.is_connected, 5, "noticing it")
            assert list(shelf.there) == [HOST]
            admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        stored(root, OTHER)
        wait_until(lambda: _is_like_table(shelf), 10, "catching up")


def test_a_table_that_lost_nearly_all_at_once_takes_nobody_off(
    committed_db: None, root: Minted, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "COMPARE_SECONDS", 0.3)
    stored(root, HOST)
    shelf.there = {f"portal-{number}.northwind.example": number for number in range(30)}
    with following_shelf(shelf):
        stored(root, OTHER)
        wait_until(lambda: OTHER in shelf.there and HOST in shelf.there, 5, "what is new")
        assert len(shelf.there) == 32


def test_three_names_that_are_gone_are_taken_off(committed_db: None, root: Minted, shelf: Shelf) -> None:
    stored(root, HOST)
    shelf.there = {f"portal-{number}.northwind.example": number for number in range(3)}
    with following_shelf(shelf):
        assert _is_like_table(shelf)
