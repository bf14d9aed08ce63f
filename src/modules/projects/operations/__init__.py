"""What can be done with projects, for pages and API alike; each refusal carries words for a person."""

from kit.refused import NotValid
from modules.projects.operations.access import NotInvited, OnlyItsOwnClient, invite_to_project
from modules.projects.operations.checks import ArchivedProject
from modules.projects.operations.internal import (
    add_internal_comment,
    add_task,
    delete_task,
    edit_task,
    set_task_done,
)
from modules.projects.operations.milestones import (
    MilestoneFields,
    add_milestone,
    delete_milestone,
    edit_milestone,
    move_milestone,
    set_milestone_state,
)
from modules.projects.operations.projects import (
    ProjectFields,
    archive_project,
    create_project,
    edit_project,
    restore_project,
)
from modules.projects.operations.updates import (
    NotYours,
    comment_as_client,
    comment_as_staff,
    edit_update,
    post_update,
)
from portal.audit.operations import Trail

__all__ = [
    "ArchivedProject",
    "MilestoneFields",
    "NotInvited",
    "NotValid",
    "NotYours",
    "OnlyItsOwnClient",
    "ProjectFields",
    "Trail",
    "add_internal_comment",
    "add_milestone",
    "add_task",
    "archive_project",
    "comment_as_client",
    "comment_as_staff",
    "create_project",
    "delete_milestone",
    "delete_task",
    "edit_milestone",
    "edit_project",
    "edit_task",
    "edit_update",
    "invite_to_project",
    "move_milestone",
    "post_update",
    "restore_project",
    "set_milestone_state",
    "set_task_done",
]
