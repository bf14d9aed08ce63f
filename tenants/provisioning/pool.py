"""The pool of spare schemas: made ahead of time, looked after, dropped when they no longer fit."""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

import structlog
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from psycopg import sql

from tenants.provisioning.catalog import catalog_of
from tenants.provisioning.making import Script, migrate_new, say_again
from tenants.provisioning.migrating import current_fingerprint, migrate_schema
from tenants.provisioning.models import Spare, Template

log = structlog.get_logger()
SPARE_PREFIX = "spare_"
# One transaction locks every relation it drops; a batch stays far below max_locks_per_transaction.
TABLES_PER_DROP = 20
FILL_SECONDS = 120
FILLING = 0x706F6F6C  # advisory lock: one process fills at a time


def make_spare() -> Spare:
    """Make one spare schema: by this release's migrations if it is the first one, else by what those said to it.

    The first takes seconds, the others a fraction of one: for jobs and releases.
    """
    name = SPARE_PREFIX + secrets.token_hex(8)
    template = Template.objects.filter(migrated_to=current_fingerprint()).first()
    catalog = (template and _make_like(template, name)) or _make_by_migrating(name)
    return Spare.objects.create(schema_name=name, migrated_to=current_fingerprint(), catalog=catalog)


def _make_like(template: Template, name: str) -> str:
    """Say the template's statements again; the catalog, or nothing if they no longer make what they made then."""
    if not template.statements:
        return ""
    _create(name)
    try:
        say_again(Script(template.statements, template.migrations), name)
        if catalog_of(name) == template.catalog:
            return template.catalog
        log.warning("provisioning.statements_do_not_fit", migrated_to=template.migrated_to)
    except DatabaseError:
        log.exception("provisioning.statements_failed", migrated_to=template.migrated_to)
    drop_schema(name)
    return ""


def _make_by_migrating(name: str) -> str:
    _create(name)
    script, catalog = migrate_new(name) or Script(), catalog_of(name)
    # The first schema that a release's migrations made from nothing is what all others must look like.
    Template.objects.get_or_create(
        migrated_to=current_fingerprint(), defaults={"catalog": catalog, **asdict(script)}
    )
    return catalog


def _create(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(name)))


def fill_pool(size: int | None = None) -> int:
    """Make spares until `size` (default: settings.SPARE_SCHEMAS) fit; the number made.

    Returns 0 at once while another process fills.
    """
    with _alone() as alone:
        if not alone:
            return 0
        _drop_unfinished()
        wanted = settings.SPARE_SCHEMAS if size is None else size
        missing = wanted - Spare.objects.fitting(current_fingerprint()).count()
        for _ in range(missing):
            make_spare()
        return max(missing, 0)


def refuse_altered() -> int:
    """Look at the spares of this release again and drop those that are not what they were; how many."""
    dropped = 0
    for pk in Spare.objects.filter(migrated_to=current_fingerprint()).values_list("pk", flat=True):
        if altered := _give_up_if_altered(pk):
            log.warning("provisioning.spare_refused", schema=altered)
            drop_schema(altered)
            dropped += 1
    return dropped


def migrate_spares() -> int:
    """At a release: bring older spares up to date; those that then differ from a fresh schema are dropped.

    Returns how many were kept.
    """
    with _alone(wait_seconds=FILL_SECONDS):
        old = list(Spare.objects.exclude(migrated_to=current_fingerprint()))
        if old and not Template.objects.filter(migrated_to=current_fingerprint()).exists():
            make_spare()
        return sum(_migrate_spare(spare) for spare in old)


def discard(spare: Spare) -> bool:
    """Drop a spare, unless somebody claims it at this moment."""
    taken = not Spare.objects.filter(pk=spare.pk).delete()[0]
    if not taken:
        drop_schema(spare.schema_name)
    return not taken


def drop_schema(name: str) -> None:
    """Drop a schema in batches, each its own transaction. A schema that is gone already is no error."""
    while tables := _tables_of(name)[:TABLES_PER_DROP]:
        names = sql.SQL(", ").join(sql.Identifier(name, table) for table in tables)
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("DROP TABLE {} CASCADE").format(names))
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(name)))


@contextmanager
def _alone(wait_seconds: float = 0) -> Iterator[bool]:
    """Whether no other process makes spares now; none begins before the block ends."""
    until = time.monotonic() + wait_seconds
    while not (alone := _ask("SELECT pg_try_advisory_lock(%s)")) and time.monotonic() < until:
        time.sleep(0.2)
    try:
        yield alone
    finally:
        if alone:
            _ask("SELECT pg_advisory_unlock(%s)")


def _ask(question: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(question, [FILLING])
        return bool(cursor.fetchone()[0])


def _drop_unfinished() -> None:
    """Schemas that a killed process left half made. Who makes one now holds the lock or has not committed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE starts_with(nspname, %s)", [SPARE_PREFIX])
        found = {name for (name,) in cursor.fetchall()}
    for name in sorted(found - set(Spare.objects.values_list("schema_name", flat=True))):
        drop_schema(name)


@transaction.atomic
def _give_up_if_altered(pk: int) -> str:
    """The name of a spare that must be dropped, no longer claimable; locked, so that no claim takes it now."""
    spare = Spare.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
    if spare is None:
        return ""
    wanted = Template.objects.values_list("catalog", flat=True).get(migrated_to=spare.migrated_to)
    try:
        with transaction.atomic():
            is_altered = catalog_of(spare.schema_name) != wanted
    except DatabaseError:
        is_altered = True
    if is_altered:
        spare.delete()
    return spare.schema_name if is_altered else ""


def _migrate_spare(spare: Spare) -> bool:
    try:
        migrate_schema(spare.schema_name)
        catalog = catalog_of(spare.schema_name)
    except Exception:
        # A spare holds nothing: whatever is wrong with it, a fresh one is cheaper than finding out.
        log.exception("provisioning.spare_failed", schema=spare.schema_name)
        catalog = ""
    template = Template.objects.get(migrated_to=current_fingerprint())
    if catalog != template.catalog:
        discard(spare)
        return False
    fits = {"migrated_to": template.migrated_to, "catalog": catalog}
    return bool(Spare.objects.filter(pk=spare.pk).update(**fits))


def _tables_of(schema: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", [schema])
        return [name for (name,) in cursor.fetchall()]
