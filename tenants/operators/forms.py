"""What the operators' pages ask."""

from typing import Any

from django import forms

from tenants.agencies.models import AgencyState
from tenants.operators.operations import STATES
from tenants.plans import Plan


class ReasonForm(forms.Form):
    """Every act needs a reason."""

    reason = forms.CharField(label="Reason", max_length=300)


class PlanForm(ReasonForm):
    plan = forms.TypedChoiceField(label="Plan", choices=Plan.choices, coerce=lambda value: Plan(int(value)))
    field_order = ["plan", "reason"]


class StateForm(ReasonForm):
    state = forms.TypedChoiceField(
        label="State", choices=[(state.value, state.label) for state in STATES], coerce=AgencyState
    )
    field_order = ["state", "reason"]


class TrialForm(ReasonForm):
    days = forms.IntegerField(label="Days more", min_value=1, max_value=90, initial=14)
    field_order = ["days", "reason"]


class SearchForm(forms.Form):
    """All optional; what cannot be read is left out of the search."""

    q = forms.CharField(required=False, max_length=80)
    plan = forms.TypedChoiceField(
        required=False, choices=[("", "Every plan"), *Plan.choices], coerce=int, empty_value=None
    )
    state = forms.ChoiceField(required=False, choices=[("", "Every state"), *AgencyState.choices])

    def wanted(self) -> dict[str, Any]:
        """Only what was understood."""
        self.is_valid()
        return {key: value for key, value in self.cleaned_data.items() if value}
