"""The pool is kept full, by one process at a time, with schemas of this release only."""

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.db.migrations import RunSQL

from tenants.provisioning import checks, making, migrating, pool
from tenants.provisioning.catalog import catalog_of
from tenants.provisioning.jobs import fill_pool as job
from tenants.provisioning.models import Spare, Template
from tests.processes import environment
from tests.tenants.provisioning.test_claim import claim, empty_the_pool, schemas


def test_the_job_replaces_what_was_claimed(db: None) -> None:
    pool.fill_pool()
    claim("atelier")
    left = Spare.objects.count()
    for _ in range(2):
        job.fn()
        assert Spare.objects.count() == left + 1 == settings.SPARE_SCHEMAS


def test_only_one_process_fills_at_a_time(committed_db: None) -> None:
    empty_the_pool()
    with psycopg.connect(environment()["DATABASE_URL"]) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [pool.FILLING])
        assert pool.fill_pool(1) == 0
        other.execute("SELECT pg_advisory_unlock(%s)", [pool.FILLING])
    assert pool.fill_pool(1) == 1


def test_what_a_killed_process_left_half_made_is_dropped(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA spare_half CREATE TABLE people_client (id int)")
    pool.fill_pool()
    assert "spare_half" not in schemas("spare_%")
    assert set(Spare.objects.values_list("schema_name", flat=True)) == schemas("spare_%")


def test_a_release_migrates_older_spares(db: None) -> None:
    before = set(Spare.objects.values_list("schema_name", flat=True))
    Spare.objects.update(migrated_to="of an earlier release")
    assert pool.migrate_spares() == len(before)
    assert (
        set(Spare.objects.fitting(migrating.current_fingerprint()).values_list("schema_name", flat=True))
        == before
    )


def test_a_release_drops_spares_that_cannot_become_like_new_ones(db: None) -> None:
    odd, *fine = Spare.objects.order_by("pk")
    Spare.objects.update(migrated_to="of an earlier release")
    with connection.cursor() as cursor:
        cursor.execute(f'ALTER TABLE "{odd.schema_name}".people_client ADD COLUMN extra int')
    assert pool.migrate_spares() == len(fine)
    assert odd.schema_name not in schemas("spare_%")


def test_the_first_schema_of_a_release_is_its_template(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "current_fingerprint", lambda: "of the next release")
    spare = pool.make_spare()
    template = Template.objects.get(migrated_to="of the next release")
    assert template.catalog == spare.catalog
    assert template.statements == Template.objects.exclude(pk=template.pk).get().statements


def test_what_is_said_again_makes_what_migrations_make(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "migrate_new", lambda name: pytest.fail("migrated"))
    again = pool.make_spare()
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA spare_alone")
    migrating.migrate_schema("spare_alone")
    assert catalog_of(again.schema_name) == again.catalog == catalog_of("spare_alone")
    assert migrating.migrate_schema(again.schema_name) == 0, "Django finds nothing left to do"


@pytest.mark.parametrize(
    "statement",
    ["ALTER TABLE people_client ADD COLUMN extra int", "ALTER TABLE nowhere ADD COLUMN extra int"],
)
def test_statements_that_do_not_fit_are_not_used(
    db: None, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    before, migrated = schemas("spare_%"), _migrations(monkeypatch)
    Template.objects.update(statements=[*Template.objects.get().statements, statement])
    pool.make_spare()
    assert schemas("spare_%") - before == set(migrated), (
        "what did not fit is gone, one that was migrated is there"
    )


def test_a_migration_that_does_more_than_sql_is_not_said_again(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "current_fingerprint", lambda: "of the next release")
    monkeypatch.setattr(RunSQL, "reduces_to_sql", False)
    pool.make_spare()
    assert Template.objects.get(migrated_to="of the next release").statements == []
    migrated = _migrations(monkeypatch)
    assert [pool.make_spare().schema_name] == migrated


def _migrations(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The schemas that are brought to this release by migrations from now on (seconds each: not really)."""
    migrated: list[str] = []
    template = Template.objects.earliest("pk")
    script = making.Script(template.statements, template.migrations)

    def migrate(name: str) -> None:
        migrated.append(name)
        making.say_again(script, name)

    monkeypatch.setattr(pool, "migrate_new", migrate)
    return migrated


def test_the_fingerprint_counts_what_migrations_say(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    before = migrating.fingerprint()
    assert before == migrating.fingerprint() == migrating.current_fingerprint()
    monkeypatch.setattr("pathlib.Path.read_bytes", lambda self: b"changed")
    assert migrating.fingerprint() != before


def test_a_small_lock_table_is_said(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert checks.check_lock_table(databases=["default"]) == []
    assert checks.check_lock_table(databases=None) == [], "never a query in a check without a database"
    locks = checks.lock_table()
    assert locks.slots > locks.per_transaction >= checks.LEAST_LOCKS_PER_TRANSACTION
    small = checks.LockTable(per_transaction=64, slots=6400, tables=90_000)
    monkeypatch.setattr(checks, "lock_table", lambda: small)
    said = [message.id for message in checks.check_lock_table(databases=["default"])]
    assert said == ["provisioning.W001", "provisioning.W002"]
