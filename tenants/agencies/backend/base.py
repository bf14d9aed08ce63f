"""django-tenants sets the search path before every cursor; here only when the server holds another one.

The path is known to be gone after whatever may have undone a SET: a rollback, a rollback to a savepoint,
a failed commit, a new connection. Measured (design/tenancy.md §3): a page of eight queries sends one
statement for tenancy instead of nine.
"""

from typing import Any

from django.db import DatabaseError
from django_tenants.postgresql_backend import base

# A backend of Postgres never forgets a relation it has seen; only a new connection gives the memory back.
MOST_SCHEMAS = 200


class DatabaseWrapper(base.DatabaseWrapper):  # type: ignore[misc]
    """One connection; it belongs to one thread."""

    search_path_set_schemas: list[str] | None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.visited: set[str] = set()
        super().__init__(*args, **kwargs)

    def connect(self) -> None:
        self._forget_path()
        self.visited.clear()
        super().connect()

    def commit(self) -> None:
        try:
            super().commit()
        except DatabaseError:
            # A deferred constraint refused: Postgres rolled back, the SET with it.
            self._forget_path()
            raise

    def set_tenant(self, tenant: Any, include_public: bool = True) -> None:
        """Work for another schema from the next statement on; nothing is sent yet."""
        held = self.search_path_set_schemas
        super().set_tenant(tenant, include_public)
        self.search_path_set_schemas = held

    def close_if_unusable_or_obsolete(self) -> None:
        """Django calls it before and after every request and job: also after too many schemas."""
        if len(self.visited) > MOST_SCHEMAS:
            self.close()
        super().close_if_unusable_or_obsolete()

    def _handle_search_path(self, cursor: Any = None) -> None:
        if self.search_path_set_schemas == self._get_cursor_search_paths():
            return
        super()._handle_search_path(cursor)
        self.visited.add(self.schema_name)

    def _forget_path(self) -> None:
        self.search_path_set_schemas = None
