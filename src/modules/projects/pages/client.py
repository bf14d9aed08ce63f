"""What clients see: their projects, one project, and their comments on its updates."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from modules.projects import operations, queries
from modules.projects.forms import CommentForm, with_comment_forms
from modules.projects.models import Project, Update
from portal.forms import carry_out
from portal.http import Request
from portal.panels import filled_panels
from portal.people.acting import chosen_company

PROJECTS_PER_PAGE = 30
UPDATES_PER_PAGE = 10


def index(request: Request) -> HttpResponse:
    """Running projects first, then finished and archived ones."""
    projects = Project.objects.visible_to(request.client).work_first().for_lists()
    chosen = chosen_company(request)
    if chosen is not None:
        projects = projects.filter(company=chosen)
    page = Paginator(projects, PROJECTS_PER_PAGE).get_page(request.GET.get("page"))
    query = f"company={chosen.pk}&" if chosen else ""
    return render(request, "projects/client/index.html", {"page": page, "chosen": chosen, "query": query})


def show(request: Request, project_id: int) -> HttpResponse:
    """Where one project stands."""
    mine = Project.objects.visible_to(request.client).for_lists()
    return _page_of(request, get_object_or_404(mine, pk=project_id))


@require_POST
def comment(request: Request, project_id: int, update_id: int) -> HttpResponse:
    """Answer under an update."""
    mine = Update.objects.visible_to(request.client).select_related("project__lead")
    update = get_object_or_404(mine, pk=update_id, project=project_id)
    form = CommentForm(update, request.POST)
    trail = operations.Trail(request=request)
    if not carry_out(form, operations.comment_as_client, update, client=request.client, trail=trail):
        return _page_of(request, update.project, refused=form)
    told = queries.staff_to_tell(update.project)
    reader = told[0].name if len(told) == 1 and told[0].name else request.agency.name
    messages.success(request, f"Comment posted. {reader} gets it by mail now.")
    return redirect(f"{request.path.partition('updates/')[0]}#update-{update.pk}")


def _page_of(request: Request, project: Project, refused: CommentForm | None = None) -> HttpResponse:
    updates = Paginator(queries.updates_of(project), UPDATES_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "project": project,
        "updates": updates,
        "feed": with_comment_forms(updates, refused),
        "panels": filled_panels("projects.client", request, project),
    }
    return render(request, "projects/client/show.html", context, status=422 if refused else 200)
