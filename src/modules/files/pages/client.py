"""The Files tab: what was shared with this client, and nothing else."""

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from modules.files import operations
from modules.files.models import Activity, File
from modules.files.queries import lists
from portal.branding.queries import sections_on
from portal.forms import searched
from portal.http import Request
from portal.people.acting import chosen_company
from portal.people.models import Company

PER_PAGE = 48
VIEWS = ("list", "grid")


@require_safe
def index(request: Request) -> HttpResponse:
    """The top, or what a search finds anywhere, or all of one company."""
    words, chosen = searched(request), chosen_company(request)
    if words or chosen:
        found = lists.visible(request.client, words=words)
        found = found.filter(company=chosen) if chosen else found
        return _show(request, lists.Level(None, [], [], found), words, chosen)
    level = lists.level_of(request.client, None)
    assert level is not None, "the top is always there"
    return _show(request, level)


@require_safe
def folder(request: Request, pk: int) -> HttpResponse:
    """What lies in one folder."""
    level = lists.level_of(request.client, pk)
    if level is None:
        raise Http404
    return _show(request, level)


@require_safe
def show(request: Request, pk: int) -> HttpResponse:
    """One file: looked at on the page, downloaded if that is allowed."""
    file = visible_file(request, pk)
    version = file.current
    if version is not None and version.is_served and not is_only_viewed(request):
        operations.note(file, Activity.Did.VIEWED, client=request.client)
    context = {
        "file": file,
        "version": version,
        "section_name": section_name(),
        "previews": list(version.previews.all()) if version else [],
    }
    return render(request, "files/client/show.html", context)


def visible_file(request: Request, pk: int) -> File:
    """A file that was shared with this client.

    Raises:
        Http404: another's, a draft, expired, deleted, or none at all: all the same.
    """
    found: File = get_object_or_404(File.objects.visible_to(request.client).for_lists(), pk=pk)
    return found


def is_only_viewed(request: Request) -> bool:
    """Whether staff look at the portal as this client: what they do is not the client's deed."""
    return getattr(request, "viewing", None) is not None


def section_name() -> str:
    """As this agency calls it; the gate has seen that it is on."""
    return sections_on()["files"].name


def _show(
    request: Request, level: lists.Level, words: str = "", chosen: Company | None = None
) -> HttpResponse:
    page = Paginator(level.files, PER_PAGE).get_page(request.GET.get("page"))
    view = request.GET.get("view", "")
    view = view if view in VIEWS else VIEWS[0]
    asked = [] if level.folder or words or chosen else list(lists.asked_now(request.client)[:20])
    asks = {"q": words, "company": str(chosen.pk) if chosen else ""}
    kept = "".join(f"{urlencode({name: value})}&" for name, value in asks.items() if value)
    context = {
        "level": level,
        "rows": lists.rows(page),
        "page": page,
        "words": words,
        "view": view,
        "chosen": chosen,
        "kept": kept,
        "query": f"{kept}view={view}&",
        "asked": asked,
        "section_name": section_name(),
    }
    return render(request, "files/client/index.html", context)
