"""What staff and clients type. The rules are in the operations; a form turns text into values."""

from decimal import Decimal
from typing import Any

from django import forms

from kit.money import AmbiguousAmount, decimal_text, exponent, parse_money
from modules.subscriptions import queries
from modules.subscriptions.models import Interval, Kind, Offer
from portal.people.models import Client, Company
from ui.forms import RadioCards, Switch

KINDS = [
    (Kind.RECURRING, "Recurring|The same amount every week, month or year."),
    (Kind.INSTALMENTS, "In instalments|A fixed number of payments, then it is theirs."),
    (Kind.ONE_TIME, "Once|One payment."),
    (Kind.FREE, "Free|No payment; one tap."),
]


class OfferForm(forms.Form):
    """Everything about an offer. `price` is typed as people write amounts."""

    name = forms.CharField(max_length=120)
    summary = forms.CharField(
        widget=forms.Textarea({"rows": 3}),
        required=False,
        max_length=4000,
        help_text="Your client reads it before buying.",
    )
    kind = forms.ChoiceField(label="How it is paid", choices=KINDS, widget=RadioCards())
    price = forms.CharField(required=False, max_length=24, help_text="Per payment, e.g. 49.00.")
    currency = forms.CharField(required=False, max_length=3, min_length=3, help_text="e.g. EUR")
    tax_name = forms.CharField(
        label="Tax",
        required=False,
        max_length=40,
        help_text="How your invoices call it, e.g. VAT. Empty: none.",
    )
    tax_percent = forms.DecimalField(
        label="Rate, in percent",
        required=False,
        min_value=0,
        max_value=100,
        max_digits=6,
        decimal_places=3,
        widget=forms.NumberInput({"step": "any"}),
    )
    tax_included = forms.BooleanField(
        label="The price includes the tax", required=False, widget=Switch(), help_text="Off: it is added."
    )
    every = forms.IntegerField(label="Every", min_value=1, max_value=156, initial=1)
    interval = forms.ChoiceField(label="Week, month or year", choices=Interval.choices, initial="month")
    instalments = forms.IntegerField(
        label="Number of instalments", required=False, min_value=0, max_value=60, help_text="2 to 60."
    )
    trial_days = forms.IntegerField(
        label="Free trial, in days", required=False, min_value=0, max_value=730, help_text="Empty: none."
    )
    group = forms.CharField(
        required=False,
        max_length=60,
        help_text="Clients may change between the recurring offers of one group, e.g. “Care plans”.",
    )
    grants = forms.CharField(
        label="What it opens",
        required=False,
        widget=forms.Textarea({"rows": 2, "spellcheck": "false"}),
        help_text="One per line, e.g. courses.course:12. It closes by itself when the subscription ends.",
    )
    may_cancel = forms.BooleanField(label="Clients may cancel by themselves", required=False, widget=Switch())
    may_pause = forms.BooleanField(label="Clients may pause", required=False, widget=Switch())
    longest_pause_days = forms.IntegerField(
        label="Longest pause, in days", min_value=1, max_value=365, initial=30
    )
    slug = forms.CharField(
        label="Address of its page", required=False, max_length=60, help_text="Empty: made from the name."
    )
    is_open = forms.BooleanField(
        label="On sale", required=False, widget=Switch(), help_text="Whoever has the link can buy."
    )
    is_listed = forms.BooleanField(
        label="Shown in the portal",
        required=False,
        widget=Switch(),
        help_text="Every client finds it under Subscriptions.",
    )
    is_invited_only = forms.BooleanField(
        label="By invitation only",
        required=False,
        widget=Switch(),
        help_text="Only those to whom you send it can open its page and buy it.",
    )

    def clean_currency(self) -> str:
        """In upper case."""
        return str(self.cleaned_data["currency"]).upper()

    def clean_grants(self) -> list[str]:
        """The lines that hold something."""
        return [line.strip() for line in self.cleaned_data["grants"].splitlines() if line.strip()]

    def clean(self) -> dict[str, Any]:
        """The price in minor units, as the operation takes it."""
        read = super().clean() or {}
        read["minor"] = self._minor(read) if read.get("kind") != Kind.FREE else 0
        read.pop("price", None)
        for name in ("instalments", "trial_days"):
            read[name] = read.get(name) or 0
        read["tax_percent"] = (read.get("tax_percent") or Decimal(0)) if read.get("tax_name") else Decimal(0)
        return read

    def _minor(self, read: dict[str, Any]) -> int:
        currency, price = read.get("currency") or "", read.get("price") or ""
        try:
            exponent(currency)
        except ValueError:
            self.add_error("currency", "Three letters, e.g. EUR.")
            return 0
        try:
            return parse_money(price, currency)
        except AmbiguousAmount as which:
            self.add_error("price", str(which))
            return 0
        except ValueError:
            self.add_error("price", "Type an amount, e.g. 49.00.")
            return 0


def initial_of(offer: Offer) -> dict[str, Any]:
    """An offer as its form shows it."""
    shown = {name: getattr(offer, name) for name in OfferForm.base_fields if name not in ("price", "grants")}
    shown["tax_percent"] = f"{offer.tax_percent.normalize():f}" if offer.tax_percent else ""
    price = decimal_text(offer.minor, offer.currency) if offer.currency else ""
    return shown | {"price": price, "grants": "\n".join(offer.grants)}


class BuyForm(forms.Form):
    """For whom it is bought: only asked when there is a choice."""

    owner = forms.ChoiceField(label="For whom", widget=RadioCards())
    code = forms.CharField(required=False, max_length=30, widget=forms.HiddenInput())

    def __init__(self, client: Client, sent: Any = None, *, code: str = "") -> None:
        super().__init__(sent, initial={"code": code})
        self._companies = {str(company.pk): company for company in queries.owners_for(client)}
        whose = self.fields["owner"]
        assert isinstance(whose, forms.ChoiceField)
        companies = [
            (pk, f"{company}|Everybody there may use it.") for pk, company in self._companies.items()
        ]
        whose.choices = [*companies, ("me", f"{client}|Only you may use it.")]
        whose.initial = companies[0][0] if companies else "me"
        self.has_choice = bool(companies)

    def clean_owner(self) -> Company | None:
        """The company, or None for the client itself."""
        return self._companies.get(self.cleaned_data["owner"])


class CancelForm(forms.Form):
    """Why somebody leaves; nobody has to say it."""

    reason = forms.CharField(
        label="Why are you leaving?", required=False, max_length=300, widget=forms.Textarea({"rows": 3})
    )


class PauseForm(forms.Form):
    """For how long."""

    days = forms.IntegerField(label="For how many days", min_value=1, max_value=365)

    def __init__(self, longest: int, sent: Any = None) -> None:
        super().__init__(sent, initial={"days": min(30, longest)})
        self.fields["days"].help_text = f"At most {longest}. It goes on by itself afterwards."


class PlanForm(forms.Form):
    """The moment for which a price was counted."""

    at = forms.IntegerField(min_value=0, max_value=2**40, widget=forms.HiddenInput())
