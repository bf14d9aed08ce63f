"""What staff type about codes, and when they send an offer."""

from typing import Any

from django import forms

from kit.money import exponent, parse_money
from modules.subscriptions.models import Coupon, Kind, Offer
from portal.people.models import Client
from ui.forms import DateInput


class LimitsForm(forms.Form):
    """How often and how long a code works."""

    most_uses = forms.IntegerField(
        label="How often, at most",
        required=False,
        min_value=1,
        max_value=1_000_000,
        help_text="Empty: any number.",
    )
    until = forms.DateField(
        label="Last day", required=False, widget=DateInput(), help_text="Empty: without an end."
    )


class CouponForm(LimitsForm):
    """A new code."""

    code = forms.CharField(
        max_length=30,
        help_text="What your clients type, e.g. SPRING-26.",
        widget=forms.TextInput({"autocapitalize": "characters", "autocomplete": "off"}),
    )
    offer = forms.ModelChoiceField(
        Offer.objects.none(), label="For", required=False, empty_label="All offers"
    )
    off = forms.CharField(
        label="Takes off", max_length=24, help_text="A percentage or an amount: 20 % or 10.00."
    )
    currency = forms.CharField(
        required=False, max_length=3, min_length=3, help_text="Of an amount, e.g. EUR."
    )
    lasts = forms.ChoiceField(
        label="Of a recurring offer", choices=Coupon.Lasts.choices, initial=Coupon.Lasts.ONCE
    )
    field_order = ("code", "offer", "off", "currency", "lasts", "most_uses", "until")

    def __init__(self, sent: Any = None, **more: Any) -> None:
        super().__init__(sent, **more)
        which = self.fields["offer"]
        assert isinstance(which, forms.ModelChoiceField)
        which.queryset = Offer.objects.filter(archived_at=None).exclude(kind=Kind.FREE).order_by("name")

    def clean_currency(self) -> str:
        """In upper case."""
        return str(self.cleaned_data["currency"]).upper()

    def clean(self) -> dict[str, Any]:
        """A percentage or an amount in minor units, as the operation takes it."""
        read = super().clean() or {}
        words = str(read.pop("off", "")).strip()
        read["percent"] = read["minor"] = None
        if not words:
            return read
        if words.endswith("%"):
            read["percent"] = self._percent(words.removesuffix("%").strip())
        else:
            read["minor"] = self._minor(words, read.get("currency") or "")
        return read

    def _percent(self, words: str) -> Any:
        try:
            return forms.DecimalField(min_value=0, max_value=100, max_digits=5, decimal_places=2).clean(
                words.replace(",", ".")
            )
        except forms.ValidationError:
            self.add_error("off", "Above 0 and at most 100, with two decimals.")
            return None

    def _minor(self, words: str, currency: str) -> int | None:
        try:
            exponent(currency)
        except ValueError:
            self.add_error("currency", "Three letters, e.g. EUR.")
            return None
        try:
            return parse_money(words, currency)
        except ValueError:
            self.add_error("off", "Type a percentage or an amount: 20 % or 10.00.")
            return None


class SendForm(forms.Form):
    """To whom an offer is sent: a client, or somebody new."""

    client = forms.ModelChoiceField(
        Client.objects.none(), label="A client", required=False, empty_label="Somebody new"
    )
    name = forms.CharField(required=False, max_length=120, widget=forms.TextInput({"autocomplete": "off"}))
    email = forms.EmailField(
        label="E-mail", required=False, max_length=254, widget=forms.EmailInput({"autocomplete": "off"})
    )

    def __init__(self, sent: Any = None, **more: Any) -> None:
        super().__init__(sent, **more)
        whom = self.fields["client"]
        assert isinstance(whom, forms.ModelChoiceField)
        whom.queryset = Client.objects.with_access().order_by("name", "pk")

    def clean(self) -> dict[str, Any]:
        """Somebody new needs a name and an address."""
        read = super().clean() or {}
        if read.get("client") is None and not self.errors:
            for name, words in (("name", "Type a name, or choose a client."), ("email", "Where to?")):
                if not str(read.get(name) or "").strip():
                    self.add_error(name, words)
        return read
