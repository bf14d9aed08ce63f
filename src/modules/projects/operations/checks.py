"""The refusals that all operations of projects share."""

from kit.refused import Refused
from modules.projects.models import Project

WRITE_FIRST = "Write something first."


class ArchivedProject(Refused):
    """An archived project is only read."""

    words = "This project is archived. Restore it first, then change it."


def lock(project: Project) -> Project:
    """The project's row as it is now, held until the transaction ends.

    Every change takes it first, so that two people who change one project queue up here and none writes
    into a project that was archived a moment ago.

    Raises:
        ArchivedProject: nothing may be changed.
    """
    locked: Project = Project.objects.select_for_update().get(pk=project.pk)
    if locked.is_archived:
        raise ArchivedProject
    return locked
