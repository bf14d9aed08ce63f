"""A new agency gets a schema that was made before: by rename, in the transaction of the sign-up."""

import threading
import time

import pytest
from django.db import DatabaseError, connection, transaction

from portal.audit.models import AuditEntry
from portal.people.models import Client, Staff
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency
from tenants.plans import Plan
from tenants.provisioning import pool
from tenants.provisioning.catalog import catalog_of
from tenants.provisioning.migrating import current_fingerprint
from tenants.provisioning.models import Spare, Template
from tenants.provisioning.operations import make_spare, provision, schema_name_for
from tests.running_jobs import queued

FOUNDER = {"account_id": 1, "name": "Nora Lund", "email": "nora@atelier.example"}
CLAIMS = 10


def claim(slug: str) -> CurrentAgency:
    return provision(Agency(slug=slug, name=slug.title(), plan=Plan.GROWTH), dict(FOUNDER))


def schemas(like: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE %s", [like])
        return {name for (name,) in cursor.fetchall()}


def empty_the_pool() -> None:
    for spare in Spare.objects.all():
        pool.discard(spare)


def test_a_claim_renames_a_spare_and_seeds_it(db: None) -> None:
    oldest = Spare.objects.order_by("pk")[0]
    before = schemas("spare_%")
    agency = claim("atelier")
    assert agency.schema_name == "a_atelier"
    assert schemas("spare_%") == before - {oldest.schema_name}
    assert not Spare.objects.filter(pk=oldest.pk).exists()
    with inside(agency):
        assert Staff.objects.get().email == "nora@atelier.example"
        assert Client.objects.filter(is_example=False).count() == 0


def test_a_claim_makes_nothing_and_is_replaced_by_a_job(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenants.provisioning.operations.make_spare", lambda: pytest.fail("made"))
    claim("atelier")
    assert queued() == ["provisioning.fill_pool"]


def test_everything_works_under_the_new_name(db: None) -> None:
    """Sequences, defaults and the audit trigger go with the schema; nothing remembers what it was called."""
    was = Spare.objects.order_by("pk")[0].schema_name
    agency = claim("atelier")
    with inside(agency):
        pks = [Client.objects.create(email=f"{n}@client.example", name="New").pk for n in range(2)]
        assert pks[0] < pks[1]
        entry = AuditEntry.objects.create(actor="system", verb="test.made", subject="test:1", hash="h")
        for change in (lambda: AuditEntry.objects.update(verb="forged"), entry.delete):
            with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
                change()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef UNION ALL SELECT prosrc FROM pg_proc"
            " UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger"
            " UNION ALL SELECT pg_get_constraintdef(oid) FROM pg_constraint"
        )
        assert [text for (text,) in cursor.fetchall() if text and was in text] == []


def test_a_rollback_gives_the_spare_back(db: None) -> None:
    before = set(Spare.objects.values_list("schema_name", flat=True))
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        claim("atelier")
        raise ZeroDivisionError
    assert set(Spare.objects.values_list("schema_name", flat=True)) == before
    assert before <= schemas("spare_%")
    assert schemas("a_atelier") == set()


def test_an_empty_pool_makes_one_at_once(db: None) -> None:
    empty_the_pool()
    agency = claim("atelier")
    with inside(agency):
        assert Staff.objects.count() == 1
    assert schemas("spare_%") == set()


def test_a_spare_of_other_migrations_is_not_claimed(db: None) -> None:
    Spare.objects.update(migrated_to="of an earlier release")
    old = set(Spare.objects.values_list("schema_name", flat=True))
    claim("atelier")
    assert set(Spare.objects.values_list("schema_name", flat=True)) == old


def test_a_spare_that_differs_from_the_template_is_not_claimed(db: None) -> None:
    odd = Spare.objects.order_by("pk")[0]
    Spare.objects.filter(pk=odd.pk).update(catalog="something else")
    claim("atelier")
    assert Spare.objects.filter(pk=odd.pk).exists()


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE people_client ADD COLUMN extra int",
        "ALTER TABLE people_client ALTER COLUMN name SET DEFAULT 'x'",
        "ALTER TABLE people_client DROP COLUMN phone CASCADE",
        "CREATE INDEX extra ON people_client (name)",
        "DROP TRIGGER audit_append_only ON audit_auditentry",
        "ALTER TABLE audit_auditentry DISABLE TRIGGER audit_append_only",
        "ALTER SEQUENCE people_client_id_seq INCREMENT BY 2",
        "ALTER TABLE branding_portalsettings DROP CONSTRAINT one_row_of_settings",
        "DELETE FROM django_migrations WHERE app = 'audit'",
        "DROP TABLE django_migrations",
    ],
)
def test_a_spare_that_somebody_altered_is_refused(db: None, change: str) -> None:
    spare = Spare.objects.order_by("pk")[0]
    template = Template.objects.get(migrated_to=current_fingerprint())
    assert catalog_of(spare.schema_name) == template.catalog
    connection.set_schema(spare.schema_name, include_public=False)  # type: ignore[attr-defined]
    with connection.cursor() as cursor:
        cursor.execute(change)
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    assert pool.refuse_altered() == 1
    assert spare.schema_name not in schemas("spare_%")
    assert pool.refuse_altered() == 0


def test_two_spares_have_the_same_catalog(db: None) -> None:
    assert make_spare().catalog == Spare.objects.order_by("pk")[0].catalog


def test_names_are_told_apart(db: None) -> None:
    assert schema_name_for("two-words") == "a_two_words"
    claim("two-words")
    assert schema_name_for("two_words") == "a_two_words_2"
    assert schema_name_for("two-words") == "a_two_words_2"
    assert schema_name_for("northwind") == "a_northwind_2"
    assert schema_name_for("north") == "a_north"


def test_ten_claims_at_once_get_ten_schemas(committed_db: None) -> None:
    pool.fill_pool(CLAIMS)
    spares = set(Spare.objects.values_list("schema_name", flat=True))
    taken: list[str] = []
    errors: list[BaseException] = []
    together = threading.Barrier(CLAIMS)

    def join(number: int) -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            together.wait()
            with transaction.atomic():
                agency = claim(f"rush{number}")
                time.sleep(0.05)  # the others claim while this one is not yet committed
            taken.append(agency.schema_name)
        except BaseException as error:  # a thread's failure must fail the test
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=join, args=(number,)) for number in range(CLAIMS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert set(taken) == {f"a_rush{number}" for number in range(CLAIMS)} == schemas("a\\_rush%")
    assert not spares & schemas("spare_%"), "ten spares, each claimed once, none made beside them"
    assert Spare.objects.count() == 0
    for name in taken:
        connection.set_schema(name, include_public=False)  # type: ignore[attr-defined]
        assert Staff.objects.count() == 1
    connection.set_schema_to_public()  # type: ignore[attr-defined]
