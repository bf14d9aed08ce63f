"""The log of mails in the console, and addresses that get none."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from kit.paging import BadCursor
from kit.refused import Refused
from portal.delivery import again, marks, shown
from portal.forms import searched
from portal.http import Request
from portal.mail.models import Message
from portal.mail.tabs import tab
from portal.people.models import Client


@require_safe
def index(request: Request) -> HttpResponse:
    """Every mail, newest first; by state, kind, client and words."""
    asked = {name: searched(request, name) for name in ("q", "state", "mail", "client")}
    client = _client(request, asked["client"])
    found = shown.found(
        staff=request.staff, state=asked["state"], email=asked["mail"], words=asked["q"], client=client
    )
    try:
        rows, following = shown.page_of(found, request.GET.get("after"))
    except BadCursor as error:
        raise Http404 from error
    page = {
        "rows": rows,
        "next_cursor": following,
        "asked": asked,
        "states": Message.State.choices,
        "kinds": shown.kinds(),
        "of_client": client,
        "query": urlencode({name: value for name, value in asked.items() if value}),
        "is_later_page": "after" in request.GET,
        "is_filtered": any(asked.values()),
    }
    return tab(request, "delivery:index", "console/delivery/index.html", page)


@require_safe
def show(request: Request, message_id: UUID) -> HttpResponse:
    """One mail: what happened to it, and what it says."""
    message = _message(request, message_id)
    mark = marks.mark_of(message.address)
    page = {
        "row": shown.rows_of([message])[0],
        "message": message,
        "events": message.events.order_by("pk"),
        "text": shown.text_of(message),
        "mark": mark,
        "may_go_again": shown.is_worth_asking(message, mark),
    }
    return render(request, "console/delivery/show.html", page)


@require_POST
def send_again(request: Request, message_id: UUID) -> HttpResponse:
    """Queue it once more."""
    message = _message(request, message_id)
    try:
        again.send_again(message, by=request.staff, request=request)
    except Refused as refused:
        messages.error(request, refused.words)
    else:
        messages.success(request, "Queued again. It goes out within a minute.")
    return redirect("delivery:show", message_id)


@require_safe
def all_marks(request: Request) -> HttpResponse:
    """Addresses that get no mail."""
    try:
        page = shown.marks_page(request.staff, request.GET.get("after"))
    except BadCursor as error:
        raise Http404 from error
    context = {"marks": page.rows, "next_cursor": page.next_cursor, "is_later_page": "after" in request.GET}
    return tab(request, "delivery:marks", "console/delivery/marks.html", context)


@require_POST
def clear(request: Request, mark_id: int) -> HttpResponse:
    """Take the mark off an address, and go back to where that was asked."""
    found = get_object_or_404(shown.marks_for(request.staff), pk=mark_id)
    client = Client.objects.with_email(found.address).first()
    marks.clear(found.address, by=request.staff, client=client, request=request)
    messages.success(
        request, f"Mails go to {found.address} again. If one comes back, the address is marked anew."
    )
    if request.POST.get("from") == "client" and client is not None:
        return redirect("people:client", client.pk)
    return redirect("delivery:marks")


def _message(request: Request, message_id: UUID) -> Message:
    return get_object_or_404(shown.found(staff=request.staff), pk=message_id)


def _client(request: Request, asked: str) -> Client | None:
    if not asked:
        return None
    if not (asked.isascii() and asked.isdigit() and len(asked) < 18):
        raise Http404
    return get_object_or_404(Client.objects.served_by(request.staff), pk=int(asked))
