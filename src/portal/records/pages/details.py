"""Details, own fields, archive, timeline."""

from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kit.paging import BadCursor
from kit.refused import Refused
from portal.agency import streamed
from portal.audit.operations import record
from portal.forms import searched
from portal.gate import managers_only
from portal.http import Request
from portal.people import queries
from portal.records import details, export, fields, timeline
from portal.records.filtering import OwnFieldsFilter
from portal.records.forms import DetailsForm, FieldForm
from portal.records.models import CustomField
from portal.records.pages.finding import client_of


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, client_id: int) -> HttpResponse:
    """Phone, language, zone, lead, do not disturb, and the agency's own fields."""
    client = client_of(request, client_id)
    form = DetailsForm(request.POST or None, client=client)
    if request.method == "POST" and form.is_valid():
        try:
            details.set_details(client, form.details(), form.values(), by=request.staff, request=request)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.words)
        else:
            messages.success(request, "Saved.")
            return redirect("people:client", client.pk)
    status = 422 if form.is_bound else 200
    return render(request, "console/records/details.html", {"form": form, "shown": client}, status=status)


@managers_only
@require_http_methods(["GET", "HEAD", "POST"])
def archive(request: Request, client_id: int) -> HttpResponse:
    """Ask whether access is to end, then take the client out of the lists; or bring it back."""
    client = client_of(request, client_id)
    if request.method != "POST":
        return render(request, "console/records/archive.html", {"shown": client})
    if "back" in request.POST:
        details.unarchive(client, by=request.staff, request=request)
        messages.success(request, f"{client.shown_name} is in the list again.")
    else:
        ends = request.POST.get("access") == "end"
        details.archive(client, ends_access=ends, by=request.staff, request=request)
        words = "and cannot sign in any more" if ends else "and may still sign in"
        messages.success(request, f"{client.shown_name} is out of the lists {words}.")
    return redirect("people:client", client.pk)


@require_safe
def history(request: Request, client_id: int) -> HttpResponse:
    """Everything that happened with this client, section by section if asked."""
    client, section = client_of(request, client_id), request.GET.get("section", "")
    sections = timeline.sections()
    if section and section not in sections:
        raise Http404
    try:
        page = timeline.timeline(
            client, section=section, cursor=request.GET.get("after"), staff=request.staff
        )
    except BadCursor as error:
        raise Http404 from error
    context = {
        "shown": client,
        "happenings": [timeline.happening(entry) for entry in page.rows],
        "next_cursor": page.next_cursor,
        "section": section,
        "sections": sections,
        "query": urlencode({"section": section}),
        "is_later_page": "after" in request.GET,
    }
    return render(request, "console/records/timeline.html", context)


@managers_only
@require_http_methods(["GET", "HEAD", "POST"])
def all_fields(request: Request) -> HttpResponse:
    """The agency's own fields, and a new one."""
    form = FieldForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _define(request, form, None):
        return redirect("records:fields")
    shown = CustomField.objects.order_by("archived_at", "position", "pk")
    about = CustomField.About
    context = {
        "form": form,
        "clients": shown.filter(about=about.CLIENT),
        "companies": shown.filter(about=about.COMPANY),
    }
    return render(request, "console/records/fields.html", context, status=422 if form.is_bound else 200)


@managers_only
@require_http_methods(["GET", "HEAD", "POST"])
def field(request: Request, field_id: int) -> HttpResponse:
    """Rename a field, change its choices."""
    one = get_object_or_404(CustomField, pk=field_id)
    form = FieldForm(request.POST or None, field=one)
    if request.method == "POST" and form.is_valid() and _define(request, form, one):
        return redirect("records:fields")
    status = 422 if form.is_bound else 200
    return render(request, "console/records/field.html", {"form": form, "field": one}, status=status)


@managers_only
@require_POST
def archive_field(request: Request, field_id: int) -> HttpResponse:
    """Out of forms and pages, or back."""
    one = get_object_or_404(CustomField, pk=field_id)
    try:
        fields.archive_field(one, is_archived="back" not in request.POST, by=request.staff, request=request)
    except Refused as refusal:
        messages.error(request, refusal.words)
    else:
        messages.success(request, "Saved. The values are kept.")
    return redirect("records:fields")


@managers_only
@require_safe
def export_list(request: Request) -> StreamingHttpResponse:
    """What the list shows, as CSV."""
    found = queries.found_clients(
        request.staff,
        search=searched(request),
        access=request.GET.get("access", ""),
        tag=searched(request, "tag"),
        own=OwnFieldsFilter(request.GET, CustomField.About.CLIENT),
    )
    record("records.exported", "clients:all", by=request.staff, summary="Exported clients", request=request)
    response = StreamingHttpResponse(streamed(export.table(found)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="clients-{request.agency.today()}.csv"'
    response["Cache-Control"] = "private, no-store"
    return response


def _define(request: Request, form: FieldForm, one: CustomField | None) -> bool:
    words = form.cleaned_data | {"choices": form.cleaned_data["choices"].splitlines()}
    try:
        fields.define_field(**words, field=one, by=request.staff, request=request)
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.words)
        return False
    messages.success(request, "Saved.")
    return True
