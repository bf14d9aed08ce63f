"""Milestones on the console: add, edit, put in order, bring from state to state."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from modules.projects import operations
from modules.projects.forms import EditMilestoneForm, MilestoneForm, StateForm
from modules.projects.models import Milestone, Project
from modules.projects.pages.console import overview
from modules.projects.pages.tabs import answer, in_tab, project_or_404, sent
from portal.forms import carry_out
from portal.http import Request

SAID = {
    Milestone.State.PLANNED: "Planned again.",
    Milestone.State.ACTIVE: "In progress now.",
    Milestone.State.IN_REVIEW: "In review now.",
    Milestone.State.DONE: "Done. The percentage counts it from now on.",
}


def add(request: Request, project_id: int) -> HttpResponse:
    """Add one at the end. Looked at, the address leads to the overview, where the form is."""
    project = project_or_404(request, project_id)
    form = MilestoneForm(sent(request))
    trail = operations.Trail(request=request)
    if form.is_bound and not carry_out(
        form, operations.add_milestone, project, by=request.staff, trail=trail
    ):
        return overview(request, project, form)
    if form.is_bound:
        messages.success(request, "Milestone added. Your client sees it now.")
    return _back_to(project)


def edit(request: Request, project_id: int, milestone_id: int) -> HttpResponse:
    """All that can be said about one."""
    milestone = _milestone_or_404(request, project_id, milestone_id)
    now = {name: getattr(milestone, name) for name in EditMilestoneForm.base_fields}
    form = EditMilestoneForm(sent(request), initial=now)
    trail = operations.Trail(request=request)
    if form.is_bound and carry_out(form, operations.edit_milestone, milestone, by=request.staff, trail=trail):
        messages.success(request, "Saved. Your client sees it now.")
        return _back_to(milestone.project, milestone)
    context = {"form": form, "milestone": milestone, "tab": "show"}
    return in_tab(request, milestone.project, "milestone", context, refused=bool(form.errors))


@require_POST
def set_state(request: Request, project_id: int, milestone_id: int) -> HttpResponse:
    """One button: into this state."""
    milestone = _milestone_or_404(request, project_id, milestone_id)
    form = StateForm(request.POST)
    if not form.is_valid():
        messages.error(request, "There is no such state.")
        return _back_to(milestone.project)
    state = Milestone.State(form.cleaned_data["state"])
    answer(request, SAID[state], operations.set_milestone_state, milestone, state=state)
    return _back_to(milestone.project, milestone)


@require_POST
def move(request: Request, project_id: int, milestone_id: int) -> HttpResponse:
    """One button: one place up or down."""
    milestone = _milestone_or_404(request, project_id, milestone_id)
    up = request.POST.get("to") == "up"
    answer(request, f"Moved {'up' if up else 'down'}.", operations.move_milestone, milestone, up=up)
    return _back_to(milestone.project, milestone)


@require_POST
def delete(request: Request, project_id: int, milestone_id: int) -> HttpResponse:
    """Take it away."""
    milestone = _milestone_or_404(request, project_id, milestone_id)
    answer(request, f"{milestone} is deleted.", operations.delete_milestone, milestone)
    return _back_to(milestone.project)


def _milestone_or_404(request: Request, project_id: int, milestone_id: int) -> Milestone:
    milestones = Milestone.objects.served_by(request.staff).select_related(
        "project__lead", "project__company", "project__client"
    )
    milestone: Milestone = get_object_or_404(milestones, pk=milestone_id, project=project_id)
    return milestone


def _back_to(project: Project, milestone: Milestone | None = None) -> HttpResponse:
    # The anchor keeps the place on a long page when no script does.
    response = redirect("projects:show", project.pk)
    response["Location"] += f"#milestone-{milestone.pk}" if milestone else "#milestones"
    return response
