"""What staff and clients type. The rules are in the operations; a form turns text into values."""

from collections.abc import Iterable
from typing import Any

from django import forms

from modules.projects import queries
from modules.projects.models import Milestone, Project, Task, Update
from portal.people import charge
from portal.people.models import Client, Company, Staff
from ui.forms import DateInput, RadioCards


def _text(label: str, *, rows: int = 4, required: bool = True, **more: Any) -> forms.CharField:
    widget = forms.Textarea({"rows": rows})
    return forms.CharField(label=label, widget=widget, required=required, max_length=10_000, **more)


def _date(label: str, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=DateInput(), required=False, **more)


def _staff(label: str, *, nobody: str, **more: Any) -> "forms.ModelChoiceField[Staff]":
    return forms.ModelChoiceField(
        Staff.objects.none(), label=label, required=False, empty_label=nobody, **more
    )


def offer_staff(
    field: forms.Field, *, owner: Company | Client | None = None, now: Staff | None = None
) -> None:
    """Fill a choice of staff for one form: the active ones who see the owner, and whoever it is already."""
    active = charge.possible(owner) if owner else Staff.objects.filter(is_active=True)
    chosen = active | Staff.objects.filter(pk=now.pk) if now else active
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = chosen.order_by("name", "pk")


class FilterForm(forms.Form):
    """The list's filters, from the address. What cannot be read filters nothing."""

    q = forms.CharField(required=False, max_length=100)
    status = forms.ChoiceField(
        label="Status", required=False, choices=[("", "Any status"), *Project.Status.choices]
    )
    health = forms.ChoiceField(
        label="Health", required=False, choices=[("", "Any health"), *Project.Health.choices]
    )
    lead = _staff("Lead", nobody="Any lead")
    show = forms.ChoiceField(
        label="Archive", required=False, choices=[("", "Not archived"), ("archived", "Archived")]
    )
    sort = forms.ChoiceField(
        label="Order", required=False, choices=[(key, words) for key, (words, _) in queries.SORTS.items()]
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        offer_staff(self.fields["lead"])

    def criteria(self) -> dict[str, Any]:
        """Keyword arguments of `queries.projects_for_staff`."""
        self.is_valid()
        read = self.cleaned_data
        return {
            "words": read.get("q", ""),
            "status": read.get("status", ""),
            "health": read.get("health", ""),
            "lead": read.get("lead"),
            "archived": read.get("show") == "archived",
            "sort": read.get("sort", ""),
        }


class ProjectForm(forms.Form):
    """What staff decide about a project."""

    name = forms.CharField(max_length=160)
    summary = _text(
        "Summary", required=False, help_text="Your client reads it at the top of the project's page."
    )
    status = forms.ChoiceField(choices=Project.Status.choices, initial=Project.Status.ACTIVE)
    status_label = forms.CharField(
        label="Your own word for the status",
        max_length=40,
        required=False,
        help_text="Shown in its place, e.g. “Design sprint”.",
    )
    health = forms.ChoiceField(choices=Project.Health.choices, initial=Project.Health.ON_TRACK)
    lead = _staff(
        "Lead", nobody="Nobody", help_text="Your client sees the name. Comments are mailed to this person."
    )
    starts_on = _date("Start")
    ends_on = _date("End")

    def __init__(self, *args: Any, project: Project | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        owner, lead = (project.owner, project.lead) if project else (None, None)
        offer_staff(self.fields["lead"], owner=owner, now=lead)


class NewProjectForm(ProjectForm):
    """A project's first words, and whose it is."""

    owner = forms.ChoiceField(label="For")
    field_order = ("name", "owner")

    def __init__(self, *args: Any, staff: Staff, **more: Any) -> None:
        super().__init__(*args, **more)
        companies, alone = queries.possible_owners(staff)
        self._owners: dict[str, Company | Client] = {
            **{f"company-{company.pk}": company for company in companies},
            **{f"client-{client.pk}": client for client in alone},
        }
        groups = [
            ("Companies", [(f"company-{one.pk}", str(one)) for one in companies]),
            ("Clients on their own", [(f"client-{one.pk}", str(one)) for one in alone]),
        ]
        whose = self.fields["owner"]
        assert isinstance(whose, forms.ChoiceField)
        whose.choices = [("", "Choose whose project it is"), *(group for group in groups if group[1])]

    def clean_owner(self) -> Company | Client:
        """The chosen row."""
        return self._owners[self.cleaned_data["owner"]]


class SettingsForm(ProjectForm):
    """A project's settings: its words, and a percentage by hand."""

    progress_override = forms.IntegerField(
        label="Percentage by hand",
        required=False,
        min_value=0,
        max_value=100,
        help_text="Empty: counted from the milestones.",
    )
    progress_reason = forms.CharField(
        label="Why by hand", required=False, max_length=200, help_text="Only staff read this."
    )
    rounds_included = forms.IntegerField(
        label="Review rounds included", min_value=0, max_value=99, help_text="Per deliverable."
    )


class MilestoneForm(forms.Form):
    """A step, its day and its weight."""

    name = forms.CharField(label="Milestone", max_length=160)
    due_on = _date("Due")
    weight = forms.IntegerField(
        min_value=1,
        max_value=Milestone.MOST_WEIGHT,
        initial=1,
        help_text="Its share of the whole: 2 counts twice as much as 1.",
    )
    note = _text("Note", rows=2, required=False, help_text="Your client reads it.")


class EditMilestoneForm(MilestoneForm):
    """The same, with the state."""

    state = forms.ChoiceField(choices=Milestone.State.choices, widget=RadioCards())


class StateForm(forms.Form):
    """One button of a milestone."""

    state = forms.ChoiceField(choices=Milestone.State.choices)


class UpdateForm(forms.Form):
    """News for the client."""

    text = _text("What is new?", rows=5)


class CommentForm(forms.Form):
    """An answer under an update; a page holds one per update, so their ids differ."""

    text = _text("Your comment", rows=2)

    def __init__(self, update: Update, sent: Any = None) -> None:
        super().__init__(sent, auto_id=f"comment-on-{update.pk}-%s")
        self.update = update


def with_comment_forms(
    updates: Iterable[Update], refused: CommentForm | None = None
) -> list[tuple[Update, CommentForm]]:
    """Each update with its form: an empty one, or the one that was sent and refused."""
    return [
        (update, refused if refused and refused.update == update else CommentForm(update))
        for update in updates
    ]


class NoteForm(forms.Form):
    """Something for the other staff only."""

    text = _text("Note", rows=3)


class TaskForm(forms.Form):
    """Work for staff."""

    title = forms.CharField(label="Task", max_length=Task._meta.get_field("title").max_length)
    assignee = _staff("For", nobody="Nobody yet")
    due_on = _date("Due")
    note = _text("Note", rows=2, required=False)

    def __init__(self, *args: Any, project: Project, assignee: Staff | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        offer_staff(self.fields["assignee"], owner=project.owner, now=assignee)


class AccessForm(forms.Form):
    """Somebody who is to see the project."""

    email = forms.EmailField(label="E-mail", max_length=254)
    name = forms.CharField(max_length=120)
    access_until = _date("Access until", help_text="The last day, in your agency's zone. Empty: no end.")
