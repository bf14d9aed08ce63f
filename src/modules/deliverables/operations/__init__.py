"""What can be done with deliverables, for pages, jobs and API alike; each refusal carries words for a person."""

from kit.refused import NotValid, WrongState
from modules.deliverables.operations.checks import Archived, Locked, NotAllowed, NotInPlan
from modules.deliverables.operations.commenting import (
    comment_as_client,
    comment_as_staff,
    reopen_comment,
    resolve_comment,
)
from modules.deliverables.operations.deciding import decide, lock_due, lock_now, undo_decision
from modules.deliverables.operations.life import mark_ready, restore, start_internal_review, withdraw
from modules.deliverables.operations.making import DeliverableFields, create_deliverable, edit_deliverable
from modules.deliverables.operations.reminding import remind_due
from modules.deliverables.operations.versions import MOST_FILES, add_version, discard_version
from portal.audit.operations import Trail

__all__ = [
    "MOST_FILES",
    "Archived",
    "DeliverableFields",
    "Locked",
    "NotAllowed",
    "NotInPlan",
    "NotValid",
    "Trail",
    "WrongState",
    "add_version",
    "comment_as_client",
    "comment_as_staff",
    "create_deliverable",
    "decide",
    "discard_version",
    "edit_deliverable",
    "lock_due",
    "lock_now",
    "mark_ready",
    "remind_due",
    "reopen_comment",
    "resolve_comment",
    "restore",
    "start_internal_review",
    "undo_decision",
    "withdraw",
]
