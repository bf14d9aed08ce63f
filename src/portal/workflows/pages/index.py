"""All workflows, and new ones."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from kit.refused import Refused
from portal.gate import managers_only
from portal.http import Request
from portal.workflows import editing, recipes, shown
from portal.workflows.forms import NameForm


@managers_only
@require_safe
def index(request: Request) -> HttpResponse:
    """What happens by itself, and recipes to begin with."""
    return _page(request, NameForm())


@managers_only
@require_POST
def new(request: Request) -> HttpResponse:
    """Make one from a recipe, or an empty one."""
    if key := request.POST.get("recipe", ""):
        recipe = recipes.find(key)
        if recipe is None:
            raise Http404
        made = editing.create_workflow(
            recipe.name, by=request.staff, content=recipe.content(), request=request
        )
        return redirect("workflows:show", made.pk)
    form = NameForm(request.POST)
    if form.is_valid():
        try:
            made = editing.create_workflow(form.cleaned_data["name"], by=request.staff, request=request)
        except Refused as refused:
            form.add_error("name", refused.words)
        else:
            return redirect("workflows:trigger", made.pk)
    return _page(request, form, status=422)


def _page(request: Request, form: NameForm, *, status: int = 200) -> HttpResponse:
    context = {"rows": shown.list_rows(), "recipes": recipes.offered(), "form": form}
    return render(request, "console/workflows/index.html", context, status=status)
