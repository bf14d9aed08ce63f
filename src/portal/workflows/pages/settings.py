"""Quiet hours, and the secret that other systems check messages with."""

from django.db import transaction
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from kit import clock
from portal.audit.operations import record
from portal.forms import press
from portal.gate import managers_only
from portal.http import Request
from portal.workflows.forms import SettingsForm
from portal.workflows.models import WorkflowSettings
from portal.workflows.webhooks import secret_of


@managers_only
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: Request) -> HttpResponse:
    """Both."""
    row = WorkflowSettings.load()
    now = {name: getattr(row, name) for name in ("quiet_from", "quiet_until", "in_client_zone")}
    form = SettingsForm(request.POST if request.method == "POST" else None, initial=now)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            WorkflowSettings.objects.update_or_create(pk=1, defaults=form.cleaned_data)
            record(
                "workflows.settings", row, by=request.staff, summary="Changed quiet hours", request=request
            )
        press(request, lambda: None, "Saved.")
        return redirect("workflows:settings")
    tells_others = request.agency.has("workflows.webhooks")
    context = {"form": form, "secret": secret_of(row.secret_turn) if tells_others else ""}
    return render(request, "console/workflows/settings.html", context, status=422 if form.errors else 200)


@managers_only
@require_POST
def secret(request: Request) -> HttpResponse:
    """Another secret; messages carry both signatures for a day."""

    @transaction.atomic
    def change() -> None:
        row, _ = WorkflowSettings.objects.get_or_create(pk=1)
        WorkflowSettings.objects.filter(pk=1).update(
            secret_turn=F("secret_turn") + 1, secret_changed_at=clock.now()
        )
        record(
            "workflows.secret_changed", row, by=request.staff, summary="Changed the secret", request=request
        )

    press(request, change, "There is a new secret. For a day messages are signed with the old one, too.")
    return redirect("workflows:settings")
