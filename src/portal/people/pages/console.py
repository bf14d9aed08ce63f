"""Staff look after their clients: list, add, invite, end and restore access."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kit.paging import BadCursor
from kit.refused import Refused
from portal.forms import searched
from portal.gate import managers_only
from portal.http import Request
from portal.panels import filled_panels
from portal.people import invitations, operations, queries
from portal.people.forms import AccessForm, ClientForm, EditClientForm
from portal.people.models import Client, Invitation
from portal.people.photos import photo_answer
from portal.people.refusals import AlreadyClient
from portal.people.viewing import may_view
from portal.records.filtering import OwnFieldsFilter
from portal.records.models import CustomField, FormerClient


@require_GET
def clients(request: Request) -> HttpResponse:
    """Everybody whom the agency serves, newest first, with search and a filter."""
    search, access = searched(request), request.GET.get("access", "")
    tag, own = searched(request, "tag")[:40], OwnFieldsFilter(request.GET, CustomField.About.CLIENT)
    try:
        found = queries.list_clients(
            request.staff, search=search, access=access, tag=tag, own=own, cursor=request.GET.get("after")
        )
    except BadCursor as error:
        raise Http404 from error
    context = {
        "found": found,
        "search": search,
        "access": access,
        "filters": queries.ACCESS_FILTERS,
        "places": None if request.staff.is_limited else queries.places(),
        "tag": tag,
        "tags": queries.all_tags(),
        "own": own,
        "query": urlencode({"q": search, "access": access, "tag": tag, **own.query}),
        "is_later_page": "after" in request.GET,
    }
    return render(request, "console/people/clients.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    """Add a client, and send the invitation at once or later."""
    form = ClientForm(request.POST or None, staff=request.staff)
    if request.method == "POST" and form.is_valid():
        added = _add(request, form)
        if added is not None:
            return redirect("people:client", added.pk)
    places = queries.places()
    return render(request, "console/people/new.html", {"form": form, "places": places})


@require_GET
def client(request: Request, client_id: int) -> HttpResponse:
    """One client: access, invitations, companies with rights, and what happened."""
    former = FormerClient.objects.filter(former_id=client_id).first()
    if former is not None:
        return redirect("people:client", former.kept_id)
    shown = _client(request, client_id)
    context = {
        "shown": shown,
        "access": queries.access_status(shown),
        "may_view": may_view(request.staff),
        "invitations": queries.invitations_of(shown),
        "memberships": queries.memberships_of(shown, request.staff),
        "activity": queries.activity_of(shown, request.staff),
        "photo_url": reverse("people:photo", args=[shown.pk]) if shown.photo_id else "",
        "panels": filled_panels("people.client", request, shown),
    }
    return render(request, "console/people/client.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, client_id: int) -> HttpResponse:
    """Correct name and address."""
    shown = _client(request, client_id)
    form = EditClientForm(request.POST or None, client=shown)
    if request.method == "POST" and form.is_valid():
        try:
            operations.edit_client(shown, **form.cleaned_data, by=request.staff, request=request)
        except Refused as refusal:
            form.add_error("email", str(refusal))
        else:
            messages.success(request, "Saved.")
            return redirect("people:client", shown.pk)
    return render(request, "console/people/edit.html", {"form": form, "shown": shown})


@require_POST
def invite(request: Request, client_id: int) -> HttpResponse:
    """Send an invitation, the first or again. It leads where the last one led."""
    shown = _client(request, client_id)
    last = shown.invitations.order_by("-pk").first()
    try:
        made = invitations.invite(
            shown, by=request.staff, next_path=last.next_path if last else "/", request=request
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("people:client", shown.pk)
    if last is not None and made.pk == last.pk:
        messages.info(request, "An invitation went out a moment ago.")
    else:
        messages.success(request, f"Invitation sent. {shown.shown_name} gets it by mail now.")
    return redirect("people:client", shown.pk)


@require_POST
def revoke(request: Request, client_id: int, invitation_id: int) -> HttpResponse:
    """Kill an invitation that is still open."""
    invitation = get_object_or_404(
        Invitation.objects.select_related("client"), pk=invitation_id, client=_client(request, client_id)
    )
    if invitations.revoke(invitation, by=request.staff, request=request):
        messages.success(request, "Invitation revoked. Its link no longer works.")
    else:
        messages.info(request, "This invitation was not open any more.")
    return redirect("people:client", client_id)


@managers_only
@require_http_methods(["GET", "HEAD", "POST"])
def access(request: Request, client_id: int) -> HttpResponse:
    """Until when the client may sign in."""
    shown = _client(request, client_id)
    form = AccessForm(request.POST or None, initial={"access_until": shown.access_until})
    if request.method == "POST" and form.is_valid():
        last_day = form.cleaned_data["access_until"]
        operations.set_access_until(shown, last_day, by=request.staff, request=request)
        messages.success(request, "Saved.")
        return redirect("people:client", shown.pk)
    return render(request, "console/people/access.html", {"form": form, "shown": shown})


@managers_only
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: Request, client_id: int) -> HttpResponse:
    """Ask, then end access at once."""
    shown = _client(request, client_id)
    if request.method != "POST":
        return render(request, "console/people/remove.html", {"shown": shown})
    operations.remove_access(shown, by=request.staff, request=request)
    messages.success(request, f"{shown.shown_name} is signed out everywhere and cannot come back.")
    return redirect("people:client", shown.pk)


@managers_only
@require_POST
def restore(request: Request, client_id: int) -> HttpResponse:
    """Let the client in again."""
    shown = _client(request, client_id)
    try:
        operations.restore_access(shown, by=request.staff, request=request)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{shown.shown_name} may sign in again. Send an invitation to tell them.")
    return redirect("people:client", shown.pk)


@require_GET
def photo(request: Request, client_id: int) -> HttpResponse:
    """The client's photo, for staff."""
    shown = _client(request, client_id)
    if shown.photo is None:
        raise Http404
    return photo_answer(shown.photo)


def _client(request: Request, client_id: int) -> Client:
    served = Client.objects.served_by(request.staff).filter(erased_at=None)
    return get_object_or_404(served.select_related("photo", "lead"), pk=client_id)


def _add(request: Request, form: ClientForm) -> Client | None:
    words = dict(form.cleaned_data)
    words["with_history"] = words.pop("history")
    is_invited = request.POST.get("then") != "later"
    try:
        added = operations.add_from_console(**words, by=request.staff, is_invited=is_invited, request=request)
    except AlreadyClient as known:
        form.add_error("email", str(known))
        form.known = known.client  # type: ignore[attr-defined]
        return None
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else "email", str(refusal))
        return None
    if is_invited:
        messages.success(request, f"Invitation sent. {added.shown_name} gets it by mail now.")
    else:
        messages.success(request, f"{added.shown_name} is added. Nothing was mailed yet.")
    return added
