"""One payment for staff: what moved, and giving it back."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from kit.money import format_money
from kit.refused import Refused
from portal.audit.operations import record
from portal.gate import managers_only
from portal.http import Request
from portal.payments import operations
from portal.payments.forms import RefundForm
from portal.payments.models import Payment
from portal.payments.refunding import refundable


@managers_only
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: Request, uid: UUID) -> HttpResponse:
    """Its entries; while something is left of it, the form that gives it back."""
    payment = get_object_or_404(Payment.objects.select_related("client", "company"), uid=uid)
    left = refundable(payment)
    if request.method == "POST" and not left:
        raise Http404
    form = RefundForm(request.POST or None, currency=payment.currency, left=left)
    if form.is_bound and form.is_valid() and _refunded(request, payment, form):
        return redirect("payments:show", uid)
    page = {
        "payment": payment,
        "left": left,
        "form": form,
        "entries": payment.entries.select_related("staff").order_by("happened_at", "pk"),
    }
    return render(request, "console/payments/show.html", page, status=422 if form.errors else 200)


def _refunded(request: Request, payment: Payment, form: RefundForm) -> bool:
    minor, reason = form.cleaned_data["amount"], form.cleaned_data["reason"]
    try:
        operations.refund(payment=payment, minor=minor, reason=reason, staff=request.staff)
    except Refused as refused:
        form.add_error("amount" if refused.field == "amount" else None, refused.words)
        return False
    words = f"Refunded {format_money(minor, payment.currency)} of {payment.label}"
    record("payments.refunded", f"payment:{payment.pk}", by=request.staff, summary=words, request=request)
    messages.success(request, f"{words}. The client sees it on the card within some days.")
    return True
