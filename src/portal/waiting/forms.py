"""What is typed about the queue."""

from collections.abc import Sequence
from typing import Any

from django import forms

from portal.people.models import Client
from portal.waiting.models import WaitingSettings


class ColleagueField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Shows colleagues as the portal does."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.shown_name)


class HandOnForm(forms.Form):
    """To whom, and why."""

    to = ColleagueField(label="Who shall do it", queryset=Client.objects.none(), empty_label=None)
    note = forms.CharField(
        label="A word to them", required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, sent: Any = None, *, takers: Sequence[Client]) -> None:
        super().__init__(sent)
        field = self.fields["to"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Client.objects.filter(pk__in=[one.pk for one in takers]).order_by("name", "pk")


class WeeklyForm(forms.ModelForm):  # type: ignore[type-arg]
    """When the weekly mail goes out."""

    hour = forms.TypedChoiceField(
        label="At", coerce=int, choices=[(hour, f"{hour}:00") for hour in range(24)]
    )

    class Meta:
        model = WaitingSettings
        fields = ("is_on", "weekday", "hour")
        labels = {"is_on": "Mail clients once a week what waits on them", "weekday": "On"}
