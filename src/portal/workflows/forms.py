"""What staff type in the editor. The rules are in the operations."""

from typing import Any

from django import forms

from portal import registry
from portal.module import Offer, ValueKind
from portal.people.models import Client
from portal.workflows import conditions, shown
from portal.workflows.editing import ONCE
from ui.forms import DateInput


class NameForm(forms.Form):
    """How it is called."""

    name = forms.CharField(label="Name", max_length=120, help_text="Only your team sees it.")


class TriggerForm(forms.Form):
    """What sets it off, and how often."""

    fact = forms.ChoiceField(label="When")
    days = forms.IntegerField(
        label="How many days",
        required=False,
        min_value=1,
        max_value=400,
        help_text="Only where the choice above says “so many days”.",
    )
    once = forms.ChoiceField(label="How often", choices=list(ONCE.items()))

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["fact"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "Choose"), *shown.offered_triggers()]

    def clean(self) -> dict[str, Any]:
        """The number of days where it is needed; left empty, the usual one."""
        read = self.cleaned_data
        trigger = registry.triggers().get(read.get("fact", ""))
        if trigger is not None and "days" not in self.errors:
            read["days"] = (read.get("days") or trigger.days) if trigger.due else None
        return read


class ConditionForm(forms.Form):
    """How one value is compared, and with what: the fields fit the value."""

    def __init__(self, offer: Offer, sent: Any = None) -> None:
        super().__init__(sent)
        choices = [
            (key, offer.label if key == "yes" else conditions.denied(offer.label))
            if offer.kind == ValueKind.YES
            else (key, words)
            for key, words in conditions.COMPARISONS[offer.kind].items()
        ]
        label = offer.label[0].upper() + offer.label[1:]
        self.fields["is"] = forms.ChoiceField(
            label="Which" if offer.kind == ValueKind.YES else label, choices=choices
        )
        if offer.kind != ValueKind.YES:
            self.fields["value"] = _value_field(offer)


def _value_field(offer: Offer) -> forms.Field:
    if offer.kind == ValueKind.CHOICE and offer.choices:
        return forms.ChoiceField(label="What", choices=[("", "Choose"), *offer.choices()])
    if offer.kind == ValueKind.DATE:
        return forms.CharField(label="Day", max_length=10, widget=DateInput())
    if offer.kind in (ValueKind.MONEY, ValueKind.NUMBER):
        widget = forms.TextInput({"inputmode": "decimal"})
        return forms.CharField(label="Number", max_length=20, widget=widget)
    return forms.CharField(label="What", max_length=200)


class WhoForm(forms.Form):
    """On whom it is tried."""

    client = forms.ModelChoiceField(Client.objects.none(), label="Client", empty_label="Choose")

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["client"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Client.objects.with_access().order_by("name", "pk")


class SettingsForm(forms.Form):
    """Quiet hours."""

    quiet_from = forms.TimeField(
        label="Quiet from", required=False, widget=forms.TimeInput({"type": "time"}, format="%H:%M")
    )
    quiet_until = forms.TimeField(
        label="Quiet until",
        required=False,
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        help_text="Both empty: mails go at any time.",
    )
    in_client_zone = forms.BooleanField(label="In each client’s own time zone", required=False)

    def clean(self) -> dict[str, Any]:
        """Both or none."""
        read = self.cleaned_data
        if bool(read.get("quiet_from")) != bool(read.get("quiet_until")) and not self.errors:
            self.add_error("quiet_until", "Give both times, or none.")
        return read
