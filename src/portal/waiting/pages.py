"""Handing a line to a colleague, on the portal; the weekly mail's day, on the console."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from kit.refused import Refused
from portal.audit.operations import record
from portal.gate import managers_only
from portal.http import Request
from portal.waiting import operations, queries
from portal.waiting.forms import HandOnForm, WeeklyForm
from portal.waiting.models import WaitingSettings


@require_http_methods(["GET", "HEAD", "POST"])
def hand_on(request: Request) -> HttpResponse:
    """Choose the colleague; only those on whom it waits by the same rules are offered."""
    line = queries.line_of(request, request.GET.get("line", ""))
    if line is None:
        raise Http404
    takers = queries.takers_of(request.client, line)
    form = HandOnForm(request.POST if request.method == "POST" else None, takers=takers)
    if form.is_valid():
        to = form.cleaned_data["to"]
        try:
            operations.hand_on(
                line, by=request.client, to=to, note=form.cleaned_data["note"], request=request
            )
        except Refused as refused:
            form.add_error(refused.field or None, refused.words)
        else:
            messages.success(request, f"{to.shown_name} gets it by mail now.")
            return redirect("home")
    context = {"form": form, "line": line, "takers": takers}
    return render(request, "portal/waiting/hand_on.html", context, status=422 if form.errors else 200)


@require_POST
def take_back(request: Request) -> HttpResponse:
    """Have it in one's own queue again."""
    if operations.take_back(request.POST.get("line", ""), by=request.client, request=request):
        messages.success(request, "It is in your own list again.")
    return redirect("home")


@managers_only
@require_http_methods(["GET", "HEAD", "POST"])
def weekly(request: Request) -> HttpResponse:
    """When the weekly mail goes out, or that it does not."""
    before = WaitingSettings.load()
    was = str(before)
    form = WeeklyForm(request.POST if request.method == "POST" else None, instance=before)
    if request.method == "POST" and form.is_valid():
        made = form.save()
        if str(made) != was:
            summary = f"Weekly mail: {made}"
            record("waiting.weekly_set", made, by=request.staff, summary=summary, request=request)
        messages.success(request, "Saved." if made.is_on else "Saved. No weekly mail goes out.")
        return redirect("tasks:index")
    return render(request, "console/waiting/weekly.html", {"form": form}, status=422 if form.errors else 200)
