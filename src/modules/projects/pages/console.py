"""What staff do with projects as a whole: find, make, look, set, archive, give access."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from modules.projects import operations, queries
from modules.projects.forms import AccessForm, FilterForm, MilestoneForm, NewProjectForm, SettingsForm
from modules.projects.models import Project
from modules.projects.pages.tabs import answer, in_tab, project_or_404, sent
from portal.forms import carry_out
from portal.http import Request
from portal.panels import filled_panels

PROJECTS_PER_PAGE = 25


def index(request: Request) -> HttpResponse:
    """All projects of the agency, filtered and paged."""
    filters = FilterForm(request.GET)
    found = queries.projects_for_staff(request.staff, **filters.criteria())
    page = Paginator(found, PROJECTS_PER_PAGE).get_page(request.GET.get("page"))
    kept = request.GET.copy()
    kept.pop("page", None)
    context = {
        "page": page,
        "filters": filters,
        "query": f"{kept.urlencode()}&" if kept else "",
        "is_filtered": any(kept.values()),
    }
    return render(request, "projects/console/index.html", context)


def new(request: Request) -> HttpResponse:
    """Make a project."""
    form = NewProjectForm(sent(request), initial={"lead": request.staff.pk}, staff=request.staff)
    make, trail = operations.create_project, operations.Trail(request=request)
    if request.method == "POST" and (done := carry_out(form, make, by=request.staff, trail=trail)):
        messages.success(request, "Project created. Add its milestones, then tell your client.")
        return redirect("projects:show", done.result.pk)
    status = 422 if form.errors else 200
    return render(request, "projects/console/new.html", {"form": form}, status=status)


def show(request: Request, project_id: int) -> HttpResponse:
    """The overview: where it stands, and its milestones."""
    return overview(request, project_or_404(request, project_id))


def overview(request: Request, project: Project, form: MilestoneForm | None = None) -> HttpResponse:
    """The overview's page; `form` is a new milestone that was refused."""
    context = {
        "form": form or MilestoneForm(),
        "panels": filled_panels("projects.console", request, project),
        "overdue": [milestone for milestone in project.deadlines if milestone.is_overdue],
    }
    return in_tab(request, project, "show", context, refused=form is not None)


def settings(request: Request, project_id: int) -> HttpResponse:
    """A project's own words, its percentage by hand, and the archive."""
    project = project_or_404(request, project_id)
    now = {name: getattr(project, name) for name in SettingsForm.base_fields}
    form = SettingsForm(sent(request), initial=now, project=project)
    trail = operations.Trail(request=request)
    if request.method == "POST" and carry_out(
        form, operations.edit_project, project, by=request.staff, trail=trail
    ):
        messages.success(request, "Saved. Your client sees it from now on.")
        return redirect("projects:settings", project.pk)
    return in_tab(request, project, "settings", {"form": form}, refused=bool(form.errors))


@require_POST
def archive(request: Request, project_id: int) -> HttpResponse:
    """Close it for changes."""
    project = project_or_404(request, project_id)
    answer(request, "Archived. Your client can still read it.", operations.archive_project, project)
    return redirect("projects:settings", project.pk)


@require_POST
def restore(request: Request, project_id: int) -> HttpResponse:
    """Take it out of the archive."""
    project = project_or_404(request, project_id)
    answer(request, "Restored. It can be changed again.", operations.restore_project, project)
    return redirect("projects:settings", project.pk)


def access(request: Request, project_id: int) -> HttpResponse:
    """Who sees the project; a person is added and invited in one step."""
    project = project_or_404(request, project_id)
    form = AccessForm(sent(request))
    trail = operations.Trail(request=request)
    if request.method == "POST" and carry_out(
        form, operations.invite_to_project, project, by=request.staff, trail=trail
    ):
        messages.success(request, f"{form.cleaned_data['name']} gets the invitation by mail now.")
        return redirect("projects:access", project.pk)
    context = {"form": form, "readers": queries.readers_of(project)}
    return in_tab(request, project, "access", context, refused=bool(form.errors))


@require_POST
def invite(request: Request, project_id: int) -> HttpResponse:
    """Invite the lone client of a project to it."""
    project = project_or_404(request, project_id)
    client = project.client
    if client is None:
        raise Http404
    done = f"{client} gets the invitation by mail now."
    answer(request, done, operations.invite_to_project, project, email=client.email, name=client.name)
    return redirect("projects:access", project.pk)
