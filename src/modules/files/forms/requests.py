"""The forms of requests: what is asked of a client, what of it is changed, and what is wrong with what came."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.core import signing

from modules.files.forms.files import ContactChoice, words_field
from modules.files.models import FileRequest
from modules.files.models.formats import CHOICES, in_words
from modules.files.operations import Asked, Wanted, as_asked
from modules.files.operations.checks import LONGEST_TEXT
from modules.files.queries import people
from modules.files.queries.people import Owner
from modules.projects.models import Project
from portal.people.models import Client
from portal.uploads import rules
from ui.forms import DateInput

NEW_LINES = 6
MORE_LINES = 3
_MIB = 1024**2
SIZES = [
    ("", "Usual limit"),
    *((str(size * _MIB), f"At most {size} MB") for size in (1, 5, 10, 25, 100, 500)),
]
_SEEN = "files.request.seen"


class LinesForm(forms.Form):
    """Things that are asked for, a line each: fields `name-KEY`, `formats-KEY`, `size-KEY`."""

    def add_line(self, key: object, *known: Wanted) -> None:
        """The fields of one line, which can hold what the list holds already."""
        kinds, sizes = dict([("", "Any file"), *CHOICES]), dict(SIZES)
        for one in known:
            kinds.setdefault(",".join(one.formats), in_words(list(one.formats)))
            if one.most_bytes:
                sizes.setdefault(str(one.most_bytes), f"At most {rules.in_words(one.most_bytes)}")
        self.fields[f"name-{key}"] = forms.CharField(label="Name", required=False, max_length=160)
        self.fields[f"formats-{key}"] = forms.ChoiceField(
            label="Format", required=False, choices=list(kinds.items())
        )
        self.fields[f"size-{key}"] = forms.ChoiceField(
            label="Size", required=False, choices=list(sizes.items())
        )

    def line(self, key: object) -> list[forms.BoundField]:
        """The fields of one line, as a page prints them."""
        return [self[f"{name}-{key}"] for name in ("name", "formats", "size")]

    def line_as_wanted(self, key: object) -> Wanted:
        """What one line asks for."""
        name, kinds, size = (
            self.cleaned_data.get(f"{part}-{key}", "") for part in ("name", "formats", "size")
        )
        return Wanted(name.strip(), tuple(filter(None, kinds.split(","))), int(size) if size else None)

    def filled(self, keys: Iterable[object]) -> list[Wanted]:
        """The lines that have a name."""
        return [one for one in map(self.line_as_wanted, keys) if one.name]


class RequestForm(LinesForm):
    """What is asked of one owner"""

    title = forms.CharField(label="What for", max_length=160, help_text="For example: For your new website")
    words = words_field("A word on it", help_text="The client reads it above the list.")
    project = forms.ModelChoiceField(Project.objects.none(), required=False, empty_label="No project")
    contacts = ContactChoice(label="Ask only these people", help_text="Nobody ticked: everybody there.")
    due_on = forms.DateField(
        label="Wanted by", required=False, widget=DateInput(), help_text="They are reminded before and after."
    )

    def __init__(self, *args: Any, owner: Owner, **options: Any) -> None:
        super().__init__(*args, **options)
        projects = Project.objects.open().filter(**people.owner_fields(owner)).order_by("name")
        self.fields["project"].queryset = projects  # type: ignore[attr-defined]
        self.fields["contacts"].offer(owner)  # type: ignore[attr-defined]
        if isinstance(owner, Client):
            del self.fields["contacts"]
        for line in range(NEW_LINES):
            self.add_line(line)

    def lines(self) -> list[list[forms.BoundField]]:
        """The rows of the list."""
        return [self.line(key) for key in range(NEW_LINES)]

    def heads(self) -> list[forms.BoundField]:
        """The fields above the list."""
        return [
            self[name] for name in ("title", "words", "project", "contacts", "due_on") if name in self.fields
        ]

    def wanted(self) -> list[Wanted]:
        """The lines that were filled in."""
        return self.filled(range(NEW_LINES))


class RequestEditForm(LinesForm):
    """A request as it is, to be changed. It remembers what it showed, so that colleagues' changes are kept."""

    title = forms.CharField(label="What for", max_length=160)
    words = words_field("A word on it", help_text="The client reads it above the list.")
    due_on = forms.DateField(
        label="Wanted by",
        required=False,
        widget=DateInput(),
        help_text="Another day is mailed to the client.",
    )
    seen = forms.CharField(required=False, max_length=200_000, widget=forms.HiddenInput())

    def __init__(self, data: Any = None, *, asked: FileRequest, **options: Any) -> None:
        self._asked, self._now = asked, as_asked(asked)
        items = list(asked.items.prefetch_related("hand_ins"))
        self.kept = [item for item in items if item.hand_ins.all()]
        self.open = [item for item in items if not item.hand_ins.all()]
        super().__init__(data, initial=_typed(self._now), **options)
        self._seen = _unsigned(str(data.get("seen", ""))) if data is not None else None
        shown = {item.pk for item in self.open} | {
            pk for pk in self.as_shown.items if data is not None and f"name-{pk}" in data
        }
        for pk in shown:
            self.add_line(pk, *(one.items[pk] for one in (self._now, self.as_shown) if pk in one.items))
            self.fields[f"remove-{pk}"] = forms.BooleanField(label="Take it off the list", required=False)
        for line in range(MORE_LINES):
            self.add_line(f"new-{line}")

    @property
    def as_shown(self) -> Asked:
        """The request as the page showed it when it was opened."""
        return self._seen or self._now

    def heads(self) -> list[forms.BoundField]:
        """The fields above the list."""
        return [self[name] for name in ("title", "words", "due_on")]

    def rows(self) -> list[tuple[list[forms.BoundField], forms.BoundField]]:
        """Lines to which nothing was sent, each with its box to take it off."""
        return [(self.line(item.pk), self[f"remove-{item.pk}"]) for item in self.open]

    def new_rows(self) -> list[list[forms.BoundField]]:
        """Empty lines for more."""
        return [self.line(f"new-{line}") for line in range(MORE_LINES)]

    def added(self) -> list[Wanted]:
        """What is asked for in addition."""
        return self.filled(f"new-{line}" for line in range(MORE_LINES))

    def wanted(self) -> Asked:
        """The request as it is to be; what the page gave no fields for, as it was shown."""
        cleaned, items = self.cleaned_data, {}
        for pk, one in self.as_shown.items.items():
            if not cleaned.get(f"remove-{pk}"):
                items[pk] = self.line_as_wanted(pk) if f"name-{pk}" in self.data else one
        return Asked(cleaned["title"], cleaned["words"], cleaned["due_on"], items)

    def anew(self) -> "RequestEditForm":
        """The form as it is after colleagues changed the request: their changes, and over them one's own."""
        before, now = _typed(self.as_shown), _typed(self._now)
        mine = {
            name: value
            for name, value in self.data.items()
            if value.replace("\r\n", "\n") != before.get(name, "")
        }
        form = RequestEditForm(now | mine | {"seen": now["seen"]}, asked=self._asked)
        form.is_valid()
        return form


