"""Home, of the portal and of the console."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from portal.branding.models import PortalSettings
from portal.dashboard import queries
from portal.gate import managers_only
from portal.http import Request
from portal.plan.usage import meters
from portal.tasks import queries as to_do
from portal.waiting.queries import queue_of


def portal_home(request: Request) -> HttpResponse:
    """A card for every section that has content for this client, and what waits for them."""
    context = {"cards": queries.cards(request), "queue": queue_of(request)}
    return render(request, "portal/home.html", context)


def console_home(request: Request) -> HttpResponse:
    """First steps while there are any, and what happened lately."""
    steps = queries.checklist(request.portal_settings, request.staff)
    done = sum(step.is_done for step in steps)
    context = {
        "checklist": steps,
        "steps_done": done,
        "steps_note": f"{done} of {len(steps)}",
        "recent": queries.recent_activity(),
        "figures": queries.figures(),
        "cards": queries.staff_cards(request),
        "to_do": to_do.first_of(request.staff),
        "short": [meter for meter in meters() if meter.is_short] if request.staff.may_manage else [],
    }
    return render(request, "console/home.html", context)


@require_POST
@managers_only
def hide_checklist(request: Request) -> HttpResponse:
    """The owner knows the way now."""
    PortalSettings.objects.filter(pk=1).update(checklist_hidden=True)
    return redirect("home")
