"""A person's data: handed over, erased."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from kit.refused import Refused
from portal.audit.operations import record
from portal.gate import managers_only
from portal.http import Request
from portal.people.models import Client
from portal.records import asking, erasing, export
from portal.records.forms import ErasureForm
from portal.records.pages.finding import client_of
from portal.tasks.operations import done_at_source


@managers_only
@require_http_methods(["GET", "HEAD", "POST"])
def data(request: Request, client_id: int) -> HttpResponse:
    """Say what is in it, then hand it over as a file."""
    client = client_of(request, client_id)
    if request.method != "POST":
        return render(request, "console/records/data.html", {"shown": client})
    record(
        "records.data_given",
        client,
        by=request.staff,
        summary="Downloaded a copy of the data",
        request=request,
    )
    done_at_source(asking.source_of("data", client), by=request.staff)
    response = HttpResponse(export.person(client), content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="client-{client.pk}.json"'
    response["Cache-Control"] = "private, no-store"
    return response


@managers_only
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: Request, client_id: int) -> HttpResponse:
    """Say what goes and what stays and why; with the name typed, do it."""
    client = client_of(request, client_id)
    form = ErasureForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            stays = erasing.erase(
                client, typed_name=form.cleaned_data["name"], by=request.staff, request=request
            )
        except Refused as refusal:
            form.add_error("name", refusal.words)
        else:
            words = (
                "Records that the law asks for stay under a pseudonym." if stays else "Nothing of it stays."
            )
            messages.success(request, f"The person is erased. {words}")
            return redirect("people:clients")
    context = {"form": form, "shown": client, "kept": erasing.foreseen(client)}
    status = 422 if form.is_bound else 200
    return render(request, "console/records/erasure.html", context, status=status)


@require_POST
def ask(request: Request) -> HttpResponse:
    """On the portal: the client asks for its data, or to be erased."""
    try:
        asking.ask(_own(request), request.POST.get("what", ""), request=request)
    except Refused as refusal:
        messages.error(request, refusal.words)
    else:
        messages.success(request, "We have your request and will answer within a month.")
    return redirect("people:profile")


def _own(request: Request) -> Client:
    return request.client
