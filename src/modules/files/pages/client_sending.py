"""What a client sends: into a folder that is open to it, or what it was asked for."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from kit.refused import Refused
from modules.files import operations
from modules.files.forms.files import SendForm
from modules.files.models import FileRequest, Folder
from modules.files.pages.client import PER_PAGE, section_name
from modules.files.pages.parts import whose_of
from modules.files.queries import lists
from portal.forms import add_refusal
from portal.http import Request

read_and_write = require_http_methods(["GET", "HEAD", "POST"])


@read_and_write
def upload(request: Request, pk: int) -> HttpResponse:
    """Put files into a folder."""
    folder = get_object_or_404(Folder.objects.taking_uploads_of(request.client), pk=pk)
    form = _form(request)
    if request.method == "POST" and form.is_valid():
        try:
            sent = operations.send_to_folder(
                folder, files=form.cleaned_data["sent"], client=request.client, trail={"request": request}
            )
        except Refused as refused:
            add_refusal(form, refused)
        else:
            number = f"{len(sent)} files are" if len(sent) != 1 else f"{sent[0]} is"
            messages.success(request, f"{number} there. {request.agency.name} is told.")
            return redirect("files:folder", pk)
    context = {"form": form, "folder": folder, "section_name": section_name()}
    return render(request, "files/client/upload.html", context, status=422 if form.errors else 200)


@require_safe
def requests(request: Request) -> HttpResponse:
    """All that this client is or was asked for."""
    found = Paginator(lists.requests_of(request.client), PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": found, "section_name": section_name()}
    return render(request, "files/client/requests.html", context)


@require_safe
def show_request(request: Request, pk: int) -> HttpResponse:
    """One list of what is wanted, item by item."""
    asked = _request(request, pk)
    items = asked.items.prefetch_related("hand_ins__file__current")
    context = {"asked": asked, "items": items, "section_name": section_name()}
    return render(request, "files/client/request.html", context)


@read_and_write
def send(request: Request, pk: int, item: int) -> HttpResponse:
    """Send what one item asks for."""
    wanted = get_object_or_404(_request(request, pk).items.select_related("request"), pk=item)
    form = _form(request)
    if request.method == "POST" and form.is_valid():
        try:
            operations.hand_in(
                wanted, files=form.cleaned_data["sent"], client=request.client, trail={"request": request}
            )
        except Refused as refused:
            add_refusal(form, refused)
        else:
            messages.success(request, f"“{wanted}” is sent. {request.agency.name} looks at it now.")
            return redirect("files:request", pk)
    if not wanted.is_wanted and not form.errors:
        return redirect("files:request", pk)
    before = wanted.hand_ins.exclude(verdict_note="").first()
    context: dict[str, Any] = {"form": form, "item": wanted, "asked": wanted.request, "before": before}
    context["section_name"] = section_name()
    return render(request, "files/client/send.html", context, status=422 if form.errors else 200)


def _request(request: Request, pk: int) -> FileRequest:
    found = FileRequest.objects.visible_to(request.client).select_related("company", "client", "project")
    asked: FileRequest = get_object_or_404(found, pk=pk)
    return asked


def _form(request: Request) -> SendForm:
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    return SendForm(*sent, whose=whose_of(request))
