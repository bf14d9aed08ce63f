"""Pages for visitors: what this is and what it costs; and the way to the console for who looks here for it."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from kit.money import format_money
from tenants.agencies.current import console_origin
from tenants.billing.models import Interval
from tenants.billing.prices import all_prices
from tenants.gateway.client import is_configured
from tenants.plans import Plan, limits, plan_table
from tenants.signup.models import TRIAL_PLAN
from tenants.signup.sizes import storage_words
from ui.marks import default_favicon
from ui.theme import DEFAULT_ACCENT


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """What it is."""
    return render(request, "platform/landing.html")


@require_safe
def pricing(request: HttpRequest) -> HttpResponse:
    """The plan table, read from the declarations of the modules, the limits, and the prices that operators set."""
    rows = [{"label": row.label, "cells": row.cells()} for row in plan_table()]
    context = {
        "plans": list(Plan),
        "chosen": TRIAL_PLAN,
        "rows": rows,
        "limits": _limit_rows(),
        "prices": _price_rows() if is_configured() else [],
    }
    return render(request, "platform/pricing.html", context)


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """The platform's initial on its colour; for the console's host too."""
    response = HttpResponse(default_favicon(settings.PORTICO_NAME, DEFAULT_ACCENT), "image/svg+xml")
    response["Cache-Control"] = "public, max-age=86400"
    return response


@require_safe
def to_console(request: HttpRequest) -> HttpResponse:
    """Logins live on the console's host: the same address there."""
    path = "/accounts/login/" if request.path == "/login/" else request.get_full_path()
    return redirect(console_origin() + path)


def _price_rows() -> list[dict[str, object]]:
    prices = all_prices()
    labels = {Interval.MONTH: "A month", Interval.YEAR: "A year, paid at once"}
    return [
        {
            "label": labels[interval],
            "cells": [
                format_money(price.minor, price.currency, "en")
                for price in (prices[(plan, interval)] for plan in Plan)
            ],
        }
        for interval in Interval
    ]


def _limit_rows() -> list[dict[str, object]]:
    most = [limits(plan) for plan in Plan]
    return [
        {"label": "Clients", "cells": [str(m.clients) if m.clients else "No limit" for m in most]},
        {"label": "People of your agency", "cells": [str(m.staff) if m.staff else "No limit" for m in most]},
        {"label": "Storage", "cells": [storage_words(m.storage) for m in most]},
    ]
