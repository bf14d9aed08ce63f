"""One file in the console: who sees it, its versions, what happened to it; sharing and taking back."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kit.refused import Refused
from modules.files import operations
from modules.files.forms.files import EditForm, ShareForm, VersionForm
from modules.files.models import File
from modules.files.pages.parts import whose_of
from modules.files.queries import lists, people
from modules.files.queries.people import word_of
from portal.forms import add_refusal, press
from portal.http import Request

MOST_AT_ONCE = 50
MOST_ACTIVITY = 50
read_and_write = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def show(request: Request, pk: int) -> HttpResponse:
    """All about one file."""
    return _show(request, _load(request, pk))


@read_and_write
def edit(request: Request, pk: int) -> HttpResponse:
    """Name, place, words."""
    file = _load(request, pk)
    form = EditForm(request.POST or None, file=file, staff=request.staff)
    if request.method == "POST" and form.is_valid():
        read = form.cleaned_data
        read["words"] = read.pop("note")
        try:
            operations.edit_file(file, by=request.staff, trail={"request": request}, **read)
        except Refused as refused:
            add_refusal(form, refused)
        else:
            messages.success(request, "Saved.")
            return redirect("files:show", pk)
    context = {"form": form, "file": file}
    return render(request, "files/console/edit.html", context, status=422 if form.errors else 200)


@read_and_write
def sharing(request: Request) -> HttpResponse:
    """Share chosen files of one client (`?file=1&file=2`): with whom, until when, to keep or only to look at."""
    files = _chosen(request)
    initial = _now(files[0]) if len(files) == 1 else None
    form = ShareForm(request.POST or None, files=files, staff=request.staff, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            shared = operations.share(
                files, by=request.staff, trail={"request": request}, **form.cleaned_data
            )
        except Refused as refused:
            add_refusal(form, refused)
        else:
            what = str(shared[0]) if len(shared) == 1 else f"{len(shared)} files"
            told = " Whoever did not see it before gets a mail now." if form.cleaned_data["tell"] else ""
            messages.success(request, f"{what}: shared with {operations.in_words(shared[0])}.{told}")
            return redirect(_back(shared))
    context = {"form": form, "files": files, "owner": files[0].owner}
    return render(request, "files/console/share.html", context, status=422 if form.errors else 200)


@require_POST
def unsharing(request: Request, pk: int) -> HttpResponse:
    """Make it a draft again."""
    return _do(request, pk, operations.unshare, "No longer shared. Only you see it.")


@require_POST
def version(request: Request, pk: int) -> HttpResponse:
    """Replace what is behind the address."""
    file = _load(request, pk)
    form = VersionForm(request.POST, request.FILES, whose=whose_of(request))
    if form.is_valid():
        try:
            made = operations.add_version(
                file,
                sent=form.cleaned_data["sent"][0],
                by=request.staff,
                words=form.cleaned_data["note"],
                trail={"request": request},
            )
        except Refused as refused:
            add_refusal(form, refused)
        else:
            messages.success(request, f"Replaced. The address stays; this is version {made.number}.")
            return redirect("files:show", pk)
    return _show(request, file, form, status=422)


@require_POST
def version_restoration(request: Request, pk: int, number: int) -> HttpResponse:
    """Show an older version again."""
    found = get_object_or_404(_load(request, pk).versions.select_related("file"), number=number)
    try:
        operations.restore_version(found, by=request.staff, trail={"request": request})
    except Refused as refused:
        messages.error(request, refused.words)
    else:
        messages.success(request, f"Version {number} is the one that is shown again.")
    return redirect("files:show", pk)


@require_POST
def release(request: Request, pk: int, number: int) -> HttpResponse:
    """Let a version through that was too large to be checked."""
    found = get_object_or_404(_load(request, pk).versions.select_related("file"), number=number)
    try:
        operations.release(found, by=request.staff, trail={"request": request})
    except Refused as refused:
        messages.error(request, refused.words)
    else:
        messages.success(request, "Let through, without a check.")
    return redirect("files:show", pk)


@require_POST
def deletion(request: Request, pk: int) -> HttpResponse:
    """Put it into the trash."""
    file = _load(request, pk)
    try:
        operations.delete_file(file, by=request.staff, trail={"request": request})
    except Refused as refused:
        messages.error(request, refused.words)
        return redirect("files:show", pk)
    messages.success(request, f"{file} is in the trash for thirty days. No client sees it any more.")
    return redirect(f"{reverse('files:index')}?owner={word_of(file.owner)}")


def _load(request: Request, pk: int) -> File:
    served = File.objects.served_by(request.staff).there().for_lists()
    found: File = get_object_or_404(served.select_related("made_by", "sent_by"), pk=pk)
    return found


def _show(
    request: Request, file: File, form: VersionForm | None = None, *, status: int = 200
) -> HttpResponse:
    current = file.current
    context = {
        "file": file,
        "row": lists.plain_row(file),
        "version": current,
        "previews": list(current.previews.all()) if current and current.is_served else [],
        "versions": file.versions.select_related("upload", "made_by", "sent_by"),
        "readers": people.readers(file),
        "shared_with": operations.in_words(file) if file.shared_at else "",
        "activity": file.activity.select_related("client", "staff", "version")[:MOST_ACTIVITY],
        "form": form or VersionForm(whose=whose_of(request)),
        "owner_word": word_of(file.owner),
        "hand_in": file.hand_ins.select_related("item__request").first(),
    }
    return render(request, "files/console/show.html", context, status=status)


def _chosen(request: Request) -> list[File]:
    """The files of the address, all of one owner.

    Raises:
        Http404: none, or of several owners.
    """
    words = [
        word for word in request.GET.getlist("file")[:MOST_AT_ONCE] if word.isdecimal() and len(word) < 18
    ]
    served = File.objects.served_by(request.staff).there().for_lists()
    files = list(served.filter(pk__in=words).order_by("name", "pk"))
    if not files:
        raise Http404
    if len({file.owner for file in files}) > 1:
        raise Http404
    return files


def _now(file: File) -> dict[str, Any]:
    """How it is shared today, as the form shows it."""
    if file.shared_at is None:
        return {
            "audience": File.Audience.PROJECT if file.project_id else File.Audience.OWNER,
            "can_download": True,
            "is_marked": file.is_marked,
        }
    return {
        "audience": file.audience,
        "contacts": file.private_to,
        "expires_on": file.expires_on,
        "can_download": file.can_download,
        "is_marked": file.is_marked,
        "tell": True,
    }


def _back(files: list[File]) -> str:
    if len(files) == 1:
        return reverse("files:show", args=[files[0].pk])
    return f"{reverse('files:index')}?owner={word_of(files[0].owner)}"


def _do(request: Request, pk: int, act: Any, words: str) -> HttpResponse:
    press(request, lambda: act(_load(request, pk), by=request.staff, trail={"request": request}), words)
    return redirect("files:show", pk)
