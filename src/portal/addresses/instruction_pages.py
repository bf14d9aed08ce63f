"""Two shorter ways than typing the records oneself: somebody else does it, or the DNS provider does."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from kit.refused import Refused
from portal.addresses import instructions
from portal.addresses.forms import InstructionsForm
from portal.addresses.pages import load_or_404
from portal.gate import managers_only
from portal.http import Request


@managers_only
@require_http_methods(["GET", "HEAD", "POST"])
def send(request: Request, domain_id: int) -> HttpResponse:
    """The mail to whoever runs the DNS, as it will look; then it goes."""
    shown = load_or_404(request, domain_id)
    if not shown.wants_records:
        return redirect("branding:domain-show", domain_id)
    form = InstructionsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        try:
            instructions.send(shown, email, by=request.staff, request=request)
        except Refused as refused:
            form.add_error("email", refused.words)
        else:
            messages.success(request, f"Sent to {email}. We go on by ourselves once the record is there.")
            return redirect("branding:domain-show", domain_id)
    page = {"shown": shown, "form": form, "preview": instructions.preview(shown, request.staff)}
    status = 422 if form.errors else 200
    return render(request, "console/branding/domain_instructions.html", page, status=status)


@managers_only
@require_safe
def connect(request: Request, domain_id: int) -> HttpResponse:
    """Whether the DNS provider adds the records by itself (Domain Connect); the page asks it as a fragment."""
    shown = load_or_404(request, domain_id)
    return render(request, "console/branding/_domain_connect.html", {"shown": shown})
