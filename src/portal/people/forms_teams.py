"""Forms about the people of a company: for the console and for the team's page of the portal."""

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any

from django import forms

from portal.people.forms import SAMPLE_ADDRESS, history_field
from portal.people.models import BUNDLES, Bundle, CompanyMembership, Right
from portal.people.rights import bundle_of, whole, words_of
from tenants.agencies.current import current_agency
from ui.forms import DateInput, RadioCards

ONE_BY_ONE = "single"


class RightsForm(forms.Form):
    """A usual set of rights, or rights one by one; only those that the giver may give."""

    bundle = forms.ChoiceField(label="What they may do", widget=RadioCards())
    rights = forms.MultipleChoiceField(
        label="One by one",
        required=False,
        widget=forms.CheckboxSelectMultiple(),
        help_text="Counts when “One by one” is chosen above.",
    )

    def __init__(
        self,
        *args: Any,
        may_give: Iterable[str] = Right.values,
        now: CompanyMembership | None = None,
        **options: Any,
    ) -> None:
        rights = now.rights if now else BUNDLES[Bundle.MEMBER]
        bundle = bundle_of(rights, now.bundle if now else Bundle.MEMBER)
        options["initial"] = {"bundle": bundle or ONE_BY_ONE, "rights": rights} | (
            options.get("initial") or {}
        )
        super().__init__(*args, **options)
        allowed = set(may_give)
        usual = [
            (one.value, f"{one.label}|{words_of(held)}")
            for one, held in BUNDLES.items()
            if set(held) <= allowed
        ]
        choices = [*usual, (ONE_BY_ONE, "One by one|Choose each right below.")]
        self.fields["bundle"].choices = choices  # type: ignore[attr-defined]
        singles = [(right.value, right.label) for right in Right if right in allowed]
        self.fields["rights"].choices = singles  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """`rights` are those of the chosen set, `bundle` its name or ""."""
        read: dict[str, Any] = super().clean() or self.cleaned_data
        chosen = read.get("bundle", ONE_BY_ONE)
        if chosen == ONE_BY_ONE:
            return read | {"bundle": "", "rights": whole(read.get("rights", []))}
        return read | {"rights": list(BUNDLES[Bundle(chosen)])}


class ColleagueForm(RightsForm):
    """Who is invited to a company."""

    name = forms.CharField(max_length=120, widget=forms.TextInput({"autocomplete": "off"}))
    email = forms.EmailField(
        label="E-mail",
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "off", "placeholder": SAMPLE_ADDRESS}),
    )
    with_history = history_field("now")

    field_order = ("name", "email", "bundle", "rights", "with_history")

    def clean_with_history(self) -> bool:
        """Whether the past is seen, too; nothing chosen is less."""
        return bool(self.cleaned_data["with_history"] == "all")


class MembershipForm(RightsForm):
    """What staff decide about somebody in a company."""

    sees_from = forms.DateField(
        label="Sees records since",
        required=False,
        widget=DateInput,
        help_text="Empty: the whole history. Older records do not exist for this person.",
    )

    def clean_sees_from(self) -> datetime | None:
        """The beginning of that day in the agency's zone; the same day as before keeps its moment."""
        day = self.cleaned_data["sees_from"]
        before: datetime | None = self.initial.get("since")
        zone = current_agency().tzinfo
        if day is None or (before is not None and before.astimezone(zone).date() == day):
            return before if day else None
        return datetime.combine(day, time.min, tzinfo=zone)


class CompanyForm(forms.Form):
    """How a company is called."""

    name = forms.CharField(max_length=160, widget=forms.TextInput({"autocomplete": "off"}))
