"""The form of a new key."""

from typing import Any

from django import forms

from portal.apikeys.keys import known_scopes


class KeyForm(forms.Form):
    """Name and scopes."""

    name = forms.CharField(max_length=80, help_text="What will use it, e.g. “Accounting sync”.")
    scopes = forms.MultipleChoiceField(
        label="What it may do",
        widget=forms.CheckboxSelectMultiple,
        help_text="Give it no more than it needs.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = list(known_scopes().items())  # type: ignore[attr-defined]
