"""Reads that join several things for one page."""

from dataclasses import dataclass

from django.db.models import Count, Prefetch, Q, QuerySet

from modules.projects.models import Project, Task, Update, UpdateComment
from portal.agency import current_agency
from portal.module import Charge
from portal.people import charge
from portal.people.models import Client, ClientQuerySet, Company, Invitation, Staff
from portal.people.owned import people_seeing

SORTS = {
    "": ("Running first", ()),
    "name": ("Name", ("name", "pk")),
    "end": ("End date", ("ends_on", "pk")),
    "newest": ("Newest", ("-created_at", "-pk")),
}


@dataclass(frozen=True)
class Reader:
    """A client who sees a project, with how far the invitation is."""

    client: Client
    invitation: Invitation | None

    @property
    def state(self) -> str:
        """In one word: signed in, invited, not invited, or without access."""
        if not self.client.has_access:
            return "no access"
        if self.client.last_seen_at:
            return "signed in"
        return f"invitation {self.invitation.state}" if self.invitation else "not invited"


def projects_for_staff(
    staff: Staff,
    *,
    words: str = "",
    status: str = "",
    health: str = "",
    lead: Staff | None = None,
    archived: bool = False,
    sort: str = "",
) -> QuerySet[Project]:
    """The console's list. Words are looked for in the project's, company's and client's name."""
    served = Project.objects.served_by(staff)
    projects = served.archived() if archived else served.open()
    if words:
        named = (
            Q(name__icontains=words) | Q(company__name__icontains=words) | Q(client__name__icontains=words)
        )
        projects = projects.filter(named)
    if status:
        projects = projects.filter(status=status)
    if health:
        projects = projects.filter(health=health)
    if lead:
        projects = projects.filter(lead=lead)
    order = SORTS[sort][1]
    projects = projects.order_by(*order) if order else projects.work_first()
    return projects.for_lists()


def updates_of(project: Project) -> QuerySet[Update]:
    """The feed of a project, newest first, with its comments and their writers."""
    comments = UpdateComment.objects.select_related("client", "staff")
    return project.updates.select_related("staff").prefetch_related(Prefetch("comments", queryset=comments))


def readers_of(project: Project) -> list[Reader]:
    """Every client who sees the project, or would with access: those of its company, or its lone client."""
    clients = Client.objects.order_by("name", "pk").prefetch_related(
        Prefetch("invitations", queryset=Invitation.objects.order_by("-pk"))
    )
    chosen = clients.filter(pk__in=people_seeing(project).values("pk"))
    return [Reader(client, next(iter(client.invitations.all()), None)) for client in chosen]


def clients_to_tell(project: Project) -> ClientQuerySet:
    """Those of a project's readers who may sign in today: only they are mailed."""
    return people_seeing(project).with_access()


def charges_of(staff: Staff) -> list[Charge]:
    """The projects that this member of staff leads, and their open tasks, in what is not archived."""
    led = Project.objects.open().filter(lead=staff).select_related("company", "client").order_by("name", "pk")
    tasks = Task.objects.filter(assignee=staff, done_at=None, project__archived_at=None)
    mine = tasks.select_related("project__company", "project__client").order_by("title", "pk")
    return [
        *(Charge(project.owner, f"the project “{project}”") for project in led),
        *(Charge(task.project.owner, f"the task “{task}” of {task.project}") for task in mine),
    ]


def staff_to_tell(project: Project) -> list[Staff]:
    """Who hears of a client's comment: the lead; without one who sees the client, the agency's owners."""
    if lead := charge.able(project.lead, project.owner):
        return [lead]
    return list(Staff.objects.filter(is_active=True, role=Staff.Role.OWNER))


def possible_owners(staff: Staff) -> tuple[list[Company], list[Client]]:
    """Companies, and the clients who stand alone, of those whom this person serves; not who lost access."""
    alone = Client.objects.served_by(staff).with_access().filter(companies__isnull=True)
    return list(Company.objects.served_by(staff).order_by("name", "pk")), list(alone.order_by("name", "pk"))


def open_task_counts(project: Project) -> dict[str, int]:
    """How many tasks wait, and how many of them are overdue today, in the agency's zone."""
    today = current_agency().today()
    waiting = Task.objects.filter(project=project, done_at__isnull=True)
    return waiting.aggregate(open=Count("pk"), overdue=Count("pk", filter=Q(due_on__lt=today)))


def tasks_of(project: Project) -> tuple[list[Task], list[Task]]:
    """The tasks that wait, the next due first, and the last hundred that are done."""
    tasks = project.tasks.select_related("assignee")
    waiting = tasks.filter(done_at__isnull=True)
    return list(waiting), list(tasks.filter(done_at__isnull=False).order_by("-done_at", "-pk")[:100])
