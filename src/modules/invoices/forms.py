"""What staff and clients type. The rules are in the operations; a form turns text into values."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms

from kit.money import decimal_text, parse_money
from kit.refused import Refused
from modules.invoices.models import Invoice, InvoiceSettings, Line, Series, TaxRate
from modules.invoices.operations import LineFields
from modules.invoices.queries import lists, people
from portal.agency import current_agency
from portal.payments.queries import default_currency
from portal.people.models import Client, Company
from ui.forms import DateInput, FileDrop, Switch

BLANK_LINES = 2
CURRENCIES = ("EUR", "USD", "GBP", "CHF", "JPY", "KWD", "ISK", "SEK", "NOK", "DKK", "PLN", "CAD", "AUD")


def carry_out(form: forms.Form, do: Callable[..., Any], *args: Any, **more: Any) -> bool:
    """Call an operation with what the form holds; whether it was done.

    A refusal is shown where the person looks: at its field if the form has it, else above the form.
    """
    if not form.is_valid():
        return False
    try:
        do(*args, **form.cleaned_data, **more)
    except Refused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, refused.words)
        return False
    return True


def amount(text: str, currency: str) -> int:
    """Minor units of what somebody typed.

    Raises:
        forms.ValidationError: it is no amount of this currency.
    """
    try:
        return parse_money(text, currency)
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


class FilterForm(forms.Form):
    """The list's filters, from the address. What cannot be read filters nothing."""

    q = forms.CharField(required=False, max_length=100)
    show = forms.ChoiceField(label="State", required=False, choices=list(lists.FILTERS.items()))

    def criteria(self) -> dict[str, Any]:
        """Keyword arguments of `lists.for_staff`."""
        self.is_valid()
        return {"words": self.cleaned_data.get("q", ""), "shown": self.cleaned_data.get("show", "")}


