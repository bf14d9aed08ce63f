"""Give an agency its schema, and take it away again."""

from collections.abc import Callable
from typing import Any

from django.db import connection, transaction
from psycopg import sql

from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency, AgencyState
from tenants.domains import removing
from tenants.provisioning.migrating import current_fingerprint
from tenants.provisioning.models import Spare
from tenants.provisioning.pool import drop_schema, fill_pool, make_spare
from tenants.routing import hosts

__all__ = [
    "fill_pool",
    "make_spare",
    "on_schema_gone",
    "on_schema_ready",
    "provision",
    "remove",
    "schema_name_for",
]

SCHEMA_PREFIX = "a_"
SchemaReady = Callable[[CurrentAgency, dict[str, Any]], None]
SchemaGone = Callable[[str], None]
_on_ready: list[SchemaReady] = []
_on_gone: list[SchemaGone] = []


def on_schema_ready(seed: SchemaReady) -> SchemaReady:
    """Register what fills a new agency's schema. The portal hears it here; tenants never import the portal.

    It runs inside the agency, in the transaction that makes it, with the founder's particulars:
    `{"account_id", "name", "email"}`.
    """
    _on_ready.append(seed)
    return seed


def on_schema_gone(clear: SchemaGone) -> SchemaGone:
    """Register what an agency leaves outside its schema, e.g. its files. Runs in no agency, perhaps twice."""
    _on_gone.append(clear)
    return clear


def schema_name_for(slug: str) -> str:
    """A free schema name that tells its agency: `a_` and the slug, numbered if somebody has it already.

    Slugs that differ in `-` and `_` only meet here, and a removed agency's schema may still be going.
    """
    stem = SCHEMA_PREFIX + slug.replace("-", "_")
    taken = _names_like(stem)
    number = 1
    name = stem
    while name in taken:
        number += 1
        name = f"{stem}_{number}"
    return name


@transaction.atomic
def provision(agency: Agency, founder: dict[str, Any]) -> CurrentAgency:
    """Give a new, unsaved agency its schema: a spare by rename, else a fresh one; save and seed it.

    Part of the caller's transaction: if that rolls back, the spare is a spare again. An agency without a
    schema name gets one from its slug.
    """
    # Jobs import this module.
    from tenants.provisioning import jobs

    agency.schema_name = agency.schema_name or schema_name_for(agency.slug)
    take_schema(agency.schema_name)
    agency.save(force_insert=True)
    jobs.fill_pool.send()
    current = agency.current()
    with inside(current):
        for seed in _on_ready:
            seed(current, founder)
    return current


def remove(agency_id: int) -> None:
    """Remove an agency for good: nothing of it answers from now on, then its schema goes, table by table,
    and what it leaves elsewhere.

    The row stays, as GONE, so that nobody else gets its slug and with it the old links. Runs again after
    an interruption. Never inside a transaction: the batches need their own.
    """
    agency = Agency.objects.get(pk=agency_id)
    Agency.objects.filter(pk=agency_id).update(state=AgencyState.GONE)
    removing.release_all(agency_id)
    hosts.forget_all()
    drop_schema(agency.schema_name)
    for clear in _on_gone:
        clear(agency.schema_name)


def take_schema(name: str) -> None:
    """Make the schema `name` out of the oldest fitting spare, else from nothing. Inside a transaction."""
    taken = Spare.take(current_fingerprint())
    if taken is None:
        fresh = make_spare()
        taken = fresh.schema_name
        fresh.delete()
    with connection.cursor() as cursor:
        rename = sql.SQL("ALTER SCHEMA {} RENAME TO {}")
        cursor.execute(rename.format(sql.Identifier(taken), sql.Identifier(name)))


def _names_like(stem: str) -> set[str]:
    known = Agency.objects.filter(schema_name__startswith=stem).values_list("schema_name", flat=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE starts_with(nspname, %s)", [stem])
        return {*known, *(name for (name,) in cursor.fetchall())}
