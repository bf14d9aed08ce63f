"""The client's own page: name, phone, photo, language, zone, address."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kit.refused import Refused
from portal.gate import on_any_host, open_page, works_read_only
from portal.http import Request
from portal.people import email_changes, google, operations, photos, sessions
from portal.people.forms import EmailChangeForm, PhotoForm, ProfileForm
from portal.people.models import Right
from portal.people.pages.answers import no_referrer
from portal.people.pages.link_pages import link_page
from portal.people.refusals import LinkUnusable
from portal.people.sign_in_browser import has_proof
from portal.uploads.operations import UploadRefused


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: Request) -> HttpResponse:
    """All of it on one page; this form holds the words, photo and address have their own."""
    client = request.client
    initial = {name: getattr(client, name) for name in ("display_name", "phone", "language", "zone")}
    form = ProfileForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        operations.edit_profile(client, **form.cleaned_data, request=request)
        messages.success(request, "Your profile is saved.")
        return redirect("people:profile")
    return _page(request, form, PhotoForm())


@require_POST
def photo(request: Request) -> HttpResponse:
    """A new photo, or none."""
    if "remove" in request.POST:
        photos.remove_photo(request.client, request=request)
        messages.success(request, "Your photo is removed.")
        return redirect("people:profile")
    form = PhotoForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            photos.set_photo(request.client, form.cleaned_data["photo"], request=request)
        except UploadRefused as refusal:
            form.add_error("photo", str(refusal))
        else:
            messages.success(request, "Your new photo is here.")
            return redirect("people:profile")
    initial = {name: getattr(request.client, name) for name in ("display_name", "phone", "language", "zone")}
    return _page(request, ProfileForm(initial=initial), form)


@on_any_host
@require_GET
def show_photo(request: Request, upload_id: str) -> HttpResponse:
    """The client's own photo; every other id is as unknown as one that never was."""
    photo = request.client.photo
    if photo is None or photo.pk != upload_id:
        raise Http404
    return photos.photo_answer(photo)


@sessions.fresh_only
@require_http_methods(["GET", "HEAD", "POST"])
def email(request: Request) -> HttpResponse:
    """Ask for a new address, or give up the change that waits."""
    if request.method == "POST" and "cancel" in request.POST:
        email_changes.cancel(request.client)
        messages.success(request, "Your address stays as it is.")
        return redirect("people:profile")
    form = EmailChangeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            email_changes.ask(request.client, form.cleaned_data["new_email"], request=request)
        except Refused as refusal:
            form.add_error("new_email", str(refusal))
        else:
            return redirect("people:profile-email")
    context = {"form": form, "change": email_changes.waiting_change(request.client)}
    return render(request, "portal/profile/email.html", context)


@open_page
@csrf_exempt
@no_referrer
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_email(request: Request, token: str) -> HttpResponse:
    """From one of the two mails: look, then confirm."""
    try:
        if request.method == "POST" and has_proof(request, token):
            change = email_changes.confirm(token, request=request)
            return render(request, "portal/profile/email_confirmed.html", {"change": change})
        change, side = email_changes.find_open(token)
    except LinkUnusable:
        return render(request, "portal/profile/email_gone.html", status=410)
    context = {"change": change, "side": side.value}
    return link_page(request, "portal/profile/email_confirm.html", token, context)


@open_page
@works_read_only
@csrf_exempt
@no_referrer
@require_http_methods(["GET", "HEAD", "POST"])
def undo_email(request: Request, token: str) -> HttpResponse:
    """From the mail to the old address: look, then take the change back."""
    try:
        if request.method == "POST" and has_proof(request, token):
            change = email_changes.undo(token, request=request)
            return render(request, "portal/profile/email_undone.html", {"change": change})
        change = email_changes.find_undoable(token)
    except LinkUnusable:
        return render(request, "portal/profile/email_gone.html", status=410)
    return link_page(request, "portal/profile/email_undo.html", token, {"change": change})


def _page(request: Request, form: ProfileForm, photo_form: PhotoForm) -> HttpResponse:
    memberships = list(request.client.memberships.select_related("company").order_by("company__name"))
    context = {
        "form": form,
        "photo_form": photo_form,
        "change": email_changes.waiting_change(request.client),
        "memberships": memberships,
        "pays": not memberships or any(Right.PAY in one.rights for one in memberships),
        "by_google": google.is_offered(),
    }
    return render(request, "portal/profile/show.html", context)
