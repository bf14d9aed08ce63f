"""Finding invoices, and writing drafts."""

from decimal import Decimal
from typing import Any

from django import forms

from kit.money import decimal_text
from modules.invoices.forms.typed import AmountField, in_currency
from modules.invoices.models import Invoice, Line, Pattern, PatternLine, TaxRate
from modules.invoices.operations import LineFields
from modules.invoices.queries import lists, people
from portal.people.models import Client, Company, Staff
from ui.forms import DateInput

BLANK_LINES = 2
CURRENCIES = ("EUR", "USD", "GBP", "CHF", "JPY", "KWD", "ISK", "SEK", "NOK", "DKK", "PLN", "CAD", "AUD")


class FilterForm(forms.Form):
    """The list's filters, from the address. What cannot be read filters nothing."""

    q = forms.CharField(required=False, max_length=100)
    show = forms.ChoiceField(label="State", required=False, choices=list(lists.FILTERS.items()))
    currency = forms.RegexField(r"^[A-Z]{3}\Z", required=False)

    def criteria(self) -> dict[str, Any]:
        """Keyword arguments of `lists.for_staff`."""
        self.is_valid()
        read = self.cleaned_data
        return {
            "words": read.get("q", ""),
            "shown": read.get("show", ""),
            "currency": read.get("currency", ""),
        }


class InvoiceForm(forms.Form):
    """The head of a draft."""

    title = forms.CharField(label="What is it for?", max_length=160)
    currency = forms.ChoiceField(choices=[(code, code) for code in CURRENCIES])
    due_on = forms.DateField(
        label="Due on", widget=DateInput(), required=False, help_text="Empty: days after you send it."
    )
    days_to_pay = forms.IntegerField(label="Days to pay", min_value=0, max_value=366, initial=14)
    delivered_on = forms.DateField(label="Work done on", widget=DateInput(), required=False)
    reference = forms.CharField(label="Your client's order number", max_length=80, required=False)
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


class OwnerForm(forms.Form):
    """Whose it is: mixed into forms of what is new."""

    owner = forms.ChoiceField(label="For")
    field_order = ("owner", "title")

    def __init__(self, *args: Any, staff: Staff, **more: Any) -> None:
        super().__init__(*args, **more)
        companies, alone = people.possible_owners(staff)
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


class NewInvoiceForm(OwnerForm, InvoiceForm):
    """The same, and whose it is."""


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


def line_forms(
    *, sent: Any, currency: str, invoice: Invoice | Pattern | None = None, more: int = BLANK_LINES
) -> Any:
    """The lines of an editor: those of the draft, and a few empty ones."""
    rates = list(TaxRate.objects.all())
    lines: list[Line | PatternLine] = list(invoice.lines.all()) if invoice else []
    default = next((rate for rate in rates if rate.is_default), None)
    blank = {"tax": f"{default.pk}:top" if default else ""}
    initial = [_initial(line, rates, currency) for line in lines] + [blank] * more
    return LineForms(
        sent, initial=initial, prefix="lines", form_kwargs={"rates": rates, "currency": currency}
    )


def _initial(line: Line | PatternLine, rates: list[TaxRate], currency: str) -> dict[str, Any]:
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
