"""What people fill in. Each form only reads; the operations decide."""

from collections.abc import Sequence
from typing import Any

from django import forms

from modules.deliverables.models import Comment, Deliverable, Version, VersionFile
from modules.deliverables.operations import MOST_FILES
from modules.deliverables.operations.checks import LONGEST_TEXT
from modules.deliverables.operations.making import LONGEST_NAME, MOST_ROUNDS
from modules.deliverables.operations.versions import RULE
from modules.deliverables.queries import people
from modules.projects.models import Project
from portal.people.models import Client
from ui.forms import DateInput, ManyFilesField, RadioCards, Switch


class _FilesField(ManyFilesField):
    def clean(self, value: Any, initial: Any = None) -> list[Any]:
        files = super().clean(value, initial)
        if len(files) > MOST_FILES:
            raise forms.ValidationError(f"Choose at most {MOST_FILES} files.")
        for file in files:
            if file.size > RULE.limit:
                limit = RULE.limit // 1024**2
                raise forms.ValidationError(f"{file.name} is larger than {limit} MB. Choose a smaller one.")
        return files


class ClientChoice(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Clients as boxes to tick."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            queryset=Client.objects.none(), widget=forms.CheckboxSelectMultiple(), required=False, **options
        )

    def offer(self, clients: Sequence[Client]) -> None:
        """Only these may be chosen."""
        self.queryset = Client.objects.filter(pk__in=[client.pk for client in clients]).order_by("name", "pk")


class VersionForm(forms.Form):
    """The files of a version, and what changed."""

    files = _FilesField(  # type: ignore[assignment]
        label="Files",
        max_length=255,
        help_text="Images, PDF and video are shown on the page; anything else can be downloaded.",
    )
    note = forms.CharField(
        label="What is new in it",
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The client reads this beside the version.",
    )


class DeliverableForm(forms.Form):
    """A deliverable of one project."""

    name = forms.CharField(label="Name", max_length=LONGEST_NAME, help_text="For example: Homepage design")
    brief = forms.CharField(
        label="What the client should look at",
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    reviewers = ClientChoice(label="Who decides", help_text="They get a mail when it is ready for review.")
    commenters = ClientChoice(
        label="Who may also comment", help_text="They get the mail too, but are not asked to decide."
    )
    rule = forms.ChoiceField(
        label="Approved when",
        widget=RadioCards(),
        initial="any",
        choices=[
            ("any", "One of them approves|The first decision counts."),
            ("all", "All of them approve|Each one is asked; one request for changes ends the round."),
        ],
    )
    due_on = forms.DateField(
        label="Decision wanted by",
        required=False,
        widget=DateInput(),
        help_text="Who has not decided is reminded the day before and on the day.",
    )
    rounds_included = forms.IntegerField(
        label="Rounds of changes included", required=False, min_value=0, max_value=MOST_ROUNDS
    )

    def __init__(
        self, *args: Any, project: Project, deliverable: Deliverable | None = None, **options: Any
    ) -> None:
        readers, may = people.readers(project), people.possible_reviewers(project)
        if deliverable is None:
            options.setdefault("initial", {"reviewers": [client.pk for client in may]})
        else:
            options.setdefault("initial", _values_of(deliverable))
        super().__init__(*args, **options)
        self.fields["reviewers"].offer(may)  # type: ignore[attr-defined]
        self.fields["commenters"].offer(readers)  # type: ignore[attr-defined]
        if not may:
            self.fields[
                "reviewers"
            ].help_text = "Nobody who sees this project may approve yet. Invite somebody first."
        if len(readers) < 2:
            del self.fields["commenters"]
        self.fields["rounds_included"].help_text = f"Empty: as in the project ({project.rounds_included})."


class NewDeliverableForm(DeliverableForm, VersionForm):
    """A deliverable with its first version, if there is one already."""

    field_order = (
        "name",
        "brief",
        "files",
        "note",
        "reviewers",
        "rule",
        "commenters",
        "due_on",
        "rounds_included",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["files"].required = False
        self.fields["files"].label = "First version"
        self.fields["note"].label = "A word on it"


class ChangesForm(forms.Form):
    """What should change."""

    reason = forms.CharField(
        label="What should change?",
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "Say what should change."},
    )


class CommentForm(forms.Form):
    """A comment: general, on a place of a picture, or an answer."""

    text = forms.CharField(
        label="Your comment",
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write something first."},
    )
    file = forms.ModelChoiceField(
        label="Picture", queryset=VersionFile.objects.none(), required=False, empty_label="The whole version"
    )
    x = forms.DecimalField(label="From the left, %", required=False, min_value=0, max_value=100)
    y = forms.DecimalField(label="From the top, %", required=False, min_value=0, max_value=100)
    answers = forms.ModelChoiceField(
        queryset=Comment.objects.none(), required=False, widget=forms.HiddenInput()
    )

    def __init__(self, *args: Any, version: Version, client: Client | None, **options: Any) -> None:
        super().__init__(*args, **options)
        images = version.files.filter(upload__content_type__startswith="image/").select_related("upload")
        self.fields["file"].queryset = images  # type: ignore[attr-defined]
        comments = Comment.objects.filter(version__deliverable=version.deliverable_id)
        if client is not None:
            comments = comments.shown_to_clients()
        self.fields["answers"].queryset = comments  # type: ignore[attr-defined]

    def place(self) -> dict[str, Any]:
        """The cleaned values as the operations take them."""
        return {name: self.cleaned_data[name] for name in ("text", "file", "x", "y", "answers")}


class StaffCommentForm(CommentForm):
    """The same, with the choice to keep it inside the agency."""

    is_internal = forms.BooleanField(label="Internal: clients never see it", required=False, widget=Switch())


def _values_of(deliverable: Deliverable) -> dict[str, Any]:
    names = ("name", "brief", "rule", "due_on", "rounds_included")
    reviewers = list(deliverable.reviewers.values_list("client_id", "decides"))
    return {name: getattr(deliverable, name) for name in names} | {
        "reviewers": [pk for pk, decides in reviewers if decides],
        "commenters": [pk for pk, decides in reviewers if not decides],
    }
