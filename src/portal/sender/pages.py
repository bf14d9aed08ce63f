"""Mails › Sending in the console: sender, answers, a sending domain. For owners and admins."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from kit.refused import Refused
from portal.branding.queries import load_settings
from portal.gate import managers_only
from portal.http import Request
from portal.mail.tabs import tab
from portal.sender import operations, records, voice
from portal.sender.forms import DomainForm, SenderForm
from portal.sender.models import SenderDomain, SenderSettings
from tenants.domains import names
from tenants.plans import needs_plan

SAID = {
    "active": "All records are there. Mails go out from {domain} from now on.",
    "pending": "Not all records are there yet. What we found stands beside each of them.",
    "broken": "Not all records are there. Mails go out from our own address meanwhile.",
}


@managers_only
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: Request) -> HttpResponse:
    """Sender and answers."""
    row = SenderSettings.objects.filter(pk=1).first() or SenderSettings()
    form = SenderForm(request.POST or None, initial={"name": row.name, "reply_to": row.reply_to})
    if request.method == "POST" and form.is_valid():
        operations.choose(**form.cleaned_data, by=request.staff, request=request)
        messages.success(request, "Saved. It counts from the next mail on.")
        return redirect("sender:index")
    return _page(request, form=form)


@managers_only
@require_POST
def name_domain(request: Request) -> HttpResponse:
    """Name a domain and be shown its records."""
    form = DomainForm(request.POST)
    if form.is_valid():
        try:
            operations.name_domain(**form.cleaned_data, by=request.staff, request=request)
        except names.BadName as bad:
            form.add_error("domain", bad.words)
        except Refused as refused:
            messages.error(request, refused.words)
            return redirect("sender:index")
        else:
            messages.success(request, "Now publish these records where your DNS is, then press Verify.")
            return redirect("sender:index")
    return _page(request, domain_form=form)


@managers_only
@require_POST
def verify(request: Request) -> HttpResponse:
    """Look at the DNS now."""
    domain = SenderDomain.objects.first()
    if domain is None:
        return redirect("sender:index")
    if not (voice.is_offered() and request.agency.has(voice.CAPABILITY)):
        messages.error(request, operations.NoDomain.words)
        return redirect("sender:index")
    state = operations.check(domain)
    say = messages.success if state == SenderDomain.State.ACTIVE else messages.info
    say(request, SAID.get(state, "It was removed meanwhile.").format(domain=domain.domain))
    return redirect("sender:index")


@managers_only
@require_POST
def remove(request: Request) -> HttpResponse:
    """Give the domain up."""
    operations.remove_domain(by=request.staff, request=request)
    messages.success(request, "Removed. Mails go out from our own address. You can delete the records now.")
    return redirect("sender:index")


def _page(
    request: Request, *, form: SenderForm | None = None, domain_form: DomainForm | None = None
) -> HttpResponse:
    row = SenderSettings.objects.filter(pk=1).first() or SenderSettings()
    domain = SenderDomain.objects.first()
    portal = load_settings()
    page = {
        "sender_form": form or SenderForm(initial={"name": row.name, "reply_to": row.reply_to}),
        "domain_form": domain_form or DomainForm(),
        "form": domain_form or form,
        "voice": voice.voice(),
        "fallback": {"name": portal.title or request.agency.name, "reply_to": portal.support_email},
        "domain": domain,
        "lines": records.lines(domain) if domain else [],
        "is_in_use": voice.in_use() is not None,
        "is_offered": voice.is_offered(),
        "has_capability": request.agency.has(voice.CAPABILITY),
        "plan": needs_plan(voice.CAPABILITY).label,
    }
    return tab(request, "sender:index", "console/sender/index.html", page)
