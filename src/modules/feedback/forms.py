"""What people fill in. Each form only reads; the operations decide."""

from typing import Any

from django import forms

from modules.feedback.models import Kind, Rating, State
from modules.feedback.operations import LONGEST_TEXT, MOST_FILES, RULE
from modules.feedback.operations.answers import LONGEST_NAME, MOST_HOURS, PLACES
from modules.projects.models import Project
from portal.people import charge
from portal.people.models import Client, Company, Staff
from portal.uploads.operations import in_words
from ui.forms import DateInput, ManyFilesField, RadioCards, Switch

COLLEAGUES = "Your colleagues there see it and can answer."
THEN = [
    (State.WAITING, "Wait for the client|It leaves your list until there is an answer."),
    (State.OPEN, "Keep it open|There is more to do here."),
    (State.RESOLVED, "Settle it|The client is told and asked how it went."),
]
KINDS = [
    (Kind.QUESTION, "Question|You would like to know something."),
    (Kind.PROBLEM, "Problem|Something does not work or is wrong."),
    (Kind.IDEA, "Idea|Something could be better."),
    (Kind.PRAISE, "Praise|Something is good."),
]


def _files() -> ManyFilesField:
    note = f"Up to {MOST_FILES} files of {in_words(RULE.limit)} each, for example a screenshot."
    return ManyFilesField(label="Files", required=False, max_length=255, help_text=note)


def _text(label: str, rows: int = 5) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea({"rows": rows}),
        error_messages={"required": "Write something first."},
    )


class SubmitForm(forms.Form):
    """A client's first message."""

    kind = forms.ChoiceField(label="What is it?", choices=KINDS, initial=Kind.QUESTION, widget=RadioCards())
    text = _text("Your message", rows=7)
    files = _files()  # type: ignore[assignment]
    project = forms.ModelChoiceField(
        label="Project", queryset=Project.objects.none(), required=False, empty_label="No particular one"
    )
    company = forms.ModelChoiceField(
        label="For which company?", queryset=Company.objects.none(), required=False, empty_label=None
    )
    whose = forms.ChoiceField(label="Who reads along?", initial="company", widget=RadioCards())

    def __init__(self, *args: Any, client: Client, agency_name: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.companies = [m.company for m in client.memberships.select_related("company").order_by("pk")]
        projects = Project.objects.visible_to(client).open().order_by("name", "pk")
        if projects.exists():
            self.fields["project"].queryset = projects  # type: ignore[attr-defined]
        else:
            del self.fields["project"]
        self._offer_readers(agency_name)

    def _offer_readers(self, agency_name: str) -> None:
        """A lone client has nobody to choose from; who acts for one company does not choose it."""
        if len(self.companies) > 1:
            of = Company.objects.filter(pk__in=[company.pk for company in self.companies])
            self.fields["company"].queryset = of  # type: ignore[attr-defined]
            self.fields["company"].initial = self.companies[0].pk
        else:
            del self.fields["company"]
        if self.companies:
            name = self.companies[0].name if len(self.companies) == 1 else "My company"
            self.fields["whose"].choices = [  # type: ignore[attr-defined]
                ("company", f"{name}|{COLLEAGUES}"),
                ("me", f"Only me|Nobody but you and {agency_name}."),
            ]
        else:
            del self.fields["whose"]

    def wanted(self) -> dict[str, Any]:
        """The cleaned values as the operation takes them."""
        values = {name: self.cleaned_data[name] for name in ("kind", "text", "files")}
        project: Project | None = self.cleaned_data.get("project")
        is_private = self.cleaned_data.get("whose") == "me"
        return {**values, "project": project, "company": self._company(project), "is_private": is_private}

    def _company(self, project: Project | None) -> Company | None:
        """The one that was chosen; else the project's owner; else the only one there is."""
        chosen: Company | None = self.cleaned_data.get("company")
        if chosen is not None or project is None:
            return chosen or (self.companies[0] if self.companies else None)
        return next((company for company in self.companies if company.pk == project.company_id), None)


class ReplyForm(forms.Form):
    """A client's further words."""

    text = _text("Your answer")
    files = _files()  # type: ignore[assignment]


class RatingForm(forms.Form):
    """How it went."""

    rating = forms.ChoiceField(label="How did it go?", choices=Rating.choices)


class AnswerForm(ReplyForm):
    """Staff's answer to the client, and what comes next."""

    then = forms.ChoiceField(label="Then", choices=THEN, initial=State.WAITING, widget=RadioCards())


class NoteForm(forms.Form):
    """Words among staff."""

    text = _text("Note", rows=3)
    files = _files()  # type: ignore[assignment]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields[
            "text"
        ].help_text = "Clients never see it. Name a colleague with @ and they get a mail and a task."


class AssignForm(forms.Form):
    """Whose work it is."""

    to = forms.ModelChoiceField(label="Whose work", queryset=Staff.objects.none(), empty_label=None)

    def __init__(self, *args: Any, owner: Company | Client, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["to"].queryset = charge.possible(owner)  # type: ignore[attr-defined]


class SnoozeForm(forms.Form):
    """Until when."""

    until = forms.DateField(label="Put off until", widget=DateInput())


class TagsForm(forms.Form):
    """Short words, with commas between."""

    tags = forms.CharField(label="Tags, with commas between", required=False, max_length=400)

    def clean_tags(self) -> list[str]:
        return str(self.cleaned_data["tags"]).split(",")


class CannedForm(forms.Form):
    """A text that is used again."""

    name = forms.CharField(
        label="Name", max_length=LONGEST_NAME, help_text="Only you and your colleagues see it."
    )
    text = _text("Text", rows=7)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        places = ", ".join(f"{{{place}}}" for place in PLACES)
        self.fields["text"].help_text = f"These are filled in when you use it: {places}."


class SettingsForm(forms.Form):
    """What the agency promises and asks."""

    answer_hours = forms.IntegerField(
        label="Answer within, in hours",
        required=False,
        min_value=1,
        max_value=MOST_HOURS,
        help_text="The task is due then, and what is later shows as overdue. Empty: no promise. Clients do not see it.",
    )
    asks_rating = forms.BooleanField(
        label="Ask how it went",
        required=False,
        widget=Switch(),
        help_text="In the mail that says that it is settled.",
    )
