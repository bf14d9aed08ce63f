"""What clients write, read and answer."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kit.refused import Refused
from modules.feedback import operations
from modules.feedback.forms import RatingForm, ReplyForm, SubmitForm
from modules.feedback.models import Rating, Thread
from modules.feedback.queries import lists, page, signed
from portal.branding.queries import sections_on
from portal.forms import add_refusal, carry_out
from portal.gate import open_page
from portal.http import Request
from portal.people.acting import chosen_company
from portal.uploads.operations import serve

PER_PAGE = 30
read_and_write = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def index(request: Request) -> HttpResponse:
    """All conversations of this client and its companies; what waits for it first."""
    every, chosen = lists.visible(request.client), chosen_company(request)
    if chosen is not None:
        every = every.filter(company=chosen)
    found = Paginator(every, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "rows": lists.client_rows(found, request.agency.name),
        "page": found,
        "chosen": chosen,
        "query": f"company={chosen.pk}&" if chosen else "",
        **_section(),
    }
    return render(request, "feedback/client/index.html", context)


@read_and_write
def new(request: Request) -> HttpResponse:
    """Write; `about` names the page that one came from, as that page signed it."""
    token = (request.POST if request.method == "POST" else request.GET).get("about", "")
    named = signed.read_about_token(token, request.client) if token else None
    sent: tuple[Any, ...] = (request.POST, request.FILES) if request.method == "POST" else ()
    kind = request.GET.get("kind", "")
    initial = {"project": named[3] if named else None} | ({"kind": kind} if kind else {})
    form = SubmitForm(*sent, client=request.client, agency_name=request.agency.name, initial=initial)
    about = operations.About(*named[:3]) if named else None
    if request.method == "POST" and form.is_valid():
        try:
            thread = operations.submit(
                request.client, about=about, trail={"request": request}, **form.wanted()
            )
        except Refused as refused:
            add_refusal(form, refused)
        else:
            messages.success(
                request, f"Sent. {_reader(thread, request)} gets it now, and you get the answer by mail."
            )
            return redirect("feedback:show", thread.pk)
    context = {"form": form, "about": about, "token": token if named else "", **_section()}
    return render(request, "feedback/client/new.html", context, status=422 if form.errors else 200)


@require_safe
def show(request: Request, pk: int) -> HttpResponse:
    """One conversation, without what staff say among themselves."""
    thread = _load(request, pk)
    if thread.merged_into_id is not None:
        return redirect("feedback:show", thread.merged_into_id)
    return _show(request, thread, ReplyForm())


@require_POST
def reply(request: Request, pk: int) -> HttpResponse:
    """Say more; what was settled is open again."""
    thread = _load(request, pk)
    form = ReplyForm(request.POST, request.FILES)
    trail = operations.Trail(request=request)
    done = carry_out(form, operations.reply_as_client, thread, client=request.client, trail=trail)
    if done is None:
        return _show(request, thread, form, status=422)
    said = done.result
    messages.success(request, f"Sent. {_reader(said.thread, request)} gets it by mail now.")
    return redirect(f"{request.path.removesuffix('reply/')}#e{said.pk}")


@require_POST
def reopening(request: Request, pk: int) -> HttpResponse:
    """It is not settled after all."""
    thread = operations.reopen(_load(request, pk), by=request.client, trail={"request": request})
    messages.success(request, f"Open again. {_reader(thread, request)} is told by mail.")
    return redirect("feedback:show", thread.pk)


@require_POST
def rate(request: Request, pk: int) -> HttpResponse:
    """Say how it went."""
    thread = _load(request, pk)
    try:
        operations.rate(
            thread, request.POST.get("rating", ""), client=request.client, trail={"request": request}
        )
    except Refused as refused:
        messages.error(request, refused.words)
    else:
        messages.success(request, "Thank you. That helps us.")
    return redirect("feedback:show", pk)


@open_page
@read_and_write
def rating(request: Request, token: str) -> HttpResponse:
    """The page that the mail's links open. Only its button counts: mail scanners follow links."""
    named = signed.read_rating_token(token)
    if named is None:
        return render(request, "feedback/client/rating_over.html", status=404)
    thread, client = named
    form = RatingForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"subject": thread.subject, "ratings": Rating.choices}
    if request.method == "POST":
        trail = operations.Trail(request=request)
        if carry_out(form, operations.rate, thread, client=client, trail=trail):
            return render(request, "feedback/client/rating.html", {**context, "is_done": True})
    context |= {"form": form, "chosen": request.GET.get("rating", "")}
    return render(request, "feedback/client/rating.html", context, status=422 if form.errors else 200)


@require_safe
@xframe_options_sameorigin
def file(request: Request, pk: int, attachment: int) -> HttpResponseBase:
    """A file of what this client may read; `?download` saves it."""
    entries = _load(request, pk).entries.shown_to_clients()
    entry = get_object_or_404(entries, attachments=attachment)
    found = entry.attachments.select_related("upload").get(pk=attachment)
    return serve(found.upload, request, inline=found.upload.is_image and "download" not in request.GET)


def _load(request: Request, pk: int) -> Thread:
    found = Thread.objects.visible_to(request.client)
    thread: Thread = get_object_or_404(
        found.select_related("company", "author", "assignee", "project"), pk=pk
    )
    return thread


def _show(request: Request, thread: Thread, form: ReplyForm, *, status: int = 200) -> HttpResponse:
    words, tone = lists.state_words(thread, request.agency.name)
    context = {
        "thread": thread,
        "about": page.about_link(thread),
        "entries": page.client_entries(thread),
        "state": words,
        "tone": tone,
        "form": form,
        "asks_rating": thread.is_resolved and thread.author_id == request.client.pk,
        "ratings": Rating.choices,
        **_section(),
    }
    return render(request, "feedback/client/show.html", context, status=status)


def _reader(thread: Thread, request: Request) -> str:
    return str(thread.assignee) if thread.assignee and thread.assignee.is_active else request.agency.name


def _section() -> dict[str, str]:
    """As this agency calls it; the gate has seen that it is on."""
    return {"section_name": sections_on()["feedback"].name}
