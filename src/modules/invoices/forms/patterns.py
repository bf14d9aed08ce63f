"""Writing quotes and repeating invoices, and answering quotes."""

from typing import Any

from django import forms

from modules.invoices.forms.editor import InvoiceForm, OwnerForm
from modules.invoices.models import Every, OnAcceptance
from modules.invoices.queries.quotes import FILTERS
from ui.forms import DateInput, RadioCards, Switch

PLAN = ("deposit_percent", "parts", "days_between")


class QuoteFilterForm(forms.Form):
    """The list's filters, from the address. What cannot be read filters nothing."""

    q = forms.CharField(required=False, max_length=100)
    show = forms.ChoiceField(label="State", required=False, choices=list(FILTERS.items()))

    def criteria(self) -> dict[str, Any]:
        """Keyword arguments of `quotes.for_staff`."""
        self.is_valid()
        return {"words": self.cleaned_data.get("q", ""), "shown": self.cleaned_data.get("show", "")}


class PatternForm(InvoiceForm):
    """The head of what invoices are written from: no days of its own, but a plan."""

    due_on = None  # type: ignore[assignment]
    delivered_on = None  # type: ignore[assignment]
    days_to_pay = forms.IntegerField(
        label="Days to pay", min_value=0, max_value=366, initial=14, help_text="After the invoice is sent."
    )
    deposit_percent = forms.IntegerField(
        label="Deposit in per cent",
        min_value=0,
        max_value=90,
        initial=0,
        required=False,
        help_text="0: none.",
    )
    parts = forms.IntegerField(
        label="Instalments",
        min_value=1,
        max_value=59,
        initial=1,
        required=False,
        help_text="After the deposit.",
    )
    days_between = forms.IntegerField(
        label="Days between", min_value=1, max_value=366, initial=30, required=False
    )

    def clean(self) -> dict[str, Any]:
        """Nothing typed is no plan."""
        read: dict[str, Any] = super().clean() or {}
        for name in PLAN:
            if name in read and read[name] is None:
                read[name] = self.fields[name].initial
        return read


class QuoteForm(PatternForm):
    """A quote's head."""

    valid_until = forms.DateField(label="Valid until", widget=DateInput())
    on_acceptance = forms.ChoiceField(
        label="When it is accepted", choices=OnAcceptance.choices, widget=RadioCards()
    )


class NewQuoteForm(OwnerForm, QuoteForm):
    """The same, and whose it is."""


class RepeatingForm(PatternForm):
    """A repeating invoice's head."""

    every = forms.IntegerField(label="Every", min_value=1, max_value=52, initial=1)
    unit = forms.ChoiceField(label="Unit", choices=Every.choices, initial=Every.MONTH)
    next_on = forms.DateField(label="Next invoice on", widget=DateInput())
    on_last_day = forms.BooleanField(
        label="Always on the last day of the month", required=False, widget=Switch()
    )
    end_on = forms.DateField(
        label="Not after", widget=DateInput(), required=False, help_text="Empty: it goes on."
    )
    times = forms.IntegerField(
        label="How often in all", min_value=1, max_value=1000, required=False, help_text="Empty: it goes on."
    )
    issues = forms.TypedChoiceField(
        label="On that day",
        choices=[
            ("draft", "Write a draft|You look at it and send it."),
            ("issue", "Send it at once|Your client gets it by mail."),
        ],
        coerce=lambda choice: choice == "issue",
        widget=RadioCards(),
    )


class NewRepeatingForm(OwnerForm, RepeatingForm):
    """The same, and whose it is."""


class AcceptForm(forms.Form):
    """A client accepts."""

    name = forms.CharField(
        label="Your full name", max_length=120, widget=forms.TextInput({"autocomplete": "name"})
    )


class DeclineForm(forms.Form):
    """A client declines."""

    reason = forms.CharField(label="Why?", max_length=500, widget=forms.Textarea({"rows": 2}))
