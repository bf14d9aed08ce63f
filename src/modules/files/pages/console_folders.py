"""Folders, as staff make and change them."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from kit.refused import Refused
from modules.files import operations
from modules.files.forms.files import FolderForm
from modules.files.pages.console import choose_owner, folder_or_404
from modules.files.queries import people
from modules.files.queries.people import word_of
from portal.forms import add_refusal
from portal.http import Request

read_and_write = require_http_methods(["GET", "HEAD", "POST"])


@read_and_write
def new(request: Request) -> HttpResponse:
    """Make one."""
    owner = people.owner_of(request.GET.get("owner", ""), request.staff)
    if owner is None:
        return choose_owner(request, "files:new-folder", "New folder")
    initial = {"parent": request.GET.get("parent", "")}
    form = FolderForm(request.POST or None, owner=owner, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = operations.create_folder(
                owner, by=request.staff, trail={"request": request}, **_fields(form)
            )
        except Refused as refused:
            add_refusal(form, refused)
        else:
            messages.success(request, f"The folder {made} is there. Put files into it, then share them.")
            return redirect("files:folder", made.pk)
    context = {"form": form, "owner": owner}
    return render(request, "files/console/folder_form.html", context, status=422 if form.errors else 200)


@read_and_write
def edit(request: Request, pk: int) -> HttpResponse:
    """Rename, move, open for the client's files."""
    folder = folder_or_404(request, pk)
    initial = {"name": folder.name, "parent": folder.parent_id, "takes_uploads": folder.takes_uploads}
    form = FolderForm(
        request.POST or None,
        owner=folder.owner,
        folder=folder,
        initial=initial | {"contacts": folder.private_to},
    )
    if request.method == "POST" and form.is_valid():
        try:
            operations.edit_folder(folder, by=request.staff, trail={"request": request}, **_fields(form))
        except Refused as refused:
            add_refusal(form, refused)
        else:
            messages.success(request, "Saved.")
            return redirect("files:folder", pk)
    context = {"form": form, "owner": folder.owner, "folder": folder}
    return render(request, "files/console/folder_form.html", context, status=422 if form.errors else 200)


@require_POST
def deletion(request: Request, pk: int) -> HttpResponse:
    """Remove an empty one."""
    folder = folder_or_404(request, pk)
    owner = word_of(folder.owner)
    try:
        operations.delete_folder(folder, by=request.staff, trail={"request": request})
    except Refused as refused:
        messages.error(request, refused.words)
        return redirect("files:folder", pk)
    messages.success(request, f"The folder {folder} is gone.")
    return redirect(f"{reverse('files:index')}?owner={owner}")


def _fields(form: FolderForm) -> dict[str, Any]:
    names = ("name", "parent", "takes_uploads", "contacts")
    return {name: form.cleaned_data[name] for name in names if name in form.cleaned_data}
