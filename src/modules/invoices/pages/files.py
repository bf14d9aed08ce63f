"""Proofs of transfers. Each request is checked anew, as the page that shows the file is."""

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from modules.invoices.models import Invoice
from modules.invoices.queries import people
from portal.http import Request
from portal.uploads.serving import serve


@require_safe
@xframe_options_sameorigin
def client_proof(request: Request, pk: int, report: int) -> HttpResponseBase:
    """A proof that this client's side has handed in."""
    invoice = get_object_or_404(Invoice.objects.visible_to(request.client), pk=pk)
    found = get_object_or_404(invoice.transfer_reports.filter(proof__isnull=False), pk=report)
    return serve(found.proof, request, inline=True)


@require_safe
@xframe_options_sameorigin
def staff_proof(request: Request, report: int) -> HttpResponseBase:
    """Any proof that this member of staff may see."""
    found = get_object_or_404(people.reports_with_proof(request.staff), pk=report)
    assert found.proof is not None
    return serve(found.proof, request, inline=True)
