"""Handing the agency over, and taking it."""

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST

from kit.refused import Refused
from portal.http import Request
from portal.people import ownership
from portal.people.forms_team import OwnershipForm
from portal.people.models import Staff
from tenants.agencies.current import outside_agencies


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: Request) -> HttpResponse:
    """To the owner: choose a colleague, after proving who one is. To the colleague: what was offered."""
    transfer = ownership.open_transfer_of(request.staff)
    if transfer is not None:
        return render(request, "console/team/ownership.html", {"transfer": transfer, "form": None})
    if request.staff.role != Staff.Role.OWNER:
        return render(request, "console/plan/owners_only.html", status=403)
    if not _proved(request):
        return _to_proof(request)
    form = OwnershipForm(request.POST if request.method == "POST" else None, by=request.staff)
    if request.method == "POST" and form.is_valid():
        try:
            made = ownership.offer(by=request.staff, to=form.cleaned_data["to"], request=request)
        except Refused as refused:
            form.add_error(None, refused.words)
        else:
            messages.success(request, f"Offered. You and {made.receiver} get a mail now.")
            return redirect("people:ownership")
    context = {"form": form, "transfer": None}
    return render(request, "console/team/ownership.html", context, status=422 if form.errors else 200)


@require_POST
def accept(request: Request) -> HttpResponse:
    """Become owner."""
    transfer = ownership.open_transfer_of(request.staff)
    if transfer is None:
        messages.error(request, "This offer does not stand any more.")
        return redirect("home")
    if not _proved(request):
        return _to_proof(request)
    try:
        ownership.accept(transfer, by=request.staff, request=request)
    except Refused as refused:
        messages.error(request, refused.words)
        return redirect("people:ownership")
    messages.success(request, f"{request.agency.name} is yours now. {transfer.giver} is an admin.")
    return redirect("people:team")


@require_POST
def end(request: Request) -> HttpResponse:
    """Take it back, or decline."""
    transfer = ownership.open_transfer_of(request.staff)
    if transfer is not None:
        ownership.end(transfer, by=request.staff, request=request)
    messages.success(request, "The offer is gone. Nothing was changed.")
    return redirect("home")


def _proved(request: Request) -> bool:
    """Whether password or second factor were asked within a quarter of an hour."""
    with outside_agencies():
        return bool(did_recently_reauthenticate(request))


def _to_proof(request: Request) -> HttpResponse:
    back = f"/{request.agency.slug}/team/ownership/"
    return HttpResponseRedirect("/accounts/reauthenticate/?" + urlencode({"next": back}))
