"""Several new schemas at once.

Most of the time of a migration Django spends on rendering models, which are the same for every schema: three
schemas made together cost little more than one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.db.migrations import Migration
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState

from tenants.agencies.current import connection, leave_agency
from tenants.provisioning.migrating import TenantLoader, migrate_schema


def migrate_new(names: list[str]) -> None:
    """Bring empty schemas to the newest state, each migration in all of them before the next one."""
    graph = TenantLoader(None).graph
    plan = [graph.nodes[key] for key in _in_order(graph)]
    if not all(migration.atomic for migration in plan):
        # It needs transactions of its own, one schema after the other.
        for name in names:
            migrate_schema(name)
        return
    try:
        for name in names:
            connection.set_schema(name, include_public=False)
            MigrationRecorder(connection).ensure_schema()
        state = ProjectState()
        for migration in plan:
            # Rendered once, then only what changes.
            _ = state.apps
            _apply(migration, state, names)
    finally:
        leave_agency()


def _in_order(graph: Any) -> list[tuple[str, str]]:
    found: dict[tuple[str, str], None] = {}
    for leaf in graph.leaf_nodes():
        found |= dict.fromkeys(graph.forwards_plan(leaf))
    return list(found)


def _apply(migration: Migration, state: ProjectState, names: list[str]) -> None:
    with transaction.atomic(), _editors(names) as editors:
        for operation in migration.operations:
            before = state.clone()
            operation.state_forwards(migration.app_label, state)
            for name, editor in editors.items():
                connection.set_schema(name, include_public=False)
                operation.database_forwards(migration.app_label, editor, before, state)
        for name, editor in editors.items():
            connection.set_schema(name, include_public=False)
            for statement in editor.deferred_sql:
                editor.execute(statement)
            MigrationRecorder(connection).record_applied(migration.app_label, migration.name)


@contextmanager
def _editors(names: list[str]) -> Iterator[dict[str, Any]]:
    editors: dict[str, Any] = {name: connection.schema_editor(atomic=False) for name in names}
    for editor in editors.values():
        # What its own block would begin with; what it ends with has to be done in the right schema.
        editor.deferred_sql = []
    yield editors
