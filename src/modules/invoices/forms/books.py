"""What is typed for the books: days, and how the books call their accounts."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.validators import RegexValidator

from modules.invoices.models import TaxRate
from modules.invoices.models.books import BookSettings, rate_key
from ui.forms import DateInput

ACCOUNTS = {
    "debtors": ("Clients (debtors)", "10000"),
    "revenue": ("Revenue", "8400"),
    "bank": ("Bank", "1200"),
    "cards": ("Card payments on their way", "1360"),
    "fees": ("Late fees", "2700"),
    "losses": ("Written off", "2400"),
}
is_account = RegexValidator(r"^[0-9]{3,9}\Z", "An account is a number of 3 to 9 digits.")
MONTHS = [(n, date(2000, n, 1).strftime("%B")) for n in range(1, 13)]


class BookForm(forms.Form):
    """Numbers of the books, as the tax advisor names them."""

    advisor = forms.IntegerField(
        label="Advisor's number", min_value=1001, max_value=9_999_999, help_text="Beraternummer"
    )
    client_number = forms.IntegerField(
        label="Your number there", min_value=1, max_value=99_999, help_text="Mandantennummer"
    )
    account_digits = forms.IntegerField(label="Digits of an account", min_value=4, max_value=8)
    year_begins = forms.TypedChoiceField(label="Your year begins in", choices=MONTHS, coerce=int)
    chart = forms.ChoiceField(
        label="Chart of accounts", required=False, choices=[("", "Another"), ("03", "SKR03"), ("04", "SKR04")]
    )

    def __init__(self, sent: Any = None, *, settings: BookSettings) -> None:
        kept = {name: getattr(settings, name) for name in BookForm.base_fields}
        kept["chart"] = settings.chart if settings.pk and settings.accounts else "03"
        super().__init__(sent, initial=kept)
        for name, (label, usual) in ACCOUNTS.items():
            self._add(name, label, str(settings.accounts.get(name, usual)), required=True)
        for rate in TaxRate.objects.order_by("-percent", "pk"):
            key = rate_key(str(rate.percent), rate.category)
            self._add(key, f"Revenue, {rate}", str(settings.accounts.get(key, "")), required=False)

    def _add(self, name: str, label: str, initial: str, *, required: bool) -> None:
        self.fields[name] = forms.CharField(
            label=label, initial=initial, required=required, validators=[is_account], max_length=9,
            widget=forms.TextInput({"inputmode": "numeric"}),
            help_text="" if required else "Empty: as other revenue.",
        )  # fmt: skip

    @property
    def fields_of_settings(self) -> dict[str, Any]:
        """What the operation takes."""
        read = dict(self.cleaned_data)
        accounts = {
            name: read.pop(name) for name in list(read) if name in ACCOUNTS or name.startswith("rate:")
        }
        return {**read, "accounts": {name: number for name, number in accounts.items() if number}}


class SpanForm(forms.Form):
    """Which days, of which currency."""

    start = forms.DateField(label="From", widget=DateInput())
    end = forms.DateField(label="To", widget=DateInput())
    currency = forms.ChoiceField(label="Currency")

    def __init__(self, *args: Any, currencies: list[str], year_begins: int, **more: Any) -> None:
        super().__init__(*args, **more)
        self._year_begins = year_begins
        field = self.fields["currency"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(code, code) for code in currencies]

    def clean(self) -> dict[str, Any]:
        """Within one year of the books: a booking says its day and month only."""
        read: dict[str, Any] = super().clean() or {}
        start, end = read.get("start"), read.get("end")
        if start and end and end < start:
            self.add_error("end", "The end lies before the start.")
        elif start and end and year_of(start, self._year_begins) != year_of(end, self._year_begins):
            self.add_error("end", "Choose days of one year of your books.")
        return read


def year_of(day: date, begins: int) -> date:
    """The first day of the year of the books in which a day lies."""
    return date(day.year if day.month >= begins else max(1, day.year - 1), begins, 1)


def last_month(today: date) -> tuple[date, date]:
    """What is usually asked for."""
    end = today.replace(day=1) - timedelta(days=1)
    return end.replace(day=1), end
