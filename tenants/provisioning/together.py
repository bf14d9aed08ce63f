"""Several new schemas at once.

Most of the time of a migration Django spends on rendering models, which are the same for every schema: three
schemas made together cost little more than one. Nor are models rendered anew for what completes a table that
is made by the same migration.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.db.migrations import AddConstraint, AddField, AddIndex, CreateModel, Migration
from django.db.migrations.operations.base import Operation
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState

from tenants.agencies.current import connection, leave_agency
from tenants.provisioning.migrating import TenantLoader, migrate_schema

COMPLETING = (AddConstraint, AddField, AddIndex)


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
        for group in _groups(migration.operations):
            if len(group) == 1:
                _run(migration.app_label, group[0], state, editors)
            else:
                _make(migration.app_label, group, state, editors)
        for name, editor in editors.items():
            connection.set_schema(name, include_public=False)
            for statement in editor.deferred_sql:
                editor.execute(statement)
            MigrationRecorder(connection).record_applied(migration.app_label, migration.name)


def _groups(operations: Sequence[Operation]) -> list[list[Operation]]:
    """Runs of operations that make models and complete what they have just made; all others by themselves."""
    found: list[list[Operation]] = []
    made: set[str] = set()
    for operation in operations:
        if isinstance(operation, CreateModel):
            is_more = bool(made)
            made.add(operation.name_lower)
        else:
            is_more = isinstance(operation, COMPLETING) and operation.model_name_lower in made
            made = made if is_more else set()
        if is_more:
            found[-1].append(operation)
        else:
            found.append([operation])
    return found


def _run(label: str, operation: Operation, state: ProjectState, editors: dict[str, Any]) -> None:
    _ = state.apps
    before = state.clone()
    operation.state_forwards(label, state)
    for name, editor in editors.items():
        connection.set_schema(name, include_public=False)
        operation.database_forwards(label, editor, before, state)


def _make(label: str, group: list[Operation], state: ProjectState, editors: dict[str, Any]) -> None:
    # Without rendered models a change of the state costs nothing; a table made last has all that came after it.
    state.__dict__.pop("apps", None)
    for operation in group:
        operation.state_forwards(label, state)
    makers = [operation for operation in group if isinstance(operation, CreateModel)]
    for name, editor in editors.items():
        connection.set_schema(name, include_public=False)
        for maker in makers:
            model = state.apps.get_model(label, maker.name)
            if maker.allow_migrate_model(connection.alias, model):
                editor.create_model(model)


@contextmanager
def _editors(names: list[str]) -> Iterator[dict[str, Any]]:
    editors: dict[str, Any] = {name: connection.schema_editor(atomic=False) for name in names}
    for editor in editors.values():
        # What its own block would begin with; what it ends with has to be done in the right schema.
        editor.deferred_sql = []
    yield editors
