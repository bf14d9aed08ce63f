"""What people fill in. Each form only reads; the operations decide."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import Q

from kit.refused import Refused
from modules.files.models import File, Folder
from modules.files.models.folders import MOST_PER_OWNER
from modules.files.operations import MOST_AT_ONCE, Sent
from modules.files.operations.checks import LONGEST_NAME, LONGEST_TEXT
from modules.files.queries import lists, people
from modules.files.queries.people import Owner, word_of
from modules.projects.models import Project
from portal.people.models import Client, Staff
from portal.people.serving import serves
from portal.uploads import big
from portal.uploads.images import LIMIT_BYTES
from portal.uploads.marks import KINDS_IN_WORDS, LARGEST_PDF, MOST_PAGES
from portal.uploads.operations import in_words
from ui.forms import DateInput, ManyFilesField, RadioCards, Switch

MARK_HELP = (
    "Whoever opens or downloads it gets a copy with their name, e-mail address and the time across it; you keep "
    f"the original. For {KINDS_IN_WORDS}: PDFs of at most {MOST_PAGES} pages and {in_words(LARGEST_PDF)}, "
    f"pictures of at most {in_words(LIMIT_BYTES)}."
)


def words_field(label: str, **more: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(label=label, required=False, max_length=LONGEST_TEXT, widget=widget, **more)


class _FilesField(ManyFilesField):
    """Required in the browser only: what went to the store in parts stands in for it (see SendForm.clean)."""

    def clean(self, value: Any, initial: Any = None) -> list[Any]:
        return super().clean(value, initial) if value else []


class Several(forms.Field):
    """All values of one name, as they came."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[str]:
        return [str(one) for one in value or []][: MOST_AT_ONCE + 1]


class SendForm(forms.Form):
    """Files: by the form itself, or, where they go to a bucket in parts, by the ids of those that are there."""

    files = _FilesField(  # type: ignore[assignment]
        label="Files", max_length=LONGEST_NAME, attrs={"data-big-input": ""}
    )
    big = Several(required=False)

    def __init__(self, *args: Any, whose: str, **options: Any) -> None:
        self._whose = whose
        super().__init__(*args, **options)

    @property
    def big_from(self) -> int | None:
        """From how many bytes on a file goes to the store in parts; None: by the form."""
        return big.FROM_BYTES if big.are_taken() else None

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        sent: list[Sent] = list(cleaned.get("files") or [])
        try:
            sent += big.whole_ones(cleaned.get("big") or [], whose=self._whose)
        except Refused as refused:
            self.add_error("files", refused.words)
        if not sent and "files" not in self.errors:
            self.add_error("files", "Choose at least one file.")
        cleaned["sent"] = sent
        return cleaned


class PlaceForm(forms.Form):
    """Where a file of one owner lies."""

    folder = forms.ModelChoiceField(Folder.objects.none(), required=False, empty_label="No folder")
    project = forms.ModelChoiceField(Project.objects.none(), required=False, empty_label="No project")

    def offer_places(self, owner: Owner, staff: Staff, *, folder_id: int | None = None) -> None:
        """Only this owner's folders and projects, as far as one sees them; and the folder where it lies."""
        whose = people.owner_fields(owner)
        seen = Q(pk__in=Folder.objects.served_by(staff).order_by().values("pk")) | Q(pk=folder_id)
        folders = Folder.objects.filter(seen, **whose).order_by("name")[:MOST_PER_OWNER]
        self.fields["folder"].queryset = Folder.objects.filter(pk__in=[one.pk for one in folders])  # type: ignore[attr-defined]
        projects = Project.objects.served_by(staff).open().filter(**whose).order_by("name")
        self.fields["project"].queryset = projects  # type: ignore[attr-defined]
        for name in ("folder", "project"):
            if not self.fields[name].queryset.exists():  # type: ignore[attr-defined]
                self.fields[name].widget = forms.HiddenInput()


class UploadForm(SendForm, PlaceForm):
    """Staff's files for one owner."""

    field_order = ("files", "note", "folder", "project", "share")

    note = words_field("A word on them", help_text="The client reads it beside each file, once it is shared.")
    share = forms.BooleanField(
        label="Share with everybody there at once",
        required=False,
        widget=Switch(),
        help_text="They get a mail.",
    )

    def __init__(self, *args: Any, owner: Owner, staff: Staff, **options: Any) -> None:
        super().__init__(*args, **options)
        self.offer_places(owner, staff)


class LinkForm(PlaceForm):
    """A file that lies elsewhere."""

    link = forms.CharField(
        label="Address",
        max_length=2000,
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
        help_text="Of Drive, Figma, Dropbox … Who may open it there is decided there.",
    )
    name = forms.CharField(label="Name", max_length=LONGEST_NAME)
    note = words_field("A word on it")
    field_order = ("link", "name", "note")

    def __init__(self, *args: Any, owner: Owner, staff: Staff, **options: Any) -> None:
        super().__init__(*args, **options)
        self.offer_places(owner, staff)


class EditForm(PlaceForm):
    """Name, place and words of a file."""

    name = forms.CharField(label="Name", max_length=LONGEST_NAME)
    note = words_field("A word on it", help_text="The client reads it beside the file.")
    link = forms.CharField(label="Address", max_length=2000, required=False, widget=forms.URLInput())
    field_order = ("name", "link", "note")

    def __init__(self, *args: Any, file: File, staff: Staff, **options: Any) -> None:
        names = ("name", "note", "link", "folder", "project")
        options["initial"] = {name: getattr(file, name) for name in names}
        super().__init__(*args, **options)
        self.offer_places(file.owner, staff, folder_id=file.folder_id)
        if not file.link:
            del self.fields["link"]


