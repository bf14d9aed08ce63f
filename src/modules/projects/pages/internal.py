"""Tasks and notes on the console. Clients have no page that shows them."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from modules.projects import operations, queries
from modules.projects.forms import NoteForm, TaskForm
from modules.projects.models import Task
from modules.projects.pages.tabs import answer, in_tab, project_or_404, sent
from portal.forms import carry_out
from portal.http import Request


def tasks(request: Request, project_id: int) -> HttpResponse:
    """What is to do, what is done, and a form for one more."""
    project = project_or_404(request, project_id)
    form = TaskForm(sent(request), project=project)
    trail = operations.Trail(request=request)
    if form.is_bound and carry_out(form, operations.add_task, project, by=request.staff, trail=trail):
        messages.success(request, "Task added. Only staff see it.")
        return redirect("projects:tasks", project.pk)
    waiting, done = queries.tasks_of(project)
    context = {"form": form, "waiting": waiting, "done": done}
    return in_tab(request, project, "tasks", context, refused=bool(form.errors))


def task(request: Request, project_id: int, task_id: int) -> HttpResponse:
    """All that can be said about one task."""
    one = _task_or_404(request, project_id, task_id)
    now = {name: getattr(one, name) for name in TaskForm.base_fields}
    form = TaskForm(sent(request), initial=now, project=one.project, assignee=one.assignee)
    trail = operations.Trail(request=request)
    if form.is_bound and carry_out(form, operations.edit_task, one, by=request.staff, trail=trail):
        messages.success(request, "Saved.")
        return redirect("projects:tasks", one.project_id)
    context = {"form": form, "task": one, "tab": "tasks"}
    return in_tab(request, one.project, "task", context, refused=bool(form.errors))


@require_POST
def complete(request: Request, project_id: int, task_id: int) -> HttpResponse:
    """Tick it off, or take the tick away."""
    one = _task_or_404(request, project_id, task_id)
    is_done = request.POST.get("done") == "yes"
    said = "Done." if is_done else "To do again."
    answer(request, said, operations.set_task_done, one, is_done=is_done)
    return redirect("projects:tasks", one.project_id)


@require_POST
def delete(request: Request, project_id: int, task_id: int) -> HttpResponse:
    """Take it away."""
    one = _task_or_404(request, project_id, task_id)
    answer(request, "The task is deleted.", operations.delete_task, one)
    return redirect("projects:tasks", one.project_id)


def notes(request: Request, project_id: int) -> HttpResponse:
    """Talk among staff."""
    project = project_or_404(request, project_id)
    form = NoteForm(sent(request))
    trail = operations.Trail(request=request)
    if form.is_bound and carry_out(
        form, operations.add_internal_comment, project, by=request.staff, trail=trail
    ):
        messages.success(request, "Noted. Only staff see it.")
        return redirect("projects:notes", project.pk)
    context = {"form": form, "comments": project.internal_comments.select_related("staff")[:200]}
    return in_tab(request, project, "notes", context, refused=bool(form.errors))


def _task_or_404(request: Request, project_id: int, task_id: int) -> Task:
    tasks = Task.objects.select_related("project__company", "project__client", "assignee")
    return get_object_or_404(tasks, pk=task_id, project=project_or_404(request, project_id))
