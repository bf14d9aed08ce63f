"""What workflows hear of projects, and the project that they make from another one."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django import forms

from modules.projects import queries
from modules.projects.models import Milestone, Project
from modules.projects.operations import add_milestone, create_project
from portal.agency import current_agency
from portal.links import portal_path
from portal.module import Act, Action, Happening, Offer, Past, Trigger, ValueKind
from portal.people import charge
from portal.placeholders import WordsField, fill

PROJECT = [
    Offer("project", "the project's name"),
    Offer("status", "the project's status", ValueKind.CHOICE, lambda: Project.Status.choices),
    Offer("ends_on", "the project's last day", ValueKind.DATE),
]
MILESTONE = [Offer("milestone", "the milestone's name"), *PROJECT]


def read_project(*, project_id: int, **_: Any) -> Happening | None:
    """A project that is not archived, as it stands now."""
    one = Project.objects.open().select_related("company", "client").filter(pk=project_id).first()
    if one is None:
        return None
    return Happening(
        about=f"projects.project:{one.pk}",
        title=one.name,
        clients=list(queries.clients_to_tell(one)),
        owner=one.owner,
        values={"project": one.name, "status": one.status, "ends_on": one.ends_on},
        path=portal_path("projects:show", one.pk),
        console_path=f"/projects/{one.pk}/",
    )


def read_milestone(*, milestone_id: int, project_id: int) -> Happening | None:
    """A milestone, with its project."""
    found = read_project(project_id=project_id)
    one = Milestone.objects.filter(pk=milestone_id).first()
    if found is None or one is None:
        return None
    values = {**found.values, "milestone": one.name}
    about, title = f"projects.milestone:{one.pk}", f"{one.name} of {found.title}"
    return Happening(about, title, found.clients, found.owner, values, found.path, found.console_path)


def _created(since: datetime) -> Iterator[Past]:
    found = Project.objects.filter(created_at__gte=since).order_by("-created_at")
    return (Past({"project_id": pk}, at) for pk, at in found.values_list("pk", "created_at"))


def _done(since: datetime) -> Iterator[Past]:
    found = Milestone.objects.filter(done_at__gte=since).order_by("-done_at")
    rows = found.values_list("pk", "project_id", "done_at")
    return (Past({"milestone_id": pk, "project_id": of}, at) for pk, of, at in rows if at)


class TemplateForm(forms.Form):
    """Which project is copied, and how the new one is called."""

    template = forms.ModelChoiceField(
        Project.objects.none(),
        label="Like this project",
        empty_label="Choose",
        help_text="Its milestones are copied; their days move along with the first one's.",
    )
    name = WordsField(label="Name of the new project", max_length=160)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["template"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Project.objects.order_by("name", "pk")


def make_project(act: Act, settings: Mapping[str, Any]) -> str:
    """A project like the chosen one, beginning today, for the owner of what happened."""
    like: Project = settings["template"]
    name = fill(settings["name"], act.values)[:160]
    begins = current_agency().today()
    steps = list(like.milestones.all())
    first = like.starts_on or min((step.due_on for step in steps if step.due_on), default=begins)
    shift = begins - first
    owner, lead = act.happening.owner, charge.able(like.lead, act.happening.owner)
    made = create_project(
        owner=owner,
        by=None,
        name=name,
        summary=like.summary,
        lead=lead,
        starts_on=begins,
        ends_on=_moved(like.ends_on, shift),
        rounds_included=like.rounds_included,
    )
    for step in steps:
        due_on = _moved(step.due_on, shift)
        add_milestone(made, by=None, name=step.name, note=step.note, weight=step.weight, due_on=due_on)
    unled = f" Nobody leads it yet: {like.lead} does not see {owner}." if like.lead and not lead else ""
    return f"Made the project “{name}” for {owner}, with {len(steps)} milestones.{unled}"


def say_project(settings: Mapping[str, Any]) -> str:
    return f"make a project “{settings['name']}” like “{settings['template']}”"


def _moved(day: date | None, by: timedelta) -> date | None:
    return day + by if day else None


TRIGGERS = [
    Trigger("projects.created", "a project is created", read_project, _created, PROJECT),
    Trigger("projects.milestone_done", "a milestone is done", read_milestone, _done, MILESTONE),
]
ACTIONS = [Action("projects.from_template", "Make a project", TemplateForm, make_project, say_project)]
