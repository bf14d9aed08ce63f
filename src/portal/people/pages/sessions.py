"""Signing out, and where else one is signed in."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.audit.operations import record
from portal.gate import open_page, works_read_only
from portal.http import Request
from portal.people import sessions
from portal.people.devices import is_handheld


@open_page
@works_read_only
@require_http_methods(["GET", "HEAD", "POST"])
def sign_out(request: Request) -> HttpResponse:
    """Sign out on this device. Following a link here does nothing: only the button does."""
    if request.method != "POST" or request.client_session is None:
        return redirect("home" if request.client else "people:sign-in")
    response = redirect("people:sign-in")
    sessions.end(request.client_session, response)
    messages.success(request, "You are signed out.")
    return response


@require_safe
def show(request: Request) -> HttpResponse:
    """The devices on which the client is signed in, the one in use first."""
    here = request.client_session
    rows = request.client.sessions.live().order_by("-last_seen_at")
    devices = [
        {"session": row, "is_here": row.pk == here.pk, "is_phone": is_handheld(row.device)} for row in rows
    ]
    devices.sort(key=lambda device: not device["is_here"])
    context = {"devices": devices, "zone": request.client.zone or request.agency.zone}
    return render(request, "portal/sign_in/sessions.html", context)


@works_read_only
@require_POST
def end(request: Request, session_id: int) -> HttpResponse:
    """Sign out on one device of one's own."""
    session = get_object_or_404(request.client.sessions.live(), pk=session_id)
    response = redirect("people:sessions")
    if session.pk == request.client_session.pk:
        response = redirect("people:sign-in")
        sessions.end(session, response)
        messages.success(request, "You are signed out.")
        return response
    sessions.end(session, HttpResponse())
    record(
        "people.session_ended",
        session,
        by=request.client,
        summary=f"Signed {session.device} out",
        request=request,
    )
    messages.success(request, f"{session.device} is signed out.")
    return response


@works_read_only
@require_POST
def end_all(request: Request) -> HttpResponse:
    """Sign out everywhere, here too."""
    count = sessions.end_all(request.client)
    record(
        "people.sessions_ended",
        request.client,
        by=request.client,
        summary=f"Signed out everywhere: {count} device{'s' if count != 1 else ''}",
        request=request,
    )
    response = redirect("people:sign-in")
    sessions.forget_cookie(response)
    messages.success(request, "You are signed out everywhere.")
    return response
