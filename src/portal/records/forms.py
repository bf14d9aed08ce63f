"""Forms of client records."""

from typing import Any

from django import forms

from portal.people.forms import ProfileForm
from portal.people.models import Client, Company, Staff
from portal.records.fields import fields_of, form_field, typed
from portal.records.models import CustomField
from portal.records.notes import LENGTH
from portal.records.tags import NAME_LENGTH


class OwnFieldsForm(forms.Form):
    """The agency's own fields of a client or a company."""

    def ask_own_fields(self, owner: Client | Company) -> None:
        """Add them to the form, with what is known."""
        self.own = list(fields_of(owner))
        for one in self.own:
            self.fields[f"field_{one.pk}"] = form_field(one)
            self.initial[f"field_{one.pk}"] = typed(one, owner.custom.get(str(one.pk)))

    def values(self) -> dict[int, str]:
        """The agency's own fields by their ids."""
        return {one.pk: self.cleaned_data.get(f"field_{one.pk}") or "" for one in self.own}


class CompanyDetailsForm(OwnFieldsForm):
    """What staff note of a company: the agency's own fields."""

    def __init__(self, *args: Any, company: Company, **options: Any) -> None:
        super().__init__(*args, **options)
        self.ask_own_fields(company)


class DetailsForm(OwnFieldsForm, ProfileForm):
    """What staff set of a client: phone, language, zone, lead, do not disturb, the agency's own fields."""

    lead = forms.ModelChoiceField(
        Staff.objects.none(),
        required=False,
        empty_label="Nobody yet",
        help_text="Who looks after this client.",
    )

    def __init__(self, *args: Any, client: Client, **options: Any) -> None:
        names = ("phone", "language", "zone", "wants_marketing", "lead")
        options["initial"] = {name: getattr(client, name) for name in names}
        super().__init__(*args, **options)
        del self.fields["display_name"]  # that is the client's own
        self.fields["lead"].queryset = Staff.objects.filter(is_active=True).order_by("name")  # type: ignore[attr-defined]
        self.ask_own_fields(client)

    def details(self) -> dict[str, Any]:
        """What is not one of the agency's own fields."""
        return {name: value for name, value in self.cleaned_data.items() if not name.startswith("field_")}


class TagForm(forms.Form):
    """A tag by its name."""

    tag = forms.CharField(max_length=NAME_LENGTH)


class NoteForm(forms.Form):
    """An internal note."""

    text = forms.CharField(
        label="Note",
        max_length=LENGTH,
        widget=forms.Textarea({"rows": 4}),
        help_text="For your colleagues only: clients never see it.",
    )


class FieldForm(forms.Form):
    """One of the agency's own fields."""

    name = forms.CharField(max_length=60)
    about = forms.ChoiceField(label="Belongs to", choices=CustomField.About.choices)
    kind = forms.ChoiceField(choices=CustomField.Kind.choices)
    choices = forms.CharField(
        required=False,
        max_length=4000,
        widget=forms.Textarea({"rows": 4}),
        help_text="For a choice: one on each line.",
    )

    def __init__(self, *args: Any, field: CustomField | None = None, **options: Any) -> None:
        if field is not None:
            words = {"name": field.name, "kind": field.kind, "about": field.about}
            options["initial"] = {**words, "choices": "\n".join(field.choices)}
        super().__init__(*args, **options)
        if field is not None:
            self.fields["kind"].disabled = self.fields["about"].disabled = True


class ErasureForm(forms.Form):
    """The name, typed: so that nobody is erased by a click."""

    name = forms.CharField(max_length=254, widget=forms.TextInput({"autocomplete": "off"}))
