"""The buttons of an invoice's page on the console: each is one operation."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from kit.money import format_money
from kit.refused import Refused
from modules.invoices import operations
from modules.invoices.forms import (
    AnswerForm,
    BookForm,
    CreditForm,
    FeeForm,
    PlanForm,
    ReasonForm,
    ScheduleForm,
)
from modules.invoices.models import Invoice, TransferReport
from modules.invoices.pages.console import shown, with_amounts
from modules.invoices.queries import people
from portal.forms import carry_out
from portal.http import Request


@require_POST
def issue(request: Request, pk: int) -> HttpResponse:
    """Give it its number and mail it."""
    invoice = get_object_or_404(Invoice.objects.served_by(request.staff), pk=pk)
    told = [client.first_name for client in people.clients_of(invoice)]
    who = " and ".join(told[:2]) if told else ""
    words = f"Sent. {who} {'get' if len(told) > 1 else 'gets'} it by mail now." if who else (
        "Issued, but nobody could be mailed: no client with access may see this company's money."
    )  # fmt: skip
    return _button(request, invoice, words, operations.issue)


@require_POST
def schedule(request: Request, pk: int) -> HttpResponse:
    """Let it leave by itself on a day."""
    return _form(request, pk, "schedule_form", ScheduleForm, operations.schedule, "It leaves on that day.")


@require_POST
def unschedule(request: Request, pk: int) -> HttpResponse:
    """Take it off the schedule."""
    invoice = get_object_or_404(Invoice.objects.served_by(request.staff), pk=pk)
    return _button(request, invoice, "Off the schedule. It is a draft again.", operations.schedule, on=None)


@require_POST
def plan(request: Request, pk: int) -> HttpResponse:
    """Deposit and instalments."""

    def make(invoice: Invoice, *, by: Any, trail: Any, **numbers: int) -> None:
        kept = sum(p.minor for p in invoice.instalments.all() if p.paid_minor or p.state != "open")
        parts = operations.parts_of(invoice.gross_minor - kept, **numbers)
        operations.set_plan(invoice, parts, by=by, trail=trail)

    return _form(request, pk, "plan_form", PlanForm, make, "The plan is saved.")


@require_POST
def unplan(request: Request, pk: int) -> HttpResponse:
    """No plan: the whole is due at once."""
    invoice = get_object_or_404(Invoice.objects.served_by(request.staff), pk=pk)
    return _button(
        request, invoice, "No plan any more: all is due on one day.", operations.set_plan, parts=[]
    )


@require_POST
def void(request: Request, pk: int) -> HttpResponse:
    """Declare it void."""
    words = "Void. Your client hears that nothing is to be paid."
    return _form(request, pk, "void_form", ReasonForm, operations.void, words)


@require_POST
def credit(request: Request, pk: int) -> HttpResponse:
    """Write a credit note."""
    words = "Credit note written. Your client gets it by mail now."
    return _form(request, pk, "credit_form", CreditForm, operations.credit, words)


@require_POST
def write_off(request: Request, pk: int) -> HttpResponse:
    """Give up what is open."""
    words = "Written off. Reminders have stopped."
    return _form(request, pk, "write_off_form", ReasonForm, operations.write_off, words)


@require_POST
def book(request: Request, pk: int) -> HttpResponse:
    """Money came outside the portal."""
    words = "Booked. Your client gets a receipt by mail now."
    return _form(request, pk, "book_form", BookForm, operations.mark_paid, words)


@require_POST
def add_fee(request: Request, pk: int) -> HttpResponse:
    """A late fee by hand."""
    return _form(request, pk, "fee_form", FeeForm, operations.add_late_fee, "The late fee is added.")


@require_POST
def waive_fee(request: Request, pk: int) -> HttpResponse:
    """Take the late fee back."""
    invoice = get_object_or_404(Invoice.objects.served_by(request.staff), pk=pk)
    return _button(request, invoice, "The late fee is waived.", operations.waive_late_fee)


@require_POST
def remind(request: Request, pk: int) -> HttpResponse:
    """Remind by hand."""
    invoice = get_object_or_404(Invoice.objects.served_by(request.staff), pk=pk)
    return _button(request, invoice, "Reminder sent.", operations.remind_now)


@require_POST
def mute(request: Request, pk: int) -> HttpResponse:
    """Stop or restart reminders."""
    invoice = get_object_or_404(Invoice.objects.served_by(request.staff), pk=pk)
    is_muted = request.POST.get("muted") == "yes"
    words = "No more reminders for this invoice." if is_muted else "Reminders go out again."
    return _button(request, invoice, words, operations.mute_reminders, is_muted=is_muted)


@require_POST
def confirm(request: Request, report: int) -> HttpResponse:
    """The transfer is there."""
    found = _report(request, report)
    amount = format_money(found.minor, found.invoice.currency)
    words = f"{amount} booked. {found.client.first_name} gets a receipt by mail now."
    return _button(request, found.invoice, words, _on(operations.confirm_transfer, found))


@require_POST
def refuse(request: Request, report: int) -> HttpResponse:
    """The transfer is not there."""
    found = _report(request, report)
    form = AnswerForm(request.POST)
    answer = form.cleaned_data["answer"] if form.is_valid() else ""
    words = f"{found.client.first_name} hears by mail that you could not find it."
    return _button(request, found.invoice, words, _on(operations.refuse_transfer, found), answer=answer)


def _report(request: Request, pk: int) -> TransferReport:
    served = Invoice.objects.served_by(request.staff).values("pk")
    reports = TransferReport.objects.filter(invoice__in=served).select_related("invoice")
    return get_object_or_404(reports, pk=pk)


def _on(do: Callable[..., Any], thing: Any) -> Callable[..., Any]:
    return lambda _invoice, **more: do(thing, **more)


def _button(
    request: Request, invoice: Invoice, done: str, do: Callable[..., Any], **more: Any
) -> HttpResponse:
    try:
        do(invoice, by=request.staff, trail={"request": request}, **more)
    except Refused as refused:
        messages.error(request, refused.words)
    else:
        messages.success(request, done)
    return redirect("invoices:show", invoice.pk)


def _form(
    request: Request, pk: int, name: str, form_class: Any, do: Callable[..., Any], done: str
) -> HttpResponse:
    invoice = get_object_or_404(
        Invoice.objects.served_by(request.staff).select_related("company", "client"), pk=pk
    )
    form = with_amounts(form_class(request.POST, auto_id=f"{name.removesuffix('_form')}-%s"), invoice)
    if carry_out(form, do, invoice, by=request.staff, trail={"request": request}):
        messages.success(request, done)
        return redirect("invoices:show", invoice.pk)
    return shown(request, invoice, refused=(name, form))
