"""Tags and notes on a client's page."""

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from kit.refused import Refused
from portal.gate import managers_only
from portal.http import Request
from portal.people.models import Client
from portal.records import notes, tags
from portal.records.forms import NoteForm
from portal.records.models import Note, Tag
from portal.records.pages.finding import client_of

MOST_AT_ONCE = 200


@require_POST
def tag(request: Request, client_id: int) -> HttpResponse:
    """Put a tag on."""
    client = client_of(request, client_id)
    try:
        tags.put_tag([client], request.POST.get("tag", ""), by=request.staff, request=request)
    except Refused as refusal:
        messages.error(request, refusal.words)
    return redirect("people:client", client.pk)


@require_POST
def untag(request: Request, client_id: int, tag_id: int) -> HttpResponse:
    """Take a tag off."""
    client = client_of(request, client_id)
    tags.take_tag([client], get_object_or_404(Tag, pk=tag_id), by=request.staff, request=request)
    return redirect("people:client", client.pk)


@require_POST
def tag_many(request: Request) -> HttpResponse:
    """Put a tag on all clients that were ticked in the list, or take it off."""
    ids = [int(pk) for pk in request.POST.getlist("client")[:MOST_AT_ONCE] if pk.isdecimal() and len(pk) < 19]
    clients = list(Client.objects.served_by(request.staff).filter(pk__in=ids, erased_at=None))
    name = request.POST.get("tag", "").replace("\x00", "")
    if not clients:
        messages.error(request, "Tick the clients first.")
        return redirect("people:clients")
    try:
        if "off" in request.POST:
            known = Tag.objects.filter(name__iexact=name.strip()).first()
            count = tags.take_tag(clients, known, by=request.staff, request=request) if known else 0
            messages.success(request, f"“{name.strip()}” is taken off {count} clients.")
        else:
            count = tags.put_tag(clients, name, by=request.staff, request=request)
            messages.success(
                request, f"“{name.strip()}” is on {len(clients)} clients now, {count} of them new."
            )
    except Refused as refusal:
        messages.error(request, refusal.words)
    return redirect("people:clients")


@require_http_methods(["GET", "HEAD", "POST"])
def all_tags(request: Request) -> HttpResponse:
    """Every tag with how many have it of those whom one serves."""
    served = Client.objects.served_by(request.staff).values("pk")
    shown = Tag.objects.annotate(count=Count("taggings", filter=Q(taggings__client__in=served)))
    return render(request, "console/records/tags.html", {"tags": shown})


@managers_only
@require_POST
def rename(request: Request, tag_id: int) -> HttpResponse:
    """Rename a tag, or remove it."""
    one = get_object_or_404(Tag, pk=tag_id)
    try:
        if "remove" in request.POST:
            tags.remove_tag(one, by=request.staff, request=request)
            messages.success(request, f"“{one}” is removed.")
        else:
            tags.rename_tag(one, request.POST.get("name", ""), by=request.staff, request=request)
            messages.success(request, "Saved.")
    except Refused as refusal:
        messages.error(request, refusal.words)
    return redirect("records:tags")


@require_POST
def add_note(request: Request, client_id: int) -> HttpResponse:
    """Write a note."""
    client = client_of(request, client_id)
    try:
        notes.write_note(client, request.POST.get("text", ""), by=request.staff, request=request)
    except Refused as refusal:
        messages.error(request, refusal.words)
    return redirect("people:client", client.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def note(request: Request, client_id: int, note_id: int) -> HttpResponse:
    """Correct, pin or remove a note."""
    client = client_of(request, client_id)
    one = get_object_or_404(Note.objects.select_related("client"), pk=note_id, client=client)
    form = NoteForm(request.POST or None, initial={"text": one.text})
    if request.method == "POST":
        try:
            if "pin" in request.POST:
                notes.pin_note(one, is_pinned=not one.is_pinned)
            elif "remove" in request.POST:
                notes.remove_note(one, by=request.staff, request=request)
            elif form.is_valid():
                notes.edit_note(one, form.cleaned_data["text"], by=request.staff, request=request)
            else:
                return render(
                    request, "console/records/note.html", {"form": form, "shown": client}, status=422
                )
        except Refused as refusal:
            messages.error(request, refusal.words)
        return redirect("people:client", client.pk)
    return render(request, "console/records/note.html", {"form": form, "shown": client})
