"""What the operators' pages of domains ask."""

from typing import Any

from django import forms

from tenants.domains.models import DomainState
from tenants.operators.forms import ReasonForm

NEEDS_A_LOOK = "look"
ORDERS = {
    "": ("-claimed_at", "Newest first"),
    "state": ("state_since", "Longest in its state"),
    "next": ("next_try_at", "Next try first"),
    "certificate": ("certificate_until", "Certificate ends first"),
}


class DomainSearchForm(forms.Form):
    """All optional; what cannot be read is left out of the search."""

    q = forms.CharField(required=False, max_length=253)
    state = forms.ChoiceField(
        required=False,
        choices=[("", "Every state"), (NEEDS_A_LOOK, "Needs a look"), *DomainState.choices],
    )
    agency = forms.IntegerField(required=False, min_value=1, max_value=2**31)
    order = forms.ChoiceField(required=False, choices=[(key, label) for key, (_, label) in ORDERS.items()])

    def wanted(self) -> dict[str, Any]:
        """Only what was understood."""
        self.is_valid()
        return {key: value for key, value in self.cleaned_data.items() if value}


class ActForm(ReasonForm):
    """Why something is done to a domain. Staff of the agency read the reason of a block."""
