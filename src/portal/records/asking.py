"""What a client asks for on its profile: its data, or to be erased. Staff get a task, and do it."""

from kit.refused import Refused
from portal.audit.operations import record
from portal.http import Request
from portal.people.models import Client
from portal.tasks.models import Task
from portal.tasks.operations import add_task

WHAT = {
    "data": ("Send {name} a copy of their data", "/clients/{pk}/data/", "Asked for a copy of the data"),
    "erasure": ("{name} asks to be erased", "/clients/{pk}/erasure/", "Asked to be erased"),
}
NOTE = "Asked for on the profile page. The law gives one month to answer (GDPR, article 12)."


def source_of(what: str, client: Client) -> str:
    """The task's source, by which it is ticked off."""
    return f"records.{what}:{client.pk}"


def ask(client: Client, what: str, *, request: Request | None = None) -> None:
    """Tell staff. Asking again changes nothing while they have not answered.

    Raises:
        Refused: `what` is neither "data" nor "erasure".
    """
    if what not in WHAT:
        raise Refused("Ask for your data or to be erased.")
    title, path, words = WHAT[what]
    is_new = not asked(client)[what]
    task_words = {"name": client.shown_name, "pk": client.pk}
    add_task(
        title.format(**task_words),
        by=None,
        assignee=client.lead,
        about=client,
        note=NOTE,
        path=path.format(**task_words),
        source=source_of(what, client),
        request=request,
    )
    if is_new:
        record(f"records.{what}_asked", client, by=client, summary=words, request=request)


def asked(client: Client) -> dict[str, bool]:
    """What this client has asked for and staff have not answered yet."""
    open_ones = set(Task.objects.open().filter(client=client).values_list("source", flat=True))
    return {what: source_of(what, client) in open_ones for what in WHAT}
