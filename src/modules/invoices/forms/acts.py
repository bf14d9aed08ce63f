"""What is typed beside an invoice: reasons, amounts, days."""

from typing import Any

from django import forms

from modules.invoices.forms.typed import AmountField
from modules.invoices.models import Policy
from ui.forms import DateInput, FileDrop, RadioCards


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
        max_length=200, required=False, label="How it came", help_text="E.g. bank transfer, cash."
    )
    received_on = forms.DateField(
        label="When it came", widget=DateInput(), required=False, help_text="Empty: today."
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
    count = forms.IntegerField(label="Instalments after it", min_value=1, max_value=59, initial=3)
    days_between = forms.IntegerField(label="Days between", min_value=1, max_value=366, initial=30)


class WaysForm(forms.Form):
    """How one invoice may be paid."""

    autopay = forms.ChoiceField(
        label="Automatic payment", required=False, choices=[("", "As for this client"), *Policy.choices]
    )
    plan_parts = forms.IntegerField(
        label="Payments the client may choose", min_value=0, max_value=24, required=False,
        help_text="Empty: as in the settings. 0: none.",
    )  # fmt: skip
    plan_first_percent = forms.IntegerField(
        label="First payment, at least per cent", min_value=0, max_value=90, required=False
    )


class TermsForm(forms.Form):
    """What holds for one client."""

    autopay = forms.ChoiceField(
        label="Automatic payment", required=False, choices=[("", "As for everybody"), *Policy.choices]
    )


class ChooseForm(forms.Form):
    """In how many parts, and how much first."""

    count = forms.ChoiceField(label="How do you want to pay?", widget=RadioCards())
    first_minor = AmountField(label="First payment", required=False)

    def __init__(self, *args: Any, counts: list[tuple[str, str]], least: str, **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["count"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = counts
        self.fields["first_minor"].help_text = f"At least {least}. Empty: as above."

    def clean_count(self) -> int:
        """The number."""
        return int(self.cleaned_data["count"])


class AnswerForm(forms.Form):
    """What the client reads when its transfer is not found."""

    answer = forms.CharField(max_length=300, required=False, label="Answer")


class TransferForm(forms.Form):
    """ "I have paid"."""

    minor = AmountField(label="How much?")
    paid_on = forms.DateField(label="When?", widget=DateInput())
    note = forms.CharField(max_length=300, required=False, label="Note", help_text="E.g. from which account.")
    proof = forms.FileField(
        required=False, label="Proof", widget=FileDrop({"accept": "application/pdf,image/*"}),
        help_text="A picture or PDF of the transfer, if you have one.",
    )  # fmt: skip


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
