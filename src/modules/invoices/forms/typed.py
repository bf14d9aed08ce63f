"""From text to values, and from values to operations."""

from typing import Any

from django import forms

from kit.money import AmbiguousAmount, parse_money


def amount(text: str, currency: str) -> int:
    """Minor units of what somebody typed.

    Raises:
        forms.ValidationError: it is no amount of this currency.
    """
    try:
        return parse_money(text, currency)
    except AmbiguousAmount as which:
        raise forms.ValidationError(str(which)) from None
    except ValueError:
        raise forms.ValidationError(f"Write an amount in {currency}, e.g. 1250 or 1,250.00.") from None


class AmountField(forms.CharField):
    """An amount; the form sets `currency` before it is cleaned."""

    currency = "EUR"

    def __init__(self, **more: Any) -> None:
        super().__init__(max_length=24, widget=forms.TextInput({"inputmode": "decimal"}), **more)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return amount(text, self.currency) if text else None


def in_currency(form: forms.BaseForm, currency: str) -> None:
    """Let a form's amounts be of this currency."""
    for field in form.fields.values():
        if isinstance(field, AmountField):
            field.currency = currency