class VerdictForm(forms.Form):
    """What is wrong with what was sent."""

    note = forms.CharField(
        label="What is wrong with it?",
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="The client reads it and sends the file again.",
    )


def _typed(what: Asked) -> dict[str, str]:
    """A request as the fields of its form hold it."""
    fields = {"title": what.title, "words": what.words, "seen": _signed(what)}
    fields["due_on"] = what.due_on.isoformat() if what.due_on else ""
    for pk, one in what.items.items():
        fields[f"name-{pk}"], fields[f"formats-{pk}"] = one.name, ",".join(one.formats)
        fields[f"size-{pk}"] = str(one.most_bytes or "")
    return fields


def _signed(what: Asked) -> str:
    items = [[pk, one.name, list(one.formats), one.most_bytes] for pk, one in what.items.items()]
    day = what.due_on.isoformat() if what.due_on else ""
    return signing.dumps([what.title, what.words, day, items], salt=_SEEN, compress=True)


def _unsigned(words: str) -> Asked | None:
    try:
        title, text, day, items = signing.loads(words, salt=_SEEN)
    except signing.BadSignature:
        return None
    lines = {pk: Wanted(name, tuple(kinds), most) for pk, name, kinds, most in items}
    return Asked(title, text, date.fromisoformat(day) if day else None, lines)