class InvoiceForm(forms.Form):
    """The head of a draft."""

    title = forms.CharField(label="What is it for?", max_length=160)
    currency = forms.ChoiceField(choices=[(code, code) for code in CURRENCIES])
    due_on = forms.DateField(
        label="Due on", widget=DateInput(), required=False, help_text="Empty: days after you send it."
    )
    days_to_pay = forms.IntegerField(label="Days to pay", min_value=0, max_value=366, initial=14)
    delivered_on = forms.DateField(label="Work done on", widget=DateInput(), required=False)
    reference = forms.CharField(
        label="Your client's order number", max_length=80, required=False
    )
    discount_percent = forms.DecimalField(
        label="Discount in per cent", min_value=0, max_value=100, decimal_places=2, required=False
    )
    notes = forms.CharField(
        label="Note to the client", widget=forms.Textarea({"rows": 2}), max_length=4000, required=False
    )
    terms = forms.CharField(
        label="Terms", widget=forms.Textarea({"rows": 2}), max_length=2000, required=False
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        usual = self.initial.get("currency")
        field = self.fields["currency"]
        assert isinstance(field, forms.ChoiceField)
        if usual and usual not in CURRENCIES:
            field.choices = [(usual, usual), *((code, code) for code in CURRENCIES)]

    def clean_discount_percent(self) -> Decimal:
        """Nothing typed is no discount."""
        return self.cleaned_data["discount_percent"] or Decimal(0)


class NewInvoiceForm(InvoiceForm):
    """The same, and whose it is."""

    owner = forms.ChoiceField(label="For")
    field_order = ("owner", "title")

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        companies, alone = people.possible_owners()
        self._owners: dict[str, Company | Client] = {
            **{f"company-{company.pk}": company for company in companies},
            **{f"client-{client.pk}": client for client in alone},
        }
        groups = [
            ("Companies", [(f"company-{one.pk}", str(one)) for one in companies]),
            ("Clients on their own", [(f"client-{one.pk}", str(one)) for one in alone]),
        ]
        whose = self.fields["owner"]
        assert isinstance(whose, forms.ChoiceField)
        whose.choices = [("", "Choose who pays"), *(group for group in groups if group[1])]

    def clean_owner(self) -> Company | Client:
        """The chosen row."""
        return self._owners[self.cleaned_data["owner"]]


class LineForm(forms.Form):
    """One line of the editor. An empty one is left out."""

    description = forms.CharField(max_length=500, required=False, label="Description")
    quantity = forms.DecimalField(max_digits=12, decimal_places=3, required=False, label="Quantity")
    unit = forms.CharField(max_length=20, required=False, label="Unit")
    price = AmountField(required=False, label="Price each")
    tax = forms.ChoiceField(required=False, label="Tax")
    discount_percent = forms.DecimalField(
        min_value=0, max_value=100, decimal_places=2, required=False, label="Discount %"
    )

    def __init__(self, *args: Any, rates: list[TaxRate], currency: str, **more: Any) -> None:
        super().__init__(*args, **more)
        in_currency(self, currency)
        self._rates = {str(rate.pk): rate for rate in rates}
        kept = self.initial.get("kept")
        if kept is not None:
            self._rates["kept"] = kept
        choices = [("", "No tax")]
        for key, rate in self._rates.items():
            choices.append((f"{key}:top", f"{rate}, on top" if rate.percent else str(rate)))
            if rate.percent:
                choices.append((f"{key}:in", f"{rate}, included"))
        tax = self.fields["tax"]
        assert isinstance(tax, forms.ChoiceField)
        tax.choices = choices

    def clean(self) -> dict[str, Any]:
        """A line that begins has a description and a price."""
        read: dict[str, Any] = super().clean() or {}
        if self.is_blank:
            return read
        if not read.get("description") and "description" not in self.errors:
            self.add_error("description", "Say what this line is for.")
        if read.get("price") is None and "price" not in self.errors:
            self.add_error("price", "Write a price.")
        return read

    @property
    def is_blank(self) -> bool:
        """Nothing was typed; the chosen tax alone is no line."""
        read = getattr(self, "cleaned_data", {})
        return not any(read.get(name) for name in ("description", "price", "quantity", "unit"))

    def fields_of_line(self) -> LineFields:
        """What the operation takes."""
        read = self.cleaned_data
        key, _, where = (read.get("tax") or "").partition(":")
        return {
            "description": read["description"],
            "quantity": Decimal(1) if read["quantity"] is None else read["quantity"],
            "unit": read["unit"],
            "unit_minor": read["price"],
            "discount_percent": read["discount_percent"] or Decimal(0),
            "tax": self._rates.get(key),
            "tax_included": where == "in",
        }


LineForms = forms.formset_factory(LineForm, extra=0, max_num=200, absolute_max=220)


def line_forms(*, sent: Any, currency: str, invoice: Invoice | None = None, more: int = BLANK_LINES) -> Any:
    """The lines of an editor: those of the draft, and a few empty ones."""
    rates = list(TaxRate.objects.all())
    lines = list(invoice.lines.all()) if invoice else []
    default = next((rate for rate in rates if rate.is_default), None)
    blank = {"tax": f"{default.pk}:top" if default else ""}
    initial = [_initial(line, rates, currency) for line in lines] + [blank] * more
    return LineForms(
        sent, initial=initial, prefix="lines", form_kwargs={"rates": rates, "currency": currency}
    )


def _initial(line: Line, rates: list[TaxRate], currency: str) -> dict[str, Any]:
    same = (line.tax_name, line.tax_percent, line.tax_category)
    rate = next((r for r in rates if (r.name, r.percent, r.category) == same), None)
    where = "in" if line.tax_included else "top"
    kept = None
    if rate is None and line.tax_name:
        kept = TaxRate(name=same[0], percent=same[1], category=same[2])
    key = str(rate.pk) if rate else "kept" if kept else ""
    return {
        "description": line.description,
        "quantity": line.quantity.normalize() if line.quantity % 1 else int(line.quantity),
        "unit": line.unit,
        "price": decimal_text(line.unit_minor, currency),
        "tax": f"{key}:{where}" if key else "",
        "discount_percent": line.discount_percent or None,
        "kept": kept,
    }


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(max_length=200, label="Why?", help_text="Your client reads it.")


class CreditForm(ReasonForm):
    """How much is taken back, and why."""

    minor = AmountField(label="Amount with tax")
    field_order = ("minor", "reason")


class BookForm(forms.Form):
    """Money that came outside the portal."""

    minor = AmountField(label="Amount")
    note = forms.CharField(
        max_length=200, required=False, label="How it came", help_text="E.g. bank transfer of 4 May, cash."
    )


class FeeForm(forms.Form):
    """A late fee by hand."""

    minor = AmountField(label="Late fee")


class ScheduleForm(forms.Form):
    """When a draft leaves by itself."""

    on = forms.DateField(label="Send on", widget=DateInput())


class PlanForm(forms.Form):
    """A usual plan."""

    deposit_percent = forms.IntegerField(
        label="Deposit in per cent", min_value=0, max_value=90, initial=30, help_text="0: no deposit."
    )
    count = forms.IntegerField(
        label="Instalments after it", min_value=1, max_value=59, initial=3
    )
    days_between = forms.IntegerField(label="Days between", min_value=1, max_value=366, initial=30)


class AnswerForm(forms.Form):
    """What the client reads when its transfer is not found."""

    answer = forms.CharField(max_length=300, required=False, label="Answer")


class TransferForm(forms.Form):
    """"I have paid"."""

    minor = AmountField(label="How much?")
    paid_on = forms.DateField(label="When?", widget=DateInput())
    note = forms.CharField(max_length=300, required=False, label="Note", help_text="E.g. from which account.")
    proof = forms.FileField(
        required=False, label="Proof", widget=FileDrop({"accept": "application/pdf,image/*"}),
        help_text="A picture or PDF of the transfer, if you have one.",
    )  # fmt: skip


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


class StatementForm(forms.Form):
    """Between which days, in which currency."""

    start = forms.DateField(label="From", widget=DateInput())
    end = forms.DateField(label="To", widget=DateInput())
    currency = forms.ChoiceField(label="Currency")

    def __init__(self, *args: Any, currencies: list[str], **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["currency"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(code, code) for code in currencies]

    def clean(self) -> dict[str, Any]:
        """The end lies after the start."""
        read: dict[str, Any] = super().clean() or {}
        if read.get("start") and read.get("end") and read["end"] < read["start"]:
            self.add_error("end", "The end lies before the start.")
        return read


class SettingsForm(forms.ModelForm):  # type: ignore[type-arg]
    """How the agency bills. Saved by the operation, not by the form."""

    late_fee_minor = AmountField(label="Late fee, flat", required=False)
    late_fee_most_minor = AmountField(label="At most", required=False)

    class Meta:
        model = InvoiceSettings
        exclude = ()
        widgets = {  # noqa: RUF012
            "seller_address": forms.Textarea({"rows": 3}),
            "terms": forms.Textarea({"rows": 2}),
        }
        labels = {  # noqa: RUF012
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
        }
        help_texts = {  # noqa: RUF012
            "seller_country": "Two letters, e.g. DE, FR, US.",
            "remind_days_after": "With commas, e.g. 1, 7, 14. Empty: no reminder after the day.",
            "remind_days_before": "Empty: no reminder before the day.",
            "terms": "At the foot of every invoice.",
        }

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        now, currency = self.instance, default_currency()
        in_currency(self, currency)
        self.initial["seller_name"] = now.seller_name or current_agency().name
        for name in ("seller_name", "seller_address", "seller_country"):
            self.fields[name].required = True
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
    prefix = forms.CharField(
        max_length=20, required=False, label="Begin with", help_text="{year} becomes the year."
    )
