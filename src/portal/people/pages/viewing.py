"""Seeing the portal as a client: the console's side with the reason, and the way in and out on the portal's host."""

import re
from uuid import UUID

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kit.refused import Refused
from portal.forms import add_refusal
from portal.gate import open_page, works_read_only
from portal.http import Request
from portal.people import viewing
from portal.people.models import Client
from portal.people.pages.answers import no_referrer, not_ahead

_HASH = re.compile(r"[0-9a-f]{64}\Z", re.ASCII)


class ReasonForm(forms.Form):
    """Why somebody looks."""

    reason = forms.CharField(
        max_length=200, help_text="Your client reads it on the profile page, with your name and the time."
    )


@works_read_only
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: Request, client_id: int) -> HttpResponse:
    """Console: say why, then on to the portal."""
    shown = get_object_or_404(Client.objects.served_by(request.staff), pk=client_id)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            row = viewing.ask(shown, reason=form.cleaned_data["reason"], by=request.staff)
        except Refused as refused:
            add_refusal(form, refused)
        else:
            return HttpResponseRedirect(request.agency.portal_url(f"/viewing/arrive/{row.pk}/"))
    context = {"form": form, "shown": shown, "may_view": viewing.may_view(request.staff)}
    response = render(request, "console/people/view_as.html", context, status=422 if form.errors else 200)
    # Browsers count where a form's answer leads as a part of the form.
    response._csp_update = {"form-action": [request.agency.portal_url("")]}  # type: ignore[attr-defined]
    return response


@no_referrer
@not_ahead
@require_GET
def offer(request: Request, viewing_id: UUID) -> HttpResponse:
    """Console, second leg: a code for the browser that comes back with the hash of its secret."""
    state = request.GET.get("state", "")
    try:
        if not _HASH.match(state):
            raise Refused("This did not work. Begin again on the client's page.")
        code = viewing.offer(viewing_id, by=request.staff, secret_hash=state)
    except Refused as refused:
        return render(request, "console/people/view_as_failed.html", {"words": refused.words}, status=410)
    return HttpResponseRedirect(request.agency.portal_url(f"/viewing/begin/{code}/"))


@open_page
@no_referrer
@not_ahead
@require_GET
def arrive(request: Request, viewing_id: UUID) -> HttpResponse:
    """Portal, first leg: this browser gets a secret and goes back with its hash."""
    response = HttpResponse(status=302)
    state = viewing.set_secret(response)
    response["Location"] = request.agency.console_url(f"/viewings/{viewing_id}/?state={state}")
    return response


@open_page
@works_read_only
@no_referrer
@not_ahead
@require_GET
def begin(request: Request, code: str) -> HttpResponse:
    """Portal, last leg: the code and the secret's cookie."""
    response: HttpResponse = HttpResponseRedirect("/")
    if viewing.begin(request, response, code) is None:
        return render(request, "portal/viewing/over.html", {"failed": True}, status=410)
    return response


@open_page
@works_read_only
@require_POST
def end(request: Request) -> HttpResponse:
    """The banner's button."""
    response = HttpResponse()
    row = viewing.end(request, response)
    back = request.agency.console_url(f"/clients/{row.client_id}/") if row else request.agency.console_url()
    page = render(request, "portal/viewing/over.html", {"back": back})
    page.cookies.update(response.cookies)
    return page
