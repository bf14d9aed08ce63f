"""Who answers a thread, and who hears of it."""

from modules.feedback.models import Thread
from modules.projects.models import Project
from portal.module import Charge
from portal.people import charge
from portal.people.models import Client, Company, Staff


def active_staff() -> list[Staff]:
    """Everybody who works here."""
    return list(Staff.objects.filter(is_active=True).order_by("name", "pk"))


def first_assignee(client: Client, whose: Company | Client, project: Project | None) -> Staff | None:
    """The project's lead, else the client's, who sees whose thread it is; else the agency's owner."""
    led_by = (project.lead if project else None, client.lead)
    return next(filter(None, (charge.able(staff, whose) for staff in led_by)), None) or owner()


def charges_of(staff: Staff) -> list[Charge]:
    """The unsettled threads that are this member of staff's work."""
    mine = Thread.objects.unresolved().filter(assignee=staff).select_related("company", "client")
    return [Charge(thread.owner, f"the conversation {thread}") for thread in mine.order_by("pk")]


def owner() -> Staff | None:
    """The agency's first owner."""
    return Staff.objects.filter(role=Staff.Role.OWNER, is_active=True).order_by("pk").first()


def answering(thread: Thread) -> Staff | None:
    """Who hears what the client writes: the assignee while working here, else the owner."""
    assignee = thread.assignee
    return assignee if assignee is not None and assignee.is_active else owner()


def clients_in(thread: Thread) -> list[Client]:
    """The clients who wrote in a thread and may still read it; its author first."""
    wrote = Client.objects.with_access().filter(
        pk__in=[thread.author_id, *thread.entries.exclude(client=None).values_list("client_id", flat=True)]
    )
    seeing = [client for client in wrote if Thread.objects.visible_to(client).filter(pk=thread.pk).exists()]
    return sorted(seeing, key=lambda client: (client.pk != thread.author_id, client.pk))
