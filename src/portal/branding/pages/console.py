"""Branding in the console: look, portal, sections. For owners and admins."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBadRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from kit.refused import Refused
from portal.branding import assets, operations
from portal.branding.forms import LookForm, PortalForm, SectionsForm
from portal.branding.pages.samples import asked_color, palette_of, sample_of
from portal.branding.queries import all_sections, load_settings
from portal.branding.tabs import tab
from portal.gate import managers_only
from portal.http import Request
from ui.theme import theme_css


@managers_only
def show_look(request: Request) -> HttpResponse:
    """Logo, accent, title, pictures."""
    request.portal_settings = load_settings()
    form = LookForm(request.POST or None, request.FILES or None, portal=request.portal_settings)
    unsaved: dict[str, str] = {}
    if request.method == "POST" and form.is_valid():
        if "preview" in request.POST:
            unsaved = form.words()
        elif _saved(request, form, lambda: _change_look(request, form)):
            return redirect("branding:index")
    elif form.is_bound:
        unsaved = {"title": form.data.get("title", "")[:80]} if form.is_full else {}
    sample = sample_of(request, **unsaved)
    page = {"form": form, "sample": sample, "palette": palette_of(sample["brand"]["accent"])}
    return tab(request, "index", "console/branding/look.html", page)


@managers_only
def show_portal(request: Request) -> HttpResponse:
    """On or off, welcome message, support e-mail."""
    request.portal_settings = load_settings()
    form = PortalForm(request.POST or None, portal=request.portal_settings)
    unsaved: dict[str, str] = {}
    if request.method == "POST" and form.is_valid():
        if "preview" in request.POST:
            unsaved = {name: value for name, value in form.wanted().items() if name != "is_open"}
        elif _saved(request, form, lambda: _change_portal(request, form)):
            return redirect("branding:portal")
    page = {"form": form, "sample": sample_of(request, **unsaved)}
    return tab(request, "portal", "console/branding/portal.html", page)


@managers_only
def show_sections(request: Request) -> HttpResponse:
    """Which sections clients see, under which names, in which order."""
    shown = all_sections()
    form = SectionsForm(request.POST or None, sections=[s for s in shown if s.is_in_plan])
    move = _move(request.POST.get("move", ""))
    if (
        request.method == "POST"
        and form.is_valid()
        and _saved(request, form, lambda: _arrange(request, form, move))
    ):
        anchor = f"#section-{move[0]}" if move else ""
        return redirect(reverse("branding:sections") + anchor)
    locked = [(s, s.module.plan.label) for s in shown if not s.is_in_plan]
    is_full = request.agency.has("branding.full")
    page = {"form": form, "rows": form.rows(), "locked": locked, "is_full": is_full}
    return tab(request, "sections", "console/branding/sections.html", page)


@require_POST
@managers_only
def preview(request: Request) -> HttpResponse:
    """The sample page with words that are not saved yet."""
    form = PortalForm(request.POST, portal=request.portal_settings)
    names = [name for name in form.open_names() if name != "is_open"]
    unsaved = {name: request.POST[name] for name in names if name in request.POST}
    return render(request, "console/branding/_samples.html", {"sample": sample_of(request, **unsaved)})


@require_safe
@managers_only
def preview_theme(request: Request) -> HttpResponse:
    """The theme of `?accent=`, for the sample page only."""
    try:
        css = theme_css(asked_color(request), selector="[data-theme-scope]")
    except ValueError:
        return HttpResponseBadRequest("not a colour", content_type="text/plain")
    return HttpResponse(
        css, content_type="text/css; charset=utf-8", headers={"Cache-Control": "private, max-age=600"}
    )


@require_safe
@managers_only
def palette(request: Request) -> HttpResponse:
    """How well the accent in `?accent=` can be read."""
    try:
        figures = palette_of(asked_color(request))
    except ValueError:
        return HttpResponseBadRequest("not a colour", content_type="text/plain")
    return render(request, "console/branding/_palette.html", {"palette": figures})


@require_safe
def theme(request: Request) -> HttpResponseBase:
    """The console in the agency's accent."""
    return _private(assets.theme(request, request.agency, request.portal_settings))


@require_safe
def favicon(request: Request) -> HttpResponseBase:
    """The console's favicon is the portal's."""
    return _private(assets.favicon(request, request.agency, request.portal_settings))


@require_safe
def picture(request: Request, name: str, upload_id: UUID) -> HttpResponseBase:
    """A picture of the brand as staff see it, the agency's own logo among them.

    Raises:
        Http404: there is no such picture, or the settings point at another one.
    """
    field = name.replace("-", "_")
    if field not in operations.PICTURES:
        raise Http404
    return _private(assets.picture(request, getattr(request.portal_settings, field), upload_id))


def _saved(request: Request, form: Any, change: Any) -> bool:
    """Carry the change out; a refusal becomes an error of its field."""
    try:
        done = change()
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.words)
        return False
    if done:
        messages.success(request, done)
    else:
        messages.info(request, "Nothing was changed.")
    return True


def _change_look(request: Request, form: LookForm) -> str:
    changed = operations.change_look(
        by=request.staff, words=form.words(), pictures=form.pictures(), request=request
    )
    return f"Saved: {', '.join(changed)}. Your clients see it from now on." if changed else ""


def _change_portal(request: Request, form: PortalForm) -> str:
    changed = operations.change_portal(by=request.staff, request=request, **form.wanted())
    return f"Saved: {', '.join(changed)}." if changed else ""


def _arrange(request: Request, form: SectionsForm, move: tuple[str, int] | None) -> str:
    changed = operations.arrange_sections(by=request.staff, wishes=form.wishes(), move=move, request=request)
    return "Saved. Your clients see the sections like this from now on." if changed else ""


def _move(asked: str) -> tuple[str, int] | None:
    """`up:projects` or `down:projects`, the value of the button."""
    direction, _, key = asked.partition(":")
    return (key, {"up": -1, "down": 1}[direction]) if direction in ("up", "down") else None


def _private(response: HttpResponseBase) -> HttpResponseBase:
    response["Cache-Control"] = response["Cache-Control"].replace("public", "private")
    return response
