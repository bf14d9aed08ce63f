"""Make, claim and remove schemas."""

import functools
import secrets
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from psycopg import sql

from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency
from tenants.provisioning.migrating import fingerprint, migrate_schema
from tenants.provisioning.models import Spare

SPARE_PREFIX = "spare_"
SchemaReady = Callable[[CurrentAgency, dict[str, Any]], None]
_on_ready: list[SchemaReady] = []


def on_schema_ready(seed: SchemaReady) -> SchemaReady:
    """Register what fills a new agency's schema. The portal hears it here; tenants never import the portal.

    It runs inside the agency, in the transaction that makes it, with the founder's particulars:
    `{"account_id", "name", "email"}`.
    """
    _on_ready.append(seed)
    return seed


def make_spare() -> Spare:
    """Make and migrate one spare schema. Takes seconds: for jobs and releases."""
    name = SPARE_PREFIX + secrets.token_hex(8)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(name)))
    migrate_schema(name)
    return Spare.objects.create(schema_name=name, migrated_to=current_fingerprint())


def fill_pool(size: int | None = None) -> int:
    """Make spares until `size` (default: settings.SPARE_SCHEMAS) fit; the number made."""
    wanted = settings.SPARE_SCHEMAS if size is None else size
    missing = wanted - Spare.objects.filter(migrated_to=current_fingerprint()).count()
    for _ in range(missing):
        make_spare()
    return max(missing, 0)


@transaction.atomic
def provision(agency: Agency, founder: dict[str, Any]) -> CurrentAgency:
    """Give a new, unsaved agency its schema: a spare by rename, else a fresh one; save and seed it."""
    _take_schema(agency.schema_name)
    agency.save(force_insert=True)
    current = agency.current()
    with inside(current):
        for seed in _on_ready:
            seed(current, founder)
    return current


@functools.cache
def current_fingerprint() -> str:
    """The fingerprint of this release's tenant migrations (constant while the process lives)."""
    return fingerprint()


def _take_schema(name: str) -> None:
    spare = (
        Spare.objects.select_for_update(skip_locked=True)
        .filter(migrated_to=current_fingerprint())
        .order_by("pk")
        .first()
    )
    if spare is None:
        spare = make_spare()
    with connection.cursor() as cursor:
        rename = sql.SQL("ALTER SCHEMA {} RENAME TO {}")
        cursor.execute(rename.format(sql.Identifier(spare.schema_name), sql.Identifier(name)))
    spare.delete()
