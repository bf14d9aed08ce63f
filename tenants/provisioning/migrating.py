"""Migrations of agencies' schemas, with a graph that holds tenant apps only.

Django renders the models of every app of the graph; with the public schema's apps left out (allauth,
and later dj-stripe with its hundreds of migrations) a new schema costs a fraction. Possible because no
tenant table refers to a public one.
"""

import functools
import hashlib
import inspect
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from tenants.agencies.current import connection, leave_agency


class TenantLoader(MigrationLoader):
    """A migration graph of the tenant apps alone."""

    def load_disk(self) -> None:
        super().load_disk()
        labels = tenant_labels()
        self.disk_migrations = {key: m for key, m in self.disk_migrations.items() if key[0] in labels}
        self.migrated_apps &= labels
        self.unmigrated_apps &= labels


def tenant_labels() -> set[str]:
    """Labels of the apps whose tables live in agencies' schemas."""
    return {config.label for config in apps.get_app_configs() if config.name in settings.TENANT_APPS}


def migrate_schema(schema_name: str) -> int:
    """Bring one schema to the newest state; the number of migrations applied.

    The path holds that schema and `extensions` only, so that a migration cannot reach the public one.
    """
    connection.set_schema(schema_name, include_public=False)
    try:
        executor = MigrationExecutor(connection)
        executor.recorder.ensure_schema()
        executor.loader = TenantLoader(connection)
        targets = executor.loader.graph.leaf_nodes()
        plan = executor.migration_plan(targets)
        if plan:
            executor.migrate(targets, plan=plan)
        return len(plan)
    finally:
        leave_agency()


def fingerprint() -> str:
    """A hash over the tenant migrations on disk, names and contents: what this release makes of a schema."""
    found = TenantLoader(None).disk_migrations
    digest = hashlib.sha256()
    for key in sorted(found):
        source = Path(inspect.getfile(type(found[key]))).read_bytes()
        digest.update(repr((key, hashlib.sha256(source).hexdigest())).encode())
    return digest.hexdigest()


@functools.cache
def current_fingerprint() -> str:
    """The fingerprint of this release (constant while the process lives)."""
    return fingerprint()
