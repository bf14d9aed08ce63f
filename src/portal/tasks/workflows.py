"""What workflows hear of tasks, and the task that they ask for."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django import forms

from kit.tokens import digest
from portal.module import Act, Action, Happening, Offer, Past, Trigger
from portal.people import charge
from portal.people.models import Client, Company, Staff
from portal.placeholders import WordsField, fill
from portal.tasks.models import Task
from tenants.agencies.current import current_agency

OF_ONE = ("first_name", "client", "email")  # placeholders that differ from one contact to the next


def read_task(*, task_id: int) -> Happening | None:
    """A task about a client or a company, for the clients it is about; others concern nobody."""
    one = Task.objects.select_related("client", "company").filter(pk=task_id).first()
    if one is None:
        return None
    owner = one.client or one.company
    if owner is None:
        return None
    clients = Client.objects.with_access()
    found = (
        clients.filter(pk=owner.pk)
        if isinstance(owner, Client)
        else clients.filter(memberships__company=owner)
    )
    # Its title is for staff: a trigger's words may end up in a client's mail.
    return Happening(
        f"tasks.task:{one.pk}", one.title, list(found.order_by("pk")), owner, {"task": one.title}
    )


def _done(since: datetime) -> Iterator[Past]:
    found = Task.objects.filter(done_at__gte=since).order_by("-done_at")
    return (Past({"task_id": pk}, at) for pk, at in found.values_list("pk", "done_at") if at)


class TaskForm(forms.Form):
    """What is to be done, by whom, until when."""

    title = WordsField(label="What is to be done", max_length=200)
    note = WordsField(label="Note", required=False, widget=forms.Textarea({"rows": 3}), max_length=2000)
    assignee = forms.ModelChoiceField(
        Staff.objects.none(), label="Whose work it is", required=False, empty_label="Anybody's"
    )
    days = forms.IntegerField(
        label="Days to do it", required=False, min_value=0, max_value=365, help_text="Empty: without a day."
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["assignee"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Staff.objects.filter(is_active=True).order_by("name", "pk")


def ask(act: Act, settings: Mapping[str, Any]) -> str:
    """A task leading to what happened. Words that name nobody make one for all of a company whom it concerns."""
    from portal.tasks.operations import add_task

    days = settings["days"]
    title, note = fill(settings["title"], act.values), fill(settings["note"], act.values)
    source = f"workflows.step:{digest(f'{act.occasion}:{title}:{note}')}"
    owner, without_names = act.happening.owner, {**act.values, **dict.fromkeys(OF_ONE, "")}
    is_about_all = all(
        fill(settings[name], without_names) == fill(settings[name], act.values) for name in ("title", "note")
    )
    meant: Staff | None = settings["assignee"]
    about = owner if isinstance(owner, Company) and is_about_all else act.client
    task = add_task(
        title,
        by=None,
        assignee=meant,
        about=about,
        note=note,
        path=act.happening.console_path or f"/clients/{act.client.pk}/",
        source=source,
        due_on=current_agency().today() + timedelta(days=days) if days is not None else None,
    )
    unseen = meant is not None and charge.able(meant, about) is None
    return f"Added the task “{task}”." + (
        f" It is nobody’s yet: {meant} does not see {about}." if unseen else ""
    )


def say_task(settings: Mapping[str, Any]) -> str:
    who = f" to {settings['assignee']}" if settings["assignee"] else ""
    return f"give the task “{settings['title']}”{who}" if who else f"add the task “{settings['title']}”"


def foresee_task(act: Act, settings: Mapping[str, Any]) -> str:
    return f"The task “{fill(settings['title'], act.values)}” would be added."


TRIGGERS = [
    Trigger(
        "tasks.done",
        "a task about a client is done",
        read_task,
        _done,
        [Offer("task", "the task's title")],
    )
]
ACTIONS = [Action("tasks.add", "Add a task for staff", TaskForm, ask, say_task, foresee_task)]
