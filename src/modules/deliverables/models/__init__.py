"""Deliverables, their versions, and what was decided about them."""

from modules.deliverables.models.review import Comment, Decision, Reminder, Reviewer
from modules.deliverables.models.work import UNDO_WINDOW, Deliverable, State, Version, VersionFile

__all__ = [
    "UNDO_WINDOW",
    "Comment",
    "Decision",
    "Deliverable",
    "Reminder",
    "Reviewer",
    "State",
    "Version",
    "VersionFile",
]
