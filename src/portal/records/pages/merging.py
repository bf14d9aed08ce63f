"""Duplicates: suggested, compared, merged, or told apart."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kit.refused import Refused
from portal.gate import managers_only
from portal.http import Request
from portal.people.models import Client, Right
from portal.records import duplicates, merging
from portal.records.fields import typed
from portal.records.models import CustomField
from portal.records.pages.finding import client_of

LABELS = {
    "name": "Name",
    "email": "E-mail",
    "display_name": "Called",
    "phone": "Phone",
    "photo": "Photo",
    "language": "Language",
    "zone": "Zone",
    "lead": "Lead",
    "access_until": "Last day of access",
}


@dataclass(frozen=True)
class Choice:
    """One line of the comparison."""

    name: str
    label: str
    kept: str
    gone: str
    takes_gone: bool


@managers_only
@require_safe
def index(request: Request) -> HttpResponse:
    """Pairs that may be one person; staff may name two themselves, by address."""
    return render(request, "console/records/duplicates.html", {"found": duplicates.suggested()})


@managers_only
@require_POST
def find(request: Request, client_id: int) -> HttpResponse:
    """Compare with the client whose address was typed."""
    kept = client_of(request, client_id)
    known = Client.objects.served_by(request.staff).filter(erased_at=None)
    other = known.with_email(request.POST.get("email", "").replace("\x00", "")).first()
    if other is None or other.pk == kept.pk:
        messages.error(request, "No other client has this address.")
        return redirect("people:client", kept.pk)
    return redirect("records:merge", kept.pk, other.pk)


@managers_only
@require_POST
def apart(request: Request, client_id: int, other_id: int) -> HttpResponse:
    """These are two people: not suggested again."""
    duplicates.are_two(client_of(request, client_id), client_of(request, other_id), by=request.staff)
    messages.success(request, "Noted: these are two people.")
    return redirect("records:duplicates")


@managers_only
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: Request, client_id: int, other_id: int) -> HttpResponse:
    """Compare field by field; then one of them is kept."""
    kept, gone = client_of(request, client_id), client_of(request, other_id)
    if request.method == "POST":
        chosen = {name: value for name, value in request.POST.items() if value == "gone"}
        try:
            merging.merge(kept, gone, chosen, by=request.staff, request=request)
        except Refused as refusal:
            messages.error(request, refusal.words)
            return redirect("records:merge", kept.pk, gone.pk)
        messages.success(request, f"Merged. Everything is at {kept.shown_name} now.")
        return redirect("people:client", kept.pk)
    labels = dict(Right.choices)
    rights = [
        (name, ", ".join(str(labels.get(one, one)) for one in has) or "looks only")
        for name, has in merging.united_rights(kept, gone)
    ]
    context = {"kept": kept, "gone": gone, "choices": _choices(kept, gone), "rights": rights}
    return render(request, "console/records/merge.html", context)


def _choices(kept: Client, gone: Client) -> list[Choice]:
    lines = [_choice(name, LABELS[name], getattr(kept, name), getattr(gone, name)) for name in merging.CHOSEN]
    for field in CustomField.objects.active():
        values = [typed(field, one.custom.get(str(field.pk))) for one in (kept, gone)]
        lines.append(_choice(f"custom_{field.pk}", field.name, *values))
    return [line for line in lines if line.kept != line.gone]


def _choice(name: str, label: str, kept: Any, gone: Any) -> Choice:
    words = ["a photo" if name == "photo" and one else str(one or "") for one in (kept, gone)]
    if name == "photo" and kept and gone:
        words = ["this photo", "the other photo"]
    return Choice(name, label, words[0], words[1], takes_gone=not words[0])
