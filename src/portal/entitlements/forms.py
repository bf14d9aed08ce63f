"""What staff type when they open something by hand."""

from typing import Any

from django import forms

from portal.entitlements import things
from portal.people.models import Client, Company
from ui.forms import DateInput


class LastDayForm(forms.Form):
    """The last day on which it is open."""

    until = forms.DateField(
        label="Last day", required=False, widget=DateInput(), help_text="Empty: without an end."
    )


class GiveForm(LastDayForm):
    """Who may use what."""

    owner = forms.ChoiceField(label="Who")
    key = forms.CharField(label="What", max_length=100)
    note = forms.CharField(
        label="Why",
        required=False,
        max_length=200,
        help_text="Your colleagues read it, your client does not.",
    )
    field_order = ("owner", "key", "until", "note")

    def __init__(self, sent: Any = None, **more: Any) -> None:
        super().__init__(sent, **more)
        self._owners: dict[str, Company | Client] = {
            **{f"company-{one.pk}": one for one in Company.objects.order_by("name", "pk")},
            **{f"client-{one.pk}": one for one in Client.objects.with_access().order_by("name", "pk")},
        }
        companies = [(word, str(one)) for word, one in self._owners.items() if isinstance(one, Company)]
        people = [(word, str(one)) for word, one in self._owners.items() if isinstance(one, Client)]
        whose = self.fields["owner"]
        assert isinstance(whose, forms.ChoiceField)
        whose.choices = [
            ("", "Choose"),
            ("A company: everybody there may use it", companies),
            ("One person", people),
        ]
        if offered := things.choices():
            self.fields["key"] = forms.ChoiceField(label="What", choices=[("", "Choose"), *offered])
        else:
            self.fields["key"].help_text = "The key of one thing of a module, e.g. courses.course:12."
            self.fields["key"].widget.attrs |= {"spellcheck": "false", "autocapitalize": "off"}

    def clean_owner(self) -> Company | Client:
        """The company or the person."""
        return self._owners[self.cleaned_data["owner"]]
