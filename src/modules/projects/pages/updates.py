"""Updates on the console: tell the client something, correct it, answer comments."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from modules.projects import operations, queries
from modules.projects.forms import CommentForm, UpdateForm, with_comment_forms
from modules.projects.models import Project, Update
from modules.projects.pages.tabs import in_tab, project_or_404, sent
from portal.forms import carry_out
from portal.http import Request

UPDATES_PER_PAGE = 10


def updates(request: Request, project_id: int) -> HttpResponse:
    """The feed, and the form of the next one."""
    project = project_or_404(request, project_id)
    form = UpdateForm(sent(request))
    trail = operations.Trail(request=request)
    if form.is_bound and carry_out(form, operations.post_update, project, by=request.staff, trail=trail):
        messages.success(request, f"Posted. {_who_is_told(project)}")
        return redirect("projects:updates", project.pk)
    return _feed(request, project, form)


def edit(request: Request, project_id: int, update_id: int) -> HttpResponse:
    """Correct the words of one."""
    update = _update_or_404(request, project_id, update_id)
    form = UpdateForm(sent(request), initial={"text": update.text})
    trail = operations.Trail(request=request)
    if form.is_bound and carry_out(form, operations.edit_update, update, by=request.staff, trail=trail):
        messages.success(request, "Saved. Nobody is mailed again.")
        return _back_to(update)
    context = {"form": form, "update": update, "tab": "updates"}
    return in_tab(request, update.project, "update", context, refused=bool(form.errors))


@require_POST
def comment(request: Request, project_id: int, update_id: int) -> HttpResponse:
    """Answer under one."""
    update = _update_or_404(request, project_id, update_id)
    form = CommentForm(update, request.POST)
    trail = operations.Trail(request=request)
    if not carry_out(form, operations.comment_as_staff, update, by=request.staff, trail=trail):
        return _feed(request, update.project, UpdateForm(), refused=form)
    messages.success(request, "Comment posted. Clients who wrote here get it by mail now.")
    return _back_to(update)


def _feed(
    request: Request, project: Project, form: UpdateForm, refused: CommentForm | None = None
) -> HttpResponse:
    page = Paginator(queries.updates_of(project), UPDATES_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "updates": page,
        "feed": with_comment_forms(page, refused),
        "told": _who_is_told(project),
    }
    return in_tab(request, project, "updates", context, refused=bool(form.errors or refused))


def _who_is_told(project: Project) -> str:
    names = [client.shown_name for client in queries.clients_to_tell(project)]
    if not names:
        return "Nobody is mailed: no client sees this project yet."
    who = names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
    return f"{who} get{'s' if len(names) == 1 else ''} it by mail."


def _update_or_404(request: Request, project_id: int, update_id: int) -> Update:
    updates = Update.objects.served_by(request.staff).select_related("project__company", "project__client")
    update: Update = get_object_or_404(updates, pk=update_id, project=project_id)
    return update


def _back_to(update: Update) -> HttpResponse:
    response = redirect("projects:updates", update.project_id)
    response["Location"] += f"#update-{update.pk}"
    return response
