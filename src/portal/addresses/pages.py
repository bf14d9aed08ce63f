"""The pages of Branding › Domain: the list with its form, and one claim from record to green lock."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kit.refused import Refused
from portal.addresses import operations, pace, words
from portal.addresses.forms import NameForm
from portal.addresses.shown import Shown, load, load_all
from portal.branding.tabs import tab
from portal.gate import managers_only
from portal.http import Request
from tenants.domains import targets
from tenants.domains.models import Domain
from tenants.plans import needs_plan

# What each button does, and what is said afterwards.
Act = Callable[..., None]
ACTS: dict[str, tuple[Act, str]] = {
    "verify": (operations.verify_now, "Looking at the DNS of {host} now."),
    "retry": (operations.try_again, "Asking for the certificate of {host} now."),
}


@managers_only
@require_http_methods(["GET", "HEAD", "POST"])
def show_all(request: Request) -> HttpResponse:
    """Where the portal answers; a form for a name of one's own."""
    agency = request.agency
    may_claim = targets.is_offered() and agency.has("branding.domain") and not agency.is_read_only
    form = NameForm(request.POST if may_claim and request.method == "POST" else None)
    if form.is_bound and form.is_valid() and (claimed := _claim(request, form)):
        return redirect("branding:domain-show", claimed.pk)
    every = load_all(agency.id)
    page = {
        "form": form,
        "may_claim": may_claim,
        "is_offered": targets.is_offered(),
        "has_domain": agency.has("branding.domain"),
        "domain_plan": needs_plan("branding.domain").label,
        "default_url": request.agency.default_url(),
        "current": [shown for shown in every if not shown.view.is_over],
        "past": [shown for shown in every if shown.view.is_over],
        "answers_on": next((s for s in every if s.view.is_linked and s.view.is_primary), None),
    }
    return tab(request, "domain", "console/branding/domain.html", page)


@managers_only
@require_safe
def show(request: Request, domain_id: int) -> HttpResponse:
    """One claim: what to do, what was found, what happened."""
    page = _page(request, load_or_404(request, domain_id), tries=0)
    return render(request, "console/branding/domain_show.html", page)


@managers_only
@require_safe
def status(request: Request, domain_id: int) -> HttpResponse:
    """What the open page asks while something moves: the parts that changed, or only when to ask again."""
    shown = load_or_404(request, domain_id)
    is_changed = request.GET.get("seen") != shown.version
    page = _page(request, shown, tries=0 if is_changed else _whole(request.GET.get("tries")) + 1)
    page["is_changed"] = is_changed
    return render(request, "console/branding/domain_status.html", page)


@managers_only
@require_POST
def act(request: Request, domain_id: int, what: str) -> HttpResponse:
    """Verify now, try again."""
    shown = load_or_404(request, domain_id)
    do, done = ACTS[what]
    try:
        do(shown.domain, by=request.staff)
    except Refused as refused:
        messages.info(request, refused.words)
        return redirect("branding:domain-show", domain_id)
    messages.success(request, done.format(host=shown.host))
    return redirect(f"{reverse('branding:domain-show', args=[domain_id])}?asked={_looked_at(shown)}")


@managers_only
@require_POST
def make_primary(request: Request, domain_id: int) -> HttpResponse:
    """Let mails and redirects use this one."""
    shown = load_or_404(request, domain_id)
    try:
        operations.make_primary(shown.domain, by=request.staff, request=request)
    except Refused as refused:
        messages.error(request, refused.words)
    else:
        messages.success(request, f"Done. Mails and links lead to {shown.host} from now on.")
    return redirect("branding:domain-show", domain_id)


@managers_only
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: Request, domain_id: int) -> HttpResponse:
    """Ask, then give the name up."""
    shown = load_or_404(request, domain_id)
    if not shown.view.may_remove:
        return redirect("branding:domain-show", domain_id)
    if request.method != "POST":
        page = {"shown": shown, "default_url": request.agency.default_url()}
        return render(request, "console/branding/domain_remove.html", page)
    try:
        operations.remove(shown.domain, by=request.staff, request=request)
    except Refused as refused:
        messages.error(request, refused.words)
        return redirect("branding:domain-show", domain_id)
    messages.success(request, f"{shown.host} is removed. Your portal answers on the addresses below.")
    return redirect("branding:domain")


def _claim(request: Request, form: NameForm) -> Domain | None:
    try:
        return operations.claim(form.cleaned_data["host"], by=request.staff, request=request)
    except Refused as refused:
        form.add_error("host" if refused.field == "host" else None, refused.words)
        return None


def load_or_404(request: Request, domain_id: int) -> Shown:
    """A claim of this agency.

    Raises:
        Http404: it has no such claim.
    """
    try:
        return load(request.agency.id, domain_id)
    except Domain.DoesNotExist as error:
        raise Http404 from error


def _page(request: Request, shown: Shown, *, tries: int) -> dict[str, Any]:
    asked = _seconds(request.GET.get("asked"))
    is_answered = asked is not None and _looked_at(shown) > asked
    is_asked = asked is not None and not is_answered
    query: dict[str, str | int] = {"seen": shown.version, "tries": tries}
    if asked is not None and is_asked:
        query["asked"] = asked
    return {
        "shown": shown,
        "steps": words.STEPS,
        "has_domain": request.agency.has("branding.domain"),
        "domain_plan": needs_plan("branding.domain").label,
        "pause": pace.pause(shown, tries, is_asked=is_asked),
        "status_query": urlencode(query),
        "is_answered": is_answered,
    }


def _looked_at(shown: Shown) -> int:
    """The second of the last look at its DNS, 0 before the first: tells whether a press of the button is answered."""
    return int(shown.view.checked_at.timestamp()) if shown.view.checked_at else 0


def _seconds(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 12 else None


def _whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 4 else pace.MOST_TRIES
