"""Every agency's schema at a release: one that cannot be migrated does not stop the others."""

from collections.abc import Iterator
from dataclasses import dataclass

import structlog
from django.db import close_old_connections, connection

from kit import clock
from tenants.agencies.models import Agency
from tenants.provisioning.migrating import migrate_schema
from tenants.routing import hosts

log = structlog.get_logger()


@dataclass(frozen=True)
class Migrated:
    """What became of one agency's schema."""

    slug: str
    applied: int
    error: str = ""


def migrate_agencies() -> Iterator[Migrated]:
    """Bring every agency's schema to this release, one after the other.

    An agency whose migration fails keeps the state before the failing migration and answers with a notice
    until a later run succeeds; the reason stands on its row.
    """
    for agency in Agency.objects.reachable().order_by("pk"):
        yield _migrate(agency)
        if not connection.in_atomic_block:
            # Gives back what the server remembers of the schemas that are done.
            close_old_connections()
    hosts.forget_all()


def _migrate(agency: Agency) -> Migrated:
    row = Agency.objects.filter(pk=agency.pk)
    try:
        applied = migrate_schema(agency.schema_name)
    except Exception as error:
        # Whatever a migration raises concerns this agency's schema; the next one may well succeed.
        log.exception("provisioning.migration_failed", agency=agency.slug)
        words = f"{type(error).__name__}: {error}"[:2000]
        row.filter(needs_migration_since=None).update(needs_migration_since=clock.now())
        row.update(migration_error=words)
        return Migrated(agency.slug, 0, words)
    if agency.needs_migration_since:
        row.update(needs_migration_since=None, migration_error="")
    return Migrated(agency.slug, applied)
