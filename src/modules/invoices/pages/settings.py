"""How the agency bills: its details, tax rates, numbers; and how its clients are named."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from modules.invoices import operations
from modules.invoices.forms import DetailsForm, PrefixForm, RateForm, SettingsForm, TermsForm
from modules.invoices.models import Invoice, InvoiceSettings, Series, TaxRate
from modules.invoices.queries import autopay, people
from portal.forms import carry_out
from portal.gate import managers_only
from portal.http import Request

read_and_write = require_http_methods(["GET", "HEAD", "POST"])


@managers_only
@read_and_write
def settings(request: Request) -> HttpResponse:
    """What stands on invoices, reminders and late fees."""
    form = SettingsForm(request.POST if request.method == "POST" else None, instance=InvoiceSettings.load())
    if request.method == "POST" and carry_out(
        form, operations.save_settings, by=request.staff, trail={"request": request}
    ):
        messages.success(request, "Saved. Invoices that you send from now on have it.")
        return redirect("invoices:settings")
    return _page(request, form=form)


@managers_only
@require_POST
def add_rate(request: Request) -> HttpResponse:
    """One more tax rate."""
    form = RateForm(request.POST)
    if carry_out(form, operations.add_tax_rate, by=request.staff, trail={"request": request}):
        messages.success(request, "Added. Lines can choose it now.")
        return redirect("invoices:settings")
    return _page(request, rate_form=form)


@managers_only
@require_POST
def remove_rate(request: Request, pk: int) -> HttpResponse:
    """One tax rate less."""
    operations.remove_tax_rate(
        get_object_or_404(TaxRate, pk=pk), by=request.staff, trail={"request": request}
    )
    messages.success(request, "Removed. Invoices that have it keep it.")
    return redirect("invoices:settings")


@managers_only
@require_POST
def prefix(request: Request) -> HttpResponse:
    """How numbers begin."""
    form = PrefixForm(request.POST, auto_id="number-%s")
    if carry_out(form, operations.set_prefix, by=request.staff, trail={"request": request}):
        messages.success(request, "Saved. The next number begins like this.")
        return redirect("invoices:settings")
    return _page(request, prefix_form=form)


@read_and_write
def buyer(request: Request, pk: int) -> HttpResponse:
    """How the buyer of an invoice is named on the next ones."""
    invoice = get_object_or_404(
        Invoice.objects.served_by(request.staff).select_related("company", "client"), pk=pk
    )
    owner = invoice.owner
    now = people.details_of(owner)
    initial = {name: getattr(now, name) for name in DetailsForm.base_fields} if now else {"name": str(owner)}
    form = DetailsForm(request.POST if request.method == "POST" else None, initial=initial)
    trail: Any = {"request": request}
    if request.method == "POST" and carry_out(
        form, operations.set_billing_details, owner, by=request.staff, trail=trail
    ):
        messages.success(request, f"Saved. {owner} is named like this on what you send from now on.")
        return redirect("invoices:show", invoice.pk)
    terms = autopay.terms_of(owner)
    terms_form = TermsForm(auto_id="terms-%s", initial={"autopay": terms.autopay if terms else ""})
    context = {
        "form": form,
        "invoice": invoice,
        "owner": owner,
        "is_muted": now is not None and now.reminders_muted,
        "terms_form": terms_form,
    }
    return render(request, "invoices/console/buyer.html", context, status=422 if form.errors else 200)


@require_POST
def mute_buyer(request: Request, pk: int) -> HttpResponse:
    """Stop or restart the automatic reminders of all the buyer's invoices."""
    invoice = get_object_or_404(
        Invoice.objects.served_by(request.staff).select_related("company", "client"), pk=pk
    )
    is_muted = request.POST.get("muted") == "yes"
    operations.mute_owner(invoice.owner, is_muted=is_muted, by=request.staff, trail={"request": request})
    words = "is not reminded by itself any more" if is_muted else "is reminded by itself again"
    messages.success(request, f"{invoice.owner} {words}.")
    return redirect("invoices:buyer", invoice.pk)


def _page(request: Request, **forms: Any) -> HttpResponse:
    refused = any(form.errors for form in forms.values())
    context = {
        "form": SettingsForm(instance=InvoiceSettings.load()),
        "rate_form": RateForm(auto_id="rate-%s"),
        "prefix_form": PrefixForm(auto_id="number-%s"),
        "rates": TaxRate.objects.all(),
        "series": [Series.of(kind) for kind in Series.Kind],
        **forms,
    }
    return render(request, "invoices/console/settings.html", context, status=422 if refused else 200)
