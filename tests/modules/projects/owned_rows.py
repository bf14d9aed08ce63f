"""Rows of projects and of what belongs to them."""

from typing import Any

from modules.projects.models import Milestone, Project, Update, UpdateComment
from tests.owned_rows import OwnedRow


def project(**owner: Any) -> Project:
    made: Project = Project.objects.create(name="Website", **owner)
    return made


def update(**owner: Any) -> Update:
    made: Update = Update.objects.create(project=project(**owner), text="News")
    return made


ROWS = {
    Project: OwnedRow(project),
    Milestone: OwnedRow(lambda **owner: Milestone.objects.create(project=project(**owner), name="Draft")),
    Update: OwnedRow(update),
    UpdateComment: OwnedRow(lambda **owner: UpdateComment.objects.create(update=update(**owner), text="Yes")),
}
