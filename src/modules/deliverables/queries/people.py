"""Who sees a deliverable, who may decide about it, and who in the agency hears of it."""

from modules.deliverables.models import Deliverable, Version
from modules.projects.models import Project
from portal.people import charge
from portal.people.models import Client, Right, Staff
from portal.people.owned import people_seeing


def readers(project: Project) -> list[Client]:
    """Clients who may sign in and see this project."""
    return list(people_seeing(project).with_access().order_by("name", "pk"))


def possible_reviewers(project: Project) -> list[Client]:
    """Readers who hold the right to approve for the project's company; a lone client always does."""
    return list(people_seeing(project, Right.APPROVE).with_access().order_by("name", "pk"))


def deciders(deliverable: Deliverable) -> list[Client]:
    """Whose decision counts now: asked to decide, still with access and still with the right."""
    asked = set(deliverable.reviewers.filter(decides=True).values_list("client_id", flat=True))
    return [client for client in possible_reviewers(deliverable.project) if client.pk in asked]


def reviewers_to_tell(deliverable: Deliverable) -> list[Client]:
    """All reviewers who may still see it, those who only comment included."""
    named = set(deliverable.reviewers.values_list("client_id", flat=True))
    return [client for client in readers(deliverable.project) if client.pk in named]


def may_decide(client: Client, deliverable: Deliverable) -> bool:
    """Whether this client is one whose decision counts; says nothing of the plan or the state."""
    return any(decider.pk == client.pk for decider in deciders(deliverable))


def staff_to_tell(version: Version) -> list[Staff]:
    """The project's lead, else who made the version, as far as they see its owner; else the agency's owners."""
    project = version.deliverable.project
    for staff in (project.lead, version.made_by):
        if able := charge.able(staff, project.owner):
            return [able]
    return list(Staff.objects.filter(role=Staff.Role.OWNER, is_active=True))
