"""Schemas made from nothing: the first one of a release by its migrations, all others by what those said.

Nearly all the time of a migration Django spends on rendering models. What came of it is the same for every
schema: the statements of the first one are kept and said again, a fraction of the time. Nor are models rendered
anew, in the first one, for what completes a table that is made by the same migration.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.schema import DatabaseSchemaEditor
from django.db.migrations import AddConstraint, AddField, AddIndex, CreateModel, Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState

from tenants.agencies.current import connection, leave_agency
from tenants.provisioning.migrating import TenantLoader, migrate_schema

COMPLETING = (AddConstraint, AddField, AddIndex)


@dataclass
class Script:
    """What the migrations of a release say to an empty schema."""

    statements: list[str] = field(default_factory=list)
    migrations: list[tuple[str, str]] = field(default_factory=list)


def migrate_new(name: str) -> Script | None:
    """Bring an empty schema to the newest state; what was said to it.

    None: a migration needs a transaction of its own, or does more than SQL, and cannot be said again.
    """
    plan = _plan(TenantLoader(None))
    if not all(migration.atomic for migration in plan):
        migrate_schema(name)
        return None
    connection.set_schema(name, include_public=False)
    try:
        script = _apply_all(plan)
    finally:
        leave_agency()
    operations = (operation for migration in plan for operation in migration.operations)
    return script if all(operation.reduces_to_sql for operation in operations) else None


def say_again(script: Script, name: str) -> None:
    """Bring an empty schema to where the migrations brought the one that `script` was written down from.

    Raises:
        django.db.DatabaseError: a statement does not fit; nothing of it was done.
    """
    connection.set_schema(name, include_public=False)
    try:
        with transaction.atomic():
            recorder = MigrationRecorder(connection)
            recorder.ensure_schema()
            with connection.cursor() as cursor:
                cursor.execute(";\n".join(script.statements))
            rows = (recorder.Migration(app=app, name=migration) for app, migration in script.migrations)
            recorder.migration_qs.bulk_create(rows)
    finally:
        leave_agency()


def migrate_new_public() -> bool:
    """Make the public schema of an empty database; False: it is not empty, or a migration must run by itself.

    Django's own command comes after it: it finds nothing to do and tells everybody who listens.
    """
    connection.set_schema_to_public()
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('public.django_migrations') IS NULL")
        is_new = bool(cursor.fetchone()[0])
    plan = _plan(MigrationLoader(None)) if is_new else []
    if not plan or not all(migration.atomic for migration in plan):
        return False
    _apply_all(plan)
    return True


def _plan(loader: MigrationLoader) -> list[Migration]:
    found: dict[tuple[str, str], None] = {}
    for leaf in loader.graph.leaf_nodes():
        found |= dict.fromkeys(loader.graph.forwards_plan(leaf))
    return [loader.graph.nodes[key] for key in found]


def _apply_all(plan: list[Migration]) -> Script:
    state, script, recorder = ProjectState(), Script(), MigrationRecorder(connection)
    recorder.ensure_schema()
    for migration in plan:
        with transaction.atomic():
            script.statements += _apply(migration, state)
            recorder.record_applied(migration.app_label, migration.name)
        script.migrations.append((migration.app_label, migration.name))
    return script


def _apply(migration: Migration, state: ProjectState) -> list[str]:
    editor = _Editor()
    for group in _groups(migration.operations):
        if len(group) == 1:
            _run(migration.app_label, group[0], state, editor)
        else:
            _make(migration.app_label, group, state, editor)
    for statement in editor.deferred_sql:
        editor.execute(statement, None)
    return editor.said


class _Editor(DatabaseSchemaEditor):
    """Django's, which also writes down what it says. Whoever uses it begins the transaction."""

    def __init__(self) -> None:
        super().__init__(connection, atomic=False)
        self.deferred_sql: list[Any] = []
        self.said: list[str] = []

    def execute(self, sql: Any, params: Any = ()) -> None:
        text = str(sql) if params is None else self.connection.ops.compose_sql(str(sql), params)
        self.said.append(text.rstrip().removesuffix(";"))
        super().execute(text, None)


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


def _run(label: str, operation: Operation, state: ProjectState, editor: DatabaseSchemaEditor) -> None:
    _ = state.apps
    before = state.clone()
    operation.state_forwards(label, state)
    operation.database_forwards(label, editor, before, state)


def _make(label: str, group: list[Operation], state: ProjectState, editor: DatabaseSchemaEditor) -> None:
    # Without rendered models a change of the state costs nothing; a table made last has all that came after it.
    state.__dict__.pop("apps", None)
    for operation in group:
        operation.state_forwards(label, state)
    for maker in (operation for operation in group if isinstance(operation, CreateModel)):
        model = state.apps.get_model(label, maker.name)
        if maker.allow_migrate_model(connection.alias, model):
            editor.create_model(model)
