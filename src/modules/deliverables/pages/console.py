"""Where staff make deliverables, hand in versions and see where each one is."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from kit.refused import Refused
from modules.deliverables import operations
from modules.deliverables.forms import DeliverableForm, NewDeliverableForm, VersionForm
from modules.deliverables.models import Deliverable, State
from modules.deliverables.queries import lists
from modules.projects.models import Project
from portal.forms import add_refusal, searched
from portal.http import Request

PER_PAGE = 50
FIELDS = ("name", "brief", "rule", "due_on", "rounds_included", "reviewers", "commenters")
read_and_write = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def index(request: Request) -> HttpResponse:
    """All of the agency, by state."""
    state = request.GET.get("state", "")
    state = state if state in State.values else ""
    search = searched(request)
    found = lists.everything(request.staff, state=state, search=search)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    query = urlencode({"q": search, "state": state}) + "&"
    rows = lists.console_rows(page, request.agency.today())
    context = {"rows": rows, "states": State.choices, "state": state, "search": search}
    context |= {"page": page, "query": query}
    return render(request, "deliverables/console/index.html", context)


@read_and_write
def new(request: Request) -> HttpResponse:
    """Choose a project, then describe the deliverable; its first version may come with it."""
    chosen = request.GET.get("project", "")
    if not chosen.isdecimal():
        projects = (
            Project.objects.served_by(request.staff)
            .open()
            .select_related("company", "client")
            .order_by("name")
        )
        return render(request, "deliverables/console/choose_project.html", {"projects": projects})
    project = get_object_or_404(Project.objects.served_by(request.staff).open(), pk=chosen)
    form = NewDeliverableForm(*_sent(request), project=project)
    if request.method == "POST" and form.is_valid():
        try:
            deliverable = operations.create_deliverable(
                project, by=request.staff, trail={"request": request}, **_fields(form)
            )
        except Refused as refused:
            add_refusal(form, refused)
        else:
            return _with_first_version(request, deliverable, form)
    status = 422 if form.errors else 200
    return render(request, "deliverables/console/new.html", {"form": form, "project": project}, status=status)


@read_and_write
def edit(request: Request, pk: int) -> HttpResponse:
    """Change what the client reads, who decides, by when."""
    deliverable = _load(request, pk)
    form = DeliverableForm(*_sent(request), project=deliverable.project, deliverable=deliverable)
    if request.method == "POST" and form.is_valid():
        try:
            operations.edit_deliverable(
                deliverable, by=request.staff, trail={"request": request}, **_fields(form)
            )
        except Refused as refused:
            add_refusal(form, refused)
        else:
            messages.success(request, "Saved.")
            return redirect("deliverables:show", pk)
    context = {"form": form, "deliverable": deliverable}
    return render(request, "deliverables/console/edit.html", context, status=422 if form.errors else 200)


@read_and_write
def upload(request: Request, pk: int) -> HttpResponse:
    """Hand in the next version."""
    deliverable = _load(request, pk)
    form = VersionForm(*_sent(request))
    if request.method == "POST" and form.is_valid():
        try:
            version = operations.add_version(
                deliverable,
                files=form.cleaned_data["files"],
                note=form.cleaned_data["note"],
                by=request.staff,
                trail={"request": request},
            )
        except Refused as refused:
            add_refusal(form, refused)
        else:
            messages.success(request, f"Version {version.number} is here. The client does not see it yet.")
            return redirect("deliverables:version", pk, version.number)
    newest = deliverable.versions.values_list("number", flat=True).first() or 0
    context = {"form": form, "deliverable": deliverable, "number": newest + 1}
    return render(request, "deliverables/console/upload.html", context, status=422 if form.errors else 200)


def _load(request: Request, pk: int) -> Deliverable:
    found: Deliverable = get_object_or_404(
        Deliverable.objects.served_by(request.staff).select_related("project__company", "project__client"),
        pk=pk,
    )
    return found


def _sent(request: Request) -> tuple[Any, ...]:
    return (request.POST, request.FILES) if request.method == "POST" else ()


def _fields(form: DeliverableForm) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in FIELDS if name in form.cleaned_data}


def _with_first_version(request: Request, deliverable: Deliverable, form: NewDeliverableForm) -> HttpResponse:
    files, note = form.cleaned_data["files"], form.cleaned_data["note"]
    if not files:
        messages.success(request, f"{deliverable} is made. Upload its first version when you have one.")
        return redirect("deliverables:show", deliverable.pk)
    try:
        operations.add_version(
            deliverable, files=files, note=note, by=request.staff, trail={"request": request}
        )
    except Refused as refused:
        messages.error(request, f"{deliverable} is made, but its files are not: {refused.words}")
        return redirect("deliverables:upload", deliverable.pk)
    messages.success(request, f"{deliverable} is made. Look it over, then show it to the client.")
    return redirect("deliverables:show", deliverable.pk)
