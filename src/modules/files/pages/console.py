"""Where staff find files and bring them in."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kit.refused import Refused
from modules.files import operations
from modules.files.forms.files import FilterForm, LinkForm, UploadForm, owner_choices
from modules.files.models import File, Folder
from modules.files.pages.parts import whose_of
from modules.files.queries import lists, people
from modules.files.queries.people import Owner, word_of
from portal.agency import current_agency
from portal.forms import add_refusal
from portal.http import Request
from portal.uploads.operations import bytes_used, in_words
from tenants.plans import limits

PER_PAGE = 50
read_and_write = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def index(request: Request) -> HttpResponse:
    """All of the agency, filtered; of one owner also its folders."""
    filters = FilterForm(request.GET, staff=request.staff)
    criteria = filters.criteria()
    page = Paginator(lists.for_staff(request.staff, **criteria), PER_PAGE).get_page(request.GET.get("page"))
    kept = request.GET.copy()
    kept.pop("page", None)
    owner = criteria["owner"]
    context = {
        "page": page,
        "rows": lists.rows(page),
        "filters": filters,
        "owner": owner,
        "owner_word": word_of(owner) if owner else "",
        "folders": _top_folders(owner) if owner else [],
        "query": f"{kept.urlencode()}&" if kept else "",
        "is_filtered": any(kept.values()),
        "meter": _meter(),
    }
    return render(request, "files/console/index.html", context)


@require_safe
def folder(request: Request, pk: int) -> HttpResponse:
    """What lies in one folder."""
    found = folder_or_404(request, pk)
    files = lists.for_staff(request.staff, owner=found.owner).filter(folder=found).order_by("name", "pk")
    page = Paginator(files, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "folder": found,
        "path": found.path,
        "folders": found.folders.order_by("name"),
        "page": page,
        "rows": lists.rows(page),
        "owner_word": word_of(found.owner),
    }
    return render(request, "files/console/folder.html", context)


@read_and_write
def new(request: Request) -> HttpResponse:
    """Upload for somebody; first for whom."""
    owner = _owner(request)
    if owner is None:
        return choose_owner(request, "files:new", "Upload files")
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = UploadForm(
        *sent, owner=owner, staff=request.staff, whose=whose_of(request), initial=_place(request, owner)
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = _add(request, owner, form.cleaned_data)
        except Refused as refused:
            add_refusal(form, refused)
        else:
            return _after(request, owner, made, is_shared=form.cleaned_data["share"])
    context = {"form": form, "owner": owner, "meter": _meter()}
    return render(request, "files/console/new.html", context, status=422 if form.errors else 200)


@read_and_write
def new_link(request: Request) -> HttpResponse:
    """Keep a link for somebody."""
    owner = _owner(request)
    if owner is None:
        return choose_owner(request, "files:new-link", "Add a link")
    form = LinkForm(request.POST or None, owner=owner, staff=request.staff, initial=_place(request, owner))
    if request.method == "POST" and form.is_valid():
        read = form.cleaned_data
        read["words"] = read.pop("note")
        try:
            made = operations.add_link(owner, by=request.staff, trail={"request": request}, **read)
        except Refused as refused:
            add_refusal(form, refused)
        else:
            messages.success(request, f"{made} is kept as a draft. Share it when it is ready.")
            return redirect("files:show", made.pk)
    context = {"form": form, "owner": owner}
    return render(request, "files/console/new_link.html", context, status=422 if form.errors else 200)


@require_safe
def trash(request: Request) -> HttpResponse:
    """What was deleted within thirty days."""
    found = File.objects.served_by(request.staff).in_trash().for_lists().order_by("-deleted_at", "-pk")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "files/console/trash.html", {"page": page})


@require_POST
def restoration(request: Request, pk: int) -> HttpResponse:
    """Bring a file back."""
    file = get_object_or_404(File.objects.served_by(request.staff).in_trash(), pk=pk)
    operations.bring_back(file, by=request.staff, trail={"request": request})
    messages.success(request, f"{file} is back, as a draft. Share it again if the client is to see it.")
    return redirect("files:show", pk)


@require_POST
def erasure(request: Request, pk: int) -> HttpResponse:
    """Erase a file of the trash for good."""
    file = get_object_or_404(File.objects.served_by(request.staff).in_trash(), pk=pk)
    try:
        operations.erase(file, by=request.staff, trail={"request": request})
    except Refused as refused:
        messages.error(request, refused.words)
    else:
        messages.success(request, f"{file} is gone for good.")
    return redirect("files:trash")


def folder_or_404(request: Request, pk: int) -> Folder:
    """A folder of somebody whom one serves."""
    served = Folder.objects.served_by(request.staff).select_related("company", "client", "parent")
    found: Folder = get_object_or_404(served, pk=pk)
    return found


def choose_owner(request: Request, view: str, title: str) -> HttpResponse:
    """For whom? The first step of everything new."""
    context = {"groups": owner_choices(request.staff), "target": reverse(view), "title": title}
    return render(request, "files/console/choose_owner.html", context)


def _owner(request: Request) -> Owner | None:
    word = request.GET.get("owner", "")
    owner = people.owner_of(word, request.staff)
    if word and owner is None:
        raise Http404
    return owner


def _place(request: Request, owner: Owner) -> dict[str, Any]:
    """Folder and project of the address, as far as they are this owner's; the form offers no others."""
    return {name: request.GET.get(name, "") for name in ("folder", "project") if request.GET.get(name)}


def _add(request: Request, owner: Owner, read: dict[str, Any]) -> list[File]:
    trail: operations.Trail = {"request": request}
    made = operations.add_files(
        owner,
        files=read["sent"],
        by=request.staff,
        folder=read["folder"],
        project=read["project"],
        words=read["note"],
        trail=trail,
    )
    if read["share"]:
        operations.share(made, by=request.staff, trail=trail)
    return made


def _after(request: Request, owner: Owner, made: list[File], *, is_shared: bool) -> HttpResponse:
    what = str(made[0]) if len(made) == 1 else f"{len(made)} files"
    if is_shared:
        messages.success(request, f"{what}: shared with {owner}. They get a mail now.")
    else:
        messages.success(request, f"{what}: kept as drafts. Only you see them until you share them.")
    if len(made) == 1:
        return redirect("files:show", made[0].pk)
    if made[0].folder_id:
        return redirect("files:folder", made[0].folder_id)
    return redirect(f"{reverse('files:index')}?owner={word_of(owner)}")


def _top_folders(owner: Owner) -> Any:
    whose = {key: value for key, value in people.owner_fields(owner).items() if value}
    return Folder.objects.filter(**whose, parent=None).order_by("name")


def _meter() -> dict[str, Any]:
    used, most = bytes_used(), limits(current_agency().plan).storage
    return {
        "used": used,
        "most": most,
        "words": f"{in_words(used) if used else 'Nothing'} of {in_words(most)} used",
        "is_short": used >= most * 0.8,
    }
