"""Where staff find what clients wrote, and decide about mails that were held back."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kit.refused import Refused
from modules.feedback import operations
from modules.feedback.forms import CannedForm, SettingsForm
from modules.feedback.models import CannedReply, FeedbackSettings, Kind
from modules.feedback.queries import lists, page, people
from portal.forms import carry_out, searched
from portal.gate import managers_only
from portal.http import Request

PER_PAGE = 50
read_and_write = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def index(request: Request) -> HttpResponse:
    """What waits for an answer, with filters for the rest."""
    asked = {name: searched(request, name) for name in ("shown", "kind", "tag", "assignee")}
    asked["search"] = searched(request, "q")
    if asked["shown"] not in lists.SHOWN:
        asked["shown"] = ""
    found = lists.console_list(request.staff, **asked)
    shown = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    rows = [(thread, lists.TONES.get(thread.state, "")) for thread in shown]
    context: dict[str, Any] = {
        **asked,
        "rows": rows,
        "page": shown,
        "query": urlencode(
            {"q": asked["search"], **{k: asked[k] for k in ("shown", "kind", "tag", "assignee")}}
        )
        + "&",
        "filters": lists.SHOWN,
        "kinds": Kind.choices,
        "colleagues": people.active_staff(),
        "is_filtered": any(asked.values()),
        "held": page.held_mails(request.staff).count(),
        "is_first": not lists.for_staff(request.staff).exists(),
    }
    return render(request, "feedback/console/index.html", context)


@require_safe
def held(request: Request) -> HttpResponse:
    """Mails that were not taken by themselves."""
    shown = Paginator(page.held_mails(request.staff), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "feedback/console/held.html", {"page": shown})


@require_POST
def acceptance(request: Request, mail_id: int) -> HttpResponse:
    """Take a mail that was held back."""
    return _decide(request, mail_id, operations.accept, "Taken. It is part of the conversation now.")


@require_POST
def discard(request: Request, mail_id: int) -> HttpResponse:
    """Throw a mail away that was held back."""
    return _decide(request, mail_id, operations.throw_away, "Discarded. Its sender is not told.")


@read_and_write
def canned(request: Request) -> HttpResponse:
    """All canned replies, and the form for a new one."""
    form = CannedForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _save(request, form, None):
        return redirect("feedback:canned")
    context = {"form": form, "replies": CannedReply.objects.all()}
    return render(request, "feedback/console/canned.html", context, status=422 if form.errors else 200)


@read_and_write
def edit_canned(request: Request, pk: int) -> HttpResponse:
    """Change a canned reply."""
    reply = get_object_or_404(CannedReply, pk=pk)
    form = CannedForm(request.POST or None, initial={"name": reply.name, "text": reply.text})
    if request.method == "POST" and form.is_valid() and _save(request, form, reply):
        return redirect("feedback:canned")
    context = {"form": form, "reply": reply}
    return render(request, "feedback/console/edit_canned.html", context, status=422 if form.errors else 200)


@require_POST
def delete_canned(request: Request, pk: int) -> HttpResponse:
    """Delete a canned reply."""
    reply = get_object_or_404(CannedReply, pk=pk)
    operations.delete_canned(reply, by=request.staff, trail={"request": request})
    messages.success(request, f"“{reply}” is gone. What was said with it stays.")
    return redirect("feedback:canned")


@read_and_write
@managers_only
def settings(request: Request) -> HttpResponse:
    """What the agency promises and asks."""
    now = FeedbackSettings.load()
    initial = {"answer_hours": now.answer_hours, "asks_rating": now.asks_rating}
    form = SettingsForm(request.POST or None, initial=initial)
    if request.method == "POST":
        # An empty form is sent too: every box off, no hours.
        form = SettingsForm(request.POST)
        trail = operations.Trail(request=request)
        if carry_out(form, operations.save_settings, by=request.staff, trail=trail):
            messages.success(request, "Saved. It counts for what is written from now on.")
            return redirect("feedback:settings")
    return render(
        request, "feedback/console/settings.html", {"form": form}, status=422 if form.errors else 200
    )


def _save(request: Request, form: CannedForm, reply: CannedReply | None) -> bool:
    trail = operations.Trail(request=request)
    done = carry_out(form, operations.save_canned, reply, by=request.staff, trail=trail)
    if done is None:
        return False
    messages.success(request, f"“{done.result}” is saved. Choose it beside any answer.")
    return True


def _decide(request: Request, mail_id: int, act: Callable[..., Any], words: str) -> HttpResponse:
    mail = get_object_or_404(page.held_mails(request.staff), pk=mail_id)
    try:
        act(mail, by=request.staff, trail={"request": request})
    except Refused as refused:
        messages.error(request, refused.words)
    else:
        messages.success(request, words)
    return redirect("feedback:show", mail.thread_id)
