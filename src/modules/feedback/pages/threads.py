"""One conversation in the console: read, answered, noted, sorted."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from kit.refused import Refused
from modules.feedback import operations
from modules.feedback.forms import AnswerForm, AssignForm, NoteForm, SnoozeForm, TagsForm
from modules.feedback.models import Attachment, CannedReply, Thread
from modules.feedback.queries import lists, page
from portal.forms import add_refusal, press
from portal.http import Request
from portal.uploads.operations import serve


@require_safe
def show(request: Request, pk: int) -> HttpResponse:
    """What was said, notes included; `canned` fills the answer in."""
    thread = _load(request, pk)
    if thread.merged_into_id is not None:
        messages.info(request, f"#{thread.pk} is part of this conversation now.")
        return redirect("feedback:show", thread.merged_into_id)
    chosen = request.GET.get("canned", "")
    canned = (
        CannedReply.objects.filter(pk=chosen).first() if chosen.isdecimal() and len(chosen) < 10 else None
    )
    text = operations.filled(canned, thread, request.staff) if canned else ""
    return _show(request, thread, answer=AnswerForm(initial={"text": text, "then": "waiting_client"}))


@require_POST
def reply(request: Request, pk: int) -> HttpResponse:
    """Answer the client."""
    thread, form = _load(request, pk), AnswerForm(request.POST, request.FILES)
    said = _try(request, form, operations.reply_as_staff, thread)
    if said is None:
        return _show(request, thread, answer=form, status=422)
    messages.success(request, f"Sent. {thread.author} gets it by mail now.")
    return _to(said.thread_id, said.pk)


@require_POST
def note(request: Request, pk: int) -> HttpResponse:
    """Say something among staff."""
    thread, form = _load(request, pk), NoteForm(request.POST, request.FILES, prefix="note")
    said = _try(request, form, operations.add_note, thread)
    if said is None:
        return _show(request, thread, note=form, status=422)
    messages.success(request, "Noted, among you. Clients never see it.")
    return _to(said.thread_id, said.pk)


@require_POST
def taking_up(request: Request, pk: int) -> HttpResponse:
    """It is being worked on."""
    return _do(request, pk, operations.take_up, "It is open.")


@require_POST
def resolution(request: Request, pk: int) -> HttpResponse:
    """Settle it without a further word."""
    return _do(request, pk, operations.resolve, "Settled. The client is told by mail.")


@require_POST
def reopening(request: Request, pk: int) -> HttpResponse:
    """Open it again."""
    return _do(request, pk, operations.reopen, "Open again.")


@require_POST
def snooze(request: Request, pk: int) -> HttpResponse:
    """Put it off until a day."""
    return _form(
        request, pk, SnoozeForm(request.POST), operations.snooze, "Put off. It comes back by itself."
    )


@require_POST
def assignment(request: Request, pk: int) -> HttpResponse:
    """Make it the work of somebody else."""
    form = AssignForm(request.POST, owner=_load(request, pk).owner)
    return _form(request, pk, form, operations.assign, "Handed over.")


@require_POST
def tags(request: Request, pk: int) -> HttpResponse:
    """Replace its tags."""
    return _form(request, pk, TagsForm(request.POST), operations.set_tags, "Tags saved.")


@require_POST
def merging(request: Request, pk: int) -> HttpResponse:
    """Move all of it into another conversation of the same client."""
    thread, wanted = _load(request, pk), request.POST.get("into", "")
    number = int(wanted) if wanted.isdecimal() and len(wanted) < 12 else 0
    into = get_object_or_404(lists.for_staff(request.staff), pk=number)
    try:
        kept = operations.merge(thread, into=into, by=request.staff, trail={"request": request})
    except Refused as refused:
        messages.error(request, refused.words)
        return redirect("feedback:show", pk)
    messages.success(request, f"#{pk} is part of #{kept.pk} now.")
    return redirect("feedback:show", kept.pk)


@require_safe
@xframe_options_sameorigin
def file(request: Request, pk: int, attachment: int) -> HttpResponseBase:
    """A file of any entry, notes included."""
    files = Attachment.objects.filter(entry__thread=_load(request, pk)).select_related("upload")
    found = get_object_or_404(files, pk=attachment)
    return serve(found.upload, request, inline=found.upload.is_image and "download" not in request.GET)


def _load(request: Request, pk: int) -> Thread:
    thread: Thread = get_object_or_404(lists.for_staff(request.staff), pk=pk)
    return thread


def _try(request: Request, form: Form, act: Callable[..., Any], thread: Thread) -> Any:
    if not form.is_valid():
        return None
    try:
        return act(thread, by=request.staff, trail={"request": request}, **form.cleaned_data)
    except Refused as refused:
        add_refusal(form, refused)
        return None


def _do(request: Request, pk: int, act: Callable[..., Any], words: str) -> HttpResponse:
    press(request, lambda: act(_load(request, pk), by=request.staff, trail={"request": request}), words)
    return redirect("feedback:show", pk)


def _form(request: Request, pk: int, form: Form, act: Callable[..., Any], words: str) -> HttpResponse:
    """A form of one field beside the page: its error is said above it."""
    thread = _load(request, pk)
    if _try(request, form, act, thread) is not None:
        messages.success(request, words)
    else:
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
    return redirect("feedback:show", pk)


def _show(
    request: Request,
    thread: Thread,
    *,
    answer: AnswerForm | None = None,
    note: NoteForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = page.console_page(thread, request.staff) | {
        "answer_form": answer or AnswerForm(),
        "note_form": note or NoteForm(prefix="note"),
        "assign_form": AssignForm(initial={"to": thread.assignee_id}, owner=thread.owner),
        "snooze_form": SnoozeForm(),
        "tags_form": TagsForm(initial={"tags": ", ".join(thread.tags)}),
    }
    return render(request, "feedback/console/show.html", context, status=status)


def _to(thread_id: int, entry_id: int) -> HttpResponse:
    response = redirect("feedback:show", thread_id)
    response["Location"] += f"#e{entry_id}"
    return response
