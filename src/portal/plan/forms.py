"""What the buttons of the plans send."""

from django import forms

from tenants.billing.models import Interval
from tenants.plans import Plan


class ChoiceForm(forms.Form):
    """A plan and how often it is paid."""

    plan = forms.TypedChoiceField(choices=Plan.choices, coerce=lambda value: Plan(int(value)))
    interval = forms.TypedChoiceField(choices=Interval.choices, coerce=Interval)


class UpgradeForm(ChoiceForm):
    """And the second for which the price was shown."""

    at = forms.IntegerField(min_value=0, max_value=2**40)
