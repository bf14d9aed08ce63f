"""Forms of the pages of mails."""

from typing import Any

from django import forms

from portal.mail.checking import LONGEST
from portal.mail.defaults import FIELDS, Words
from portal.mail.gathering import WINDOWS


class WordsForm(forms.Form):
    """What a mail says. Which words may stand there is checked by the operation, whoever asks."""

    subject = forms.CharField(
        label="Subject", max_length=LONGEST["subject"], widget=forms.TextInput({"autocomplete": "off"})
    )
    before = forms.CharField(
        label="First words",
        required=False,
        max_length=LONGEST["before"],
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text="What mail programs show beside the subject before the mail is opened.",
    )
    body = forms.CharField(
        label="The mail",
        max_length=LONGEST["body"],
        strip=False,
        widget=forms.Textarea({"rows": 16, "aria-describedby": "marks", "spellcheck": "true"}),
    )
    foot = forms.CharField(
        label="Last words",
        required=False,
        max_length=LONGEST["foot"],
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text="Small, under the name of your portal. For example why one gets this mail.",
    )
    seen = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, words: Words, seen: int, **options: Any) -> None:
        initial = {name: getattr(words, name) for name in FIELDS} | {"seen": seen}
        options["initial"] = initial
        super().__init__(*args, **options)

    def words(self) -> Words:
        """What was written, with line ends as they are stored."""
        given = {name: str(self.cleaned_data[name]).replace("\r\n", "\n") for name in FIELDS}
        return Words(**(given | {"body": given["body"].strip()}))

    def show_problems(self, problems: dict[str, list[str]]) -> None:
        """Let each field say what is wrong with it."""
        for name, said in problems.items():
            self.add_error(name if name in self.fields else None, said)


class GatheringForm(forms.Form):
    """For how long new items wait for one another."""

    minutes = forms.TypedChoiceField(
        label="Several new items for one person",
        coerce=int,
        choices=[(minutes, words) for minutes, words in WINDOWS.items()],
        help_text="Sign-in links, invitations, receipts and reminders are always sent at once.",
    )
