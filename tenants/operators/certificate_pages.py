"""How the certificates are: of use to whoever is woken at night."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tenants.certificates import health
from tenants.operators import alerts
from tenants.operators.pages import operators_only


@require_safe
@operators_only
def certificates(request: HttpRequest) -> HttpResponse:
    """Authorities, budgets, what expires."""
    context = {"health": health.summary(), "alerts": alerts.current()}
    return render(request, "operators/certificates.html", context)
