"""Queued work of imports."""

from portal.imports import running, undoing
from portal.jobs import job


@job("imports.run")
def run(*, import_id: int) -> None:
    """The next rows of an import."""
    running.run(import_id)


@job("imports.undo")
def undo(*, import_id: int) -> None:
    """The next rows of an import that is taken back."""
    undoing.undo(import_id)
