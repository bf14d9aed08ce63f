"""How the agency bills, and how buyers are named."""

from typing import Any

from django import forms

from kit.money import decimal_text
from modules.invoices.forms.typed import AmountField, in_currency
from modules.invoices.models import InvoiceSettings, Series, TaxRate
from portal.agency import current_agency
from portal.payments.queries import default_currency
from ui.forms import Switch

PAYING = ("autopay", "notice_days", "retry_after", "plan_parts", "plan_first_percent", "plan_days")


class SettingsForm(forms.ModelForm):  # type: ignore[type-arg]
    """How the agency bills. Saved by the operation, not by the form."""

    late_fee_minor = AmountField(label="Late fee, flat", required=False)
    late_fee_most_minor = AmountField(label="At most", required=False)

    class Meta:
        model = InvoiceSettings
        fields = (
            "seller_name", "seller_address", "seller_country", "seller_tax_id", "seller_email", "days_to_pay",
            "terms", "remind_days_before", "remind_days_after", "late_fee_percent", "late_fee_minor",
            "late_fee_most_minor", "late_fee_after_days", "autopay", "notice_days", "retry_after", "plan_parts",
            "plan_first_percent", "plan_days",
        )  # fmt: skip
        widgets = {
            "seller_address": forms.Textarea({"rows": 3}),
            "terms": forms.Textarea({"rows": 2}),
        }
        labels = {
            "seller_name": "Your name on invoices",
            "seller_address": "Address",
            "seller_country": "Country",
            "seller_tax_id": "Tax number",
            "seller_email": "E-mail on invoices",
            "days_to_pay": "Days to pay",
            "remind_days_before": "Remind days before",
            "remind_days_after": "Remind days after",
            "late_fee_percent": "Late fee in per cent",
            "late_fee_after_days": "Charged after days",
            "autopay": "Automatic payment",
            "notice_days": "Announce days before",
            "retry_after": "After a refusal try again after days",
            "plan_parts": "Payments that clients may choose",
            "plan_first_percent": "First payment, at least per cent",
            "plan_days": "Days between payments",
        }
        help_texts = {
            "seller_country": "Two letters, e.g. DE, FR, US.",
            "remind_days_after": "With commas, e.g. 1, 7, 14. Empty: no reminder after the day.",
            "remind_days_before": "Empty: no reminder before the day.",
            "autopay": "From a saved card, on the due date. One client or one invoice may differ.",
            "notice_days": "Nobody is charged without a mail before.",
            "retry_after": "With commas, e.g. 1, 3, 5: then it ends and your client is asked to pay.",
            "plan_parts": "0: clients pay as you planned it, or all at once.",
            "terms": "At the foot of every invoice.",
        }

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        now, currency = self.instance, default_currency()
        in_currency(self, currency)
        self.initial["seller_name"] = now.seller_name or current_agency().name
        for name in ("seller_name", "seller_address", "seller_country"):
            self.fields[name].required = True
        if self.is_bound:  # a sender that does not know them changes nothing of them
            sent: Any = self.data.copy()  # type: ignore[attr-defined]
            sent.update({name: str(getattr(now, name)) for name in PAYING if name not in sent})
            self.data = sent
        for name in ("late_fee_minor", "late_fee_most_minor"):
            self.initial[name] = decimal_text(getattr(now, name), currency)

    def _post_clean(self) -> None:
        """Nothing is written onto the row here: the operation does, and records what changed."""

    def clean(self) -> dict[str, Any]:
        """Nothing typed is nothing charged."""
        read: dict[str, Any] = super().clean() or {}
        for name in ("late_fee_minor", "late_fee_most_minor"):
            read[name] = read.get(name) or 0
        return read


class RateForm(forms.Form):
    """A tax rate."""

    name = forms.CharField(max_length=80, label="Name", help_text="E.g. VAT. Without tax: the reason.")
    percent = forms.DecimalField(
        min_value=0, max_value=100, max_digits=6, decimal_places=3, label="Per cent", initial=0
    )
    category = forms.ChoiceField(choices=TaxRate.Category.choices, label="Kind")
    is_default = forms.BooleanField(required=False, label="Choose it for new lines", widget=Switch())


class PrefixForm(forms.Form):
    """How numbers begin."""

    kind = forms.ChoiceField(choices=Series.Kind.choices, label="Numbers of")
    begins = forms.CharField(
        max_length=20, required=False, label="Begin with", help_text="{year} becomes the year."
    )


class DetailsForm(forms.Form):
    """How a buyer is named on invoices."""

    name = forms.CharField(max_length=160, required=False, label="Name on invoices")
    address = forms.CharField(
        max_length=600, required=False, label="Address", widget=forms.Textarea({"rows": 3})
    )
    country = forms.CharField(
        max_length=2, required=False, label="Country", help_text="Two letters, e.g. DE, FR, US."
    )
    tax_id = forms.CharField(max_length=40, required=False, label="Tax number")
