"""What staff type about a task."""

from typing import Any

from django import forms

from portal.people import charge
from portal.people.models import Client, Company, Staff
from ui.forms import DateInput


class HandForm(forms.Form):
    """Whose work it is."""

    assignee = forms.ModelChoiceField(
        label="By whom",
        queryset=Staff.objects.filter(is_active=True).order_by("name", "pk"),
        required=False,
        empty_label="Nobody yet",
    )

    def __init__(self, *args: Any, about: Client | Company | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        if about is not None:
            self.fields["assignee"].queryset = charge.possible(about)  # type: ignore[attr-defined]


class TaskForm(HandForm):
    """A task of one's own making."""

    title = forms.CharField(label="What is to be done", max_length=200)
    due_on = forms.DateField(label="By", required=False, widget=DateInput())
    note = forms.CharField(
        label="Note", required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 4})
    )
    field_order = ("title", "assignee", "due_on", "note")
