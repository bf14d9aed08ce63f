"""Many new tables in one step of a migration."""

from typing import Any

from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class AllAtOnce(Operation):
    """Makes the tables of many new models after all of them are known.

    Step by step Django renders the models anew for each of them: 4.3 s for dj-stripe's 59, like this 0.6 s.
    Only for models that are made by these operations, and that no other app points to.
    """

    def __init__(self, operations: list[Operation]) -> None:
        self.operations = operations

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        # Without rendered models a change of the state costs nothing; they are rendered again when asked for.
        state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for name in self._names():
            model = to_state.apps.get_model(app_label, name)
            if self.allow_migrate_model(schema_editor.connection.alias, model):
                schema_editor.create_model(model)
        self._forget(app_label, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for name in reversed(self._names()):
            model = from_state.apps.get_model(app_label, name)
            if self.allow_migrate_model(schema_editor.connection.alias, model):
                schema_editor.delete_model(model)

    def describe(self) -> str:
        """What the log of a migration says."""
        return f"Make {len(self._names())} tables"

    def _forget(self, app_label: str, state: ProjectState) -> None:
        # They point to our logins, as our own models do: remembered, each later change of ours in the same run
        # would render all of them anew (9 s of a first release).
        state.__dict__.pop("apps", None)
        for name in self._names():
            state.remove_model(app_label, name.lower())

    def _names(self) -> list[str]:
        return [one.name for one in self.operations if isinstance(one, CreateModel)]
