"""Who may open the pages of money that the agency owes us, and what happens when Stripe says no."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

import stripe
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render

from kit.refused import Refused
from portal.http import Request
from portal.people.models import Staff

View = Callable[..., HttpResponseBase]
HOSTED = ("https://checkout.stripe.com", "https://billing.stripe.com", "https://invoice.stripe.com")


def owners_only(view: View) -> View:
    """Owners; to admins and members the page says so. They may buy and pay while all else is read-only."""

    @wraps(view)
    def guarded(request: Request, **kwargs: Any) -> HttpResponseBase:
        if request.staff.role != Staff.Role.OWNER:
            return render(request, "console/plan/owners_only.html", status=403)
        response = view(request, **kwargs)
        # Browsers count where a form's answer leads as a part of the form.
        response._csp_update = {"form-action": _hosted()}  # type: ignore[attr-defined]
        return response

    guarded.works_read_only = True  # type: ignore[attr-defined]
    return guarded


def or_back(view: View) -> View:
    """What is refused is said on the page "Plan and billing"."""

    @wraps(view)
    def guarded(request: Request, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, **kwargs)
        except Refused as refused:
            messages.error(request, refused.words)
        except stripe.StripeError:
            messages.error(request, "Stripe does not answer just now. Nothing was changed: try again soon.")
        return redirect("plan:index")

    return guarded


def _hosted() -> list[str]:
    if not settings.STRIPE_API_BASE:
        return list(HOSTED)
    # The simulator serves its pages where it serves its script.
    at = urlsplit(settings.STRIPE_JS_URL)
    return [f"{at.scheme}://{at.netloc}"]
