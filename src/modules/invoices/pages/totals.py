"""What invoices come to: open by age, and money in by month, as charts with their tables."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from modules.invoices.queries import figures
from portal.gate import whole_agency
from portal.http import Request
from portal.payments import income


@whole_agency
@require_safe
def totals(request: Request) -> HttpResponse:
    """For each currency its figures."""
    today = request.agency.today()
    found = {one.currency: one for one in figures.of_agency(today)}
    months = {
        one.currency: one for one in income.charts(today=today, zone=request.agency.tzinfo, sold=figures.SOLD)
    }
    for currency in months:
        found.setdefault(currency, figures.Totals(currency))
    shown = [{"totals": one, "months": months.get(currency)} for currency, one in found.items()]
    return render(request, "invoices/console/totals.html", {"currencies": shown, "month": today})
