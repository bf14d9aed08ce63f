"""Forms of the console's page Payments."""

from typing import Any

from django import forms

from kit.money import AmbiguousAmount, decimal_text, parse_money
from portal.payments.countries import COUNTRIES, CURRENCIES

LONGEST_WORDS = 2000


class SettingsForm(forms.Form):
    """Currency, country, and how to pay by transfer."""

    country = forms.ChoiceField(
        required=False,
        choices=[("", "Choose"), *((code, name) for code, (name, _) in COUNTRIES.items())],
        help_text="Where your business is registered.",
    )
    currency = forms.ChoiceField(
        choices=[(code, code) for code in CURRENCIES], help_text="New invoices begin with it."
    )
    transfer_words = forms.CharField(
        required=False,
        label="How to pay by transfer",
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Bank, account, what to write as the reference. Clients read it beside what they can pay.",
    )

    def clean_transfer_words(self) -> str:
        return str(self.cleaned_data["transfer_words"]).replace("\r\n", "\n").strip()


class RefundForm(forms.Form):
    """How much goes back, and why."""

    amount = forms.CharField(max_length=30, widget=forms.TextInput(attrs={"inputmode": "decimal"}))
    reason = forms.CharField(required=False, max_length=300, help_text="For your own books.")

    def __init__(self, sent: Any, *, currency: str, left: int) -> None:
        super().__init__(sent, initial={"amount": decimal_text(left, currency)})
        self.currency = currency

    def clean_amount(self) -> int:
        try:
            return parse_money(self.cleaned_data["amount"], self.currency)
        except AmbiguousAmount as which:
            raise forms.ValidationError(str(which)) from None
        except ValueError as error:
            raise forms.ValidationError(
                f"Write an amount in {self.currency}, e.g. {decimal_text(1250, self.currency)}."
            ) from error
