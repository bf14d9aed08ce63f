"""An import in the console: file, columns, report, progress, taking it back."""

from collections import Counter
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kit.refused import Refused
from portal.agency import streamed
from portal.gate import managers_only
from portal.http import Request
from portal.imports import checking, running, undoing
from portal.imports.columns import targets
from portal.imports.models import Import, ImportRow
from portal.imports.reading import LIMIT_BYTES
from portal.people.queries import places
from ui.forms import FileDrop

SAMPLES = 3
SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "upright stroke"}
State = ImportRow.State


class FileForm(forms.Form):
    """The file."""

    file = forms.FileField(
        label="CSV file",
        widget=FileDrop({"accept": ".csv,text/csv,text/plain"}),
        help_text="Up to 10 MB and 20,000 rows; the first row holds the columns’ names.",
    )


@managers_only
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: Request) -> HttpResponse:
    """Choose a file; the imports before."""
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            made = checking.begin(file.read(LIMIT_BYTES + 1), file.name, by=request.staff, request=request)
        except Refused as refusal:
            form.add_error("file", refusal.words)
        else:
            return redirect("imports:columns", made.pk)
    context = {"form": form, "imports": Import.objects.select_related("made_by")[:20], "places": places()}
    status = 422 if request.method == "POST" else 200
    return render(request, "console/imports/index.html", context, status=status)


@managers_only
@require_http_methods(["GET", "HEAD", "POST"])
def columns(request: Request, pk: int) -> HttpResponse:
    """What was understood of the file; staff correct what each column holds."""
    one = get_object_or_404(Import, pk=pk)
    if one.state not in (Import.State.MAPPING, Import.State.CHECKED):
        return redirect("imports:show", pk)
    mapping = one.mapping
    if request.method == "POST":
        mapping = {str(number): request.POST.get(f"column_{number}", "") for number in range(len(one.head))}
        try:
            checking.check(one, mapping, updates_known=request.POST.get("known") == "fill")
        except Refused as refusal:
            messages.error(request, refusal.words)
        else:
            return redirect("imports:show", pk)
    rows = [row.cells for row in one.rows.order_by("number")[:SAMPLES]]
    shown = [
        {
            "number": number,
            "name": name or f"Column {number + 1}",
            "samples": [cells[number] for cells in rows if number < len(cells) and cells[number]],
            "target": mapping.get(str(number), ""),
        }
        for number, name in enumerate(one.head)
    ]
    context = {
        "one": one,
        "columns": shown,
        "targets": targets(),
        "separator": SEPARATORS.get(one.separator, one.separator),
        "count": one.rows.count(),
    }
    return render(request, "console/imports/columns.html", context)


@managers_only
@require_safe
def show(request: Request, pk: int) -> HttpResponse:
    """The report of the dry run; then progress; then what became of it."""
    one = get_object_or_404(Import, pk=pk)
    if one.state == Import.State.MAPPING:
        return redirect("imports:columns", pk)
    return render(request, "console/imports/show.html", _shown(one))


@managers_only
@require_safe
def broken(request: Request, pk: int) -> StreamingHttpResponse:
    """The broken rows, to be mended and sent again."""
    one = get_object_or_404(Import, pk=pk)
    response = StreamingHttpResponse(
        streamed(checking.broken_rows(one)), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="broken-rows-{one.pk}.csv"'
    response["Cache-Control"] = "private, no-store"
    return response


@managers_only
@require_POST
def start(request: Request, pk: int) -> HttpResponse:
    """Bring in all rows or the good ones."""
    one = get_object_or_404(Import, pk=pk)
    try:
        running.start(one, all_or_none=request.POST.get("rows") == "all", by=request.staff, request=request)
    except Refused as refusal:
        messages.error(request, refusal.words)
    return redirect("imports:show", pk)


@managers_only
@require_POST
def undo(request: Request, pk: int) -> HttpResponse:
    """Take it back."""
    one = get_object_or_404(Import, pk=pk)
    try:
        undoing.start(one, by=request.staff, request=request)
    except Refused as refusal:
        messages.error(request, refusal.words)
    return redirect("imports:show", pk)


def _shown(one: Import) -> dict[str, Any]:
    states = Counter(one.rows.values_list("state", flat=True))
    bad = one.rows.filter(state__in=[State.BAD, State.KEPT]).order_by("number")[: checking.SHOWN_BROKEN]
    waiting = states[State.NEW] + (states[State.KNOWN] if one.updates_known else 0)
    made = states[State.MADE] + states[State.CHANGED]
    is_undoing = one.state == Import.State.UNDOING
    return {
        "one": one,
        "report": checking.report(one),
        "states": [(label, states[key]) for key, label in State.choices if states[key]],
        "broken": [(row, checking.problem_words(one, row)) for row in bad],
        "bad_count": states[State.BAD],
        "shown_most": checking.SHOWN_BROKEN,
        "done": states[State.TAKEN_BACK] + states[State.KEPT] if is_undoing else made,
        "total": made + states[State.TAKEN_BACK] + states[State.KEPT] if is_undoing else made + waiting,
        "is_moving": one.state in (Import.State.RUNNING, Import.State.UNDOING),
    }