class VersionForm(SendForm):
    """The next version of a file."""

    note = forms.CharField(label="What is new in it", required=False, max_length=300)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["files"].label = "The new file"
        self.fields["files"].widget.attrs.pop("multiple", None)


class ContactChoice(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Contacts of one owner as boxes to tick."""

    def __init__(self, **options: Any) -> None:
        widget = forms.CheckboxSelectMultiple()
        super().__init__(queryset=Client.objects.none(), widget=widget, required=False, **options)

    def offer(self, owner: Owner, *, keep: Iterable[int] = ()) -> None:
        """Only those who may sign in today, and who is chosen already: nobody ticked would mean everybody."""
        ids = [*(client.pk for client in people.contacts_of(owner)), *keep]
        self.queryset = Client.objects.filter(pk__in=ids).order_by("name", "pk")


class ShareForm(forms.Form):
    """Who sees files, for how long, and whether they can be downloaded."""

    audience = forms.ChoiceField(label="Who sees it", widget=RadioCards(), initial=File.Audience.OWNER)
    contacts = ContactChoice(label="Chosen people")
    expires_on = forms.DateField(
        label="Last day", required=False, widget=DateInput(), help_text="Empty: until you take it back."
    )
    can_download = forms.BooleanField(
        label="They may download it",
        required=False,
        initial=True,
        widget=Switch(),
        help_text="Off: pictures, PDFs, films and sound are only looked at on the page. It is no copy protection.",
    )
    is_marked = forms.BooleanField(
        label="Put the reader's name on every page",
        required=False,
        widget=Switch(),
        help_text=MARK_HELP,
    )
    tell = forms.BooleanField(
        label="Tell them by mail",
        required=False,
        initial=True,
        widget=Switch(),
        help_text="Not those who see it already.",
    )

    def __init__(self, *args: Any, files: list[File], staff: Staff, **options: Any) -> None:
        super().__init__(*args, **options)
        owner = files[0].owner
        # Who only leads the project does not see who else is there.
        is_served = serves(staff, owner)
        offers = self._offers_of(owner) if is_served else []
        if all(file.project_id for file in files):
            offers.append((File.Audience.PROJECT, "Whoever sees the project|As the project is shown."))
        self.fields["audience"].choices = offers  # type: ignore[attr-defined]
        self.fields["contacts"].offer(owner)  # type: ignore[attr-defined]
        if isinstance(owner, Client) or not is_served:
            del self.fields["contacts"]

    @staticmethod
    def _offers_of(owner: Owner) -> list[tuple[str, str]]:
        """The whole of an owner; of a company also some of its people."""
        names = (
            ", ".join(client.shown_name for client in people.contacts_of(owner)) or "nobody has access yet"
        )
        offers: list[tuple[str, str]] = [(File.Audience.OWNER, f"Everybody of {owner}|Today: {names}.")]
        if not isinstance(owner, Client):
            offers.append((File.Audience.CONTACTS, "Chosen people|Only those whom you tick below."))
        return offers


class FolderForm(forms.Form):
    """A folder of one owner."""

    name = forms.CharField(label="Name", max_length=120)
    parent = forms.ModelChoiceField(
        Folder.objects.none(), label="In", required=False, empty_label="At the top"
    )
    takes_uploads = forms.BooleanField(
        label="The client may put files into it", required=False, widget=Switch()
    )
    contacts = ContactChoice(label="Only these people", help_text="Nobody ticked: everybody there.")

    def __init__(self, *args: Any, owner: Owner, folder: Folder | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        others = Folder.objects.filter(**people.owner_fields(owner)).order_by("name")
        self.fields["parent"].queryset = others.exclude(pk=folder.pk) if folder else others  # type: ignore[attr-defined]
        self.fields["contacts"].offer(owner, keep=folder.private_to if folder else ())  # type: ignore[attr-defined]
        if isinstance(owner, Client):
            del self.fields["contacts"]


class FilterForm(forms.Form):
    """The console's list, from the address. What cannot be read filters nothing."""

    q = forms.CharField(required=False, max_length=100)
    owner = forms.ChoiceField(label="Client", required=False)
    project = forms.ModelChoiceField(
        Project.objects.none(), label="Project", required=False, empty_label="Any project"
    )
    state = forms.ChoiceField(label="State", required=False, choices=list(lists.STATES.items()))
    sort = forms.ChoiceField(
        label="Order", required=False, choices=[(key, words) for key, (words, _) in lists.SORTS.items()]
    )

    def __init__(self, *args: Any, staff: Staff, **options: Any) -> None:
        super().__init__(*args, **options)
        self._staff = staff
        self.fields["owner"].choices = [("", "Any client"), *owner_choices(staff)]  # type: ignore[attr-defined]
        self.fields["project"].queryset = Project.objects.served_by(staff).order_by("name")  # type: ignore[attr-defined]

    def criteria(self) -> dict[str, Any]:
        """Keyword arguments of `lists.for_staff`."""
        self.is_valid()
        read = self.cleaned_data
        return {
            "words": read.get("q", ""),
            "owner": people.owner_of(read.get("owner", ""), self._staff),
            "project": read.get("project"),
            "state": read.get("state", ""),
            "sort": read.get("sort", ""),
        }


def owner_choices(staff: Staff) -> list[tuple[str, list[tuple[str, str]]]]:
    """Everybody whose files there can be, grouped."""
    companies, alone = people.possible_owners(staff)
    groups = [("Companies", [(word_of(one), str(one)) for one in companies])]
    groups.append(("Clients on their own", [(word_of(one), str(one)) for one in alone]))
    return [(label, found) for label, found in groups if found]
