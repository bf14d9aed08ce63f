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
from portal.addresses.shown import Shown
from portal.http import Request
from tenants.domains import domain_connect
from tenants.ratelimits.operations import take


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
    """On to the DNS provider, if it adds the records by itself (Domain Connect); the page asks for the button only."""
    shown = load_or_404(request, domain_id)
    offer = _offer(request, shown)
    if request.htmx:
        return render(request, "console/branding/_domain_connect.html", {"shown": shown, "offer": offer})
    if offer is None:
        messages.info(request, "Your DNS provider cannot add the record by itself. Add it as shown below.")
        return redirect("branding:domain-show", domain_id)
    return redirect(offer.url)


def _offer(request: Request, shown: Shown) -> domain_connect.Offer | None:
    # It asks the network: a page that is opened again and again does not.
    if not shown.may_be_connected or take(f"domain-connect:{shown.id}", most=10, per_seconds=600):
        return None
    back = request.agency.console_url(f"/branding/domain/{shown.id}/")
    proof = shown.proof.value if shown.proof else ""
    return domain_connect.offer(
        shown.host, zone=shown.zone, target=shown.view.target, proof=proof, return_to=back
    )
