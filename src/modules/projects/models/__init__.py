"""The nouns: what clients see (projects, milestones, updates, comments) and what they never do (internal)."""

from modules.projects.models.internal import InternalComment, Task
from modules.projects.models.projects import Milestone, Progress, Project, ProjectQuerySet
from modules.projects.models.updates import Update, UpdateComment

__all__ = [
    "InternalComment",
    "Milestone",
    "Progress",
    "Project",
    "ProjectQuerySet",
    "Task",
    "Update",
    "UpdateComment",
]
