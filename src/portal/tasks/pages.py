"""To do: the tasks of staff, and what waits on them in the modules."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.forms import carry_out
from portal.http import Request
from portal.tasks import operations, queries
from portal.tasks.forms import HandForm, TaskForm
from portal.tasks.models import Task
from portal.waiting.queries import staff_lines


@require_safe
def index(request: Request) -> HttpResponse:
    """One's own and nobody's, everybody's, or what is done."""
    which = request.GET.get("which", "")
    which = which if which in queries.FILTERS else ""
    context = {
        "tasks": queries.tasks_of(request.staff, which),
        "lines": staff_lines(request.staff) if which == "" else [],
        "which": which,
        "filters": queries.FILTERS,
    }
    return render(request, "console/tasks/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    """A task of one's own making."""
    initial = {"assignee": request.staff}
    form = TaskForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        task = operations.add_task(**form.cleaned_data, by=request.staff, request=request)
        messages.success(request, f"Added: {task}")
        return redirect("tasks:index")
    return render(request, "console/tasks/new.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: Request, pk: int) -> HttpResponse:
    """One task; sending the form hands it to somebody."""
    served = Task.objects.served_by(request.staff)
    task = get_object_or_404(served.select_related("assignee", "client", "company"), pk=pk)
    sent = request.POST if request.method == "POST" else None
    form = HandForm(sent, initial={"assignee": task.assignee_id}, about=task.owner)
    if carry_out(form, operations.hand_to, task, by=request.staff, request=request):
        messages.success(request, f"It is {task.assignee}’s now." if task.assignee else "It is nobody’s now.")
        # Who hands on what is about a colleague's client does not see it any more.
        is_seen = Task.objects.served_by(request.staff).filter(pk=task.pk).exists()
        return redirect("tasks:show", task.pk) if is_seen else redirect("tasks:index")
    context = {"task": task, "form": form}
    return render(request, "console/tasks/show.html", context, status=422 if form.errors else 200)


@require_POST
def completion(request: Request, pk: int) -> HttpResponse:
    """Tick it off, or take the tick away."""
    task = get_object_or_404(Task.objects.served_by(request.staff), pk=pk)
    is_done = request.POST.get("done") != "no"
    operations.set_done(task, is_done=is_done, by=request.staff, request=request)
    messages.success(request, f"Done: {task}" if is_done else f"Open again: {task}")
    return redirect("tasks:index")
