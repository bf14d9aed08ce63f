"""What the operators' pages of billing ask."""

from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings

from kit.money import Money, exponent
from tenants.billing.models import Interval, Status
from tenants.operators.forms import ReasonForm
from tenants.plans import Plan


def _plan_field(label: str) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(label=label, choices=Plan.choices, coerce=lambda value: Plan(int(value)))


class CompForm(ReasonForm):
    plan = _plan_field("Plan for nothing")
    days = forms.IntegerField(
        required=False,
        label="Days from now",
        min_value=1,
        max_value=1095,
        initial=90,
        help_text="Empty: until further notice.",
    )
    field_order = ["plan", "days", "reason"]


class PaidPlanForm(ReasonForm):
    plan = _plan_field("Plan that it pays")
    field_order = ["plan", "reason"]


class CouponOnForm(ReasonForm):
    coupon = forms.RegexField(
        r"^[\w-]{1,64}$", label="Coupon", help_text="Its id at Stripe, from the list of coupons."
    )
    field_order = ["coupon", "reason"]


class DropCouponForm(ReasonForm):
    coupon = forms.RegexField(
        r"^[\w-]{1,64}$",
        label="Coupon",
        help_text="Its id. Nobody can use it any more; who has it keeps what was agreed.",
    )
    field_order = ["coupon", "reason"]


class NewCouponForm(ReasonForm):
    name = forms.CharField(max_length=40, label="Name", help_text="Agencies see it on their invoices.")
    percent = forms.IntegerField(min_value=1, max_value=100, label="Per cent off")
    months = forms.IntegerField(
        required=False, min_value=1, max_value=60, label="Months", help_text="Empty: for ever."
    )
    code = forms.RegexField(
        r"^[A-Za-z0-9]{3,30}$",
        required=False,
        label="Code",
        help_text="Agencies type it when they buy. Empty: only you put it on.",
    )
    field_order = ["name", "percent", "months", "code", "reason"]


class PriceForm(ReasonForm):
    """Another price for those who buy from now on."""

    plan = _plan_field("Plan")
    interval = forms.TypedChoiceField(label="Paid", choices=Interval.choices, coerce=Interval)
    amount = forms.DecimalField(label="Price", min_value=Decimal("0.01"), max_digits=10)
    field_order = ["plan", "interval", "amount", "reason"]

    def clean_amount(self) -> Money:
        places = exponent(settings.PLAN_CURRENCY)
        minor = self.cleaned_data["amount"].scaleb(places)
        if minor != int(minor):
            raise forms.ValidationError(f"{settings.PLAN_CURRENCY} has {places} decimals.")
        return Money(int(minor), settings.PLAN_CURRENCY)


class SubscriptionSearchForm(forms.Form):
    """All optional; what cannot be read is left out of the search."""

    q = forms.CharField(required=False, max_length=80)
    status = forms.ChoiceField(
        required=False,
        choices=[("", "Every status"), *[c for c in Status.choices if c[0]], ("comp", "Comped")],
    )

    def wanted(self) -> dict[str, Any]:
        self.is_valid()
        return {key: value for key, value in self.cleaned_data.items() if value}
