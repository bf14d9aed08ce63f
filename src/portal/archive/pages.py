"""Where owners ask for everything, watch it being collected, and download it."""

from django.conf import settings
from django.contrib import messages
from django.core.files.storage import FileSystemStorage, default_storage
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from kit import clock
from kit.refused import Refused
from portal.archive.models import Archive, ArchivePart
from portal.archive.operations import KEPT_FOR, begin
from portal.audit.operations import record
from portal.http import Request
from portal.plan.doors import owners_only
from portal.uploads.rules import in_words

LINK_SECONDS = 60


@require_safe
@owners_only
def index(request: Request) -> HttpResponse:
    """The newest archive and its parts; while one is being made the page asks again by itself."""
    newest = Archive.objects.exclude(state=Archive.State.GONE).first()
    parts = [(part, in_words(part.size)) for part in newest.parts.all()] if newest else []
    page = {"archive": newest, "parts": parts, "days": KEPT_FOR.days, "name": settings.PORTICO_NAME}
    return render(request, "console/archive/index.html", page)


@require_POST
@owners_only
def ask(request: Request) -> HttpResponse:
    """Collect everything."""
    try:
        made = begin(request.staff)
    except Refused as refused:
        messages.error(request, refused.words)
    else:
        record(
            "archive.asked", made, by=request.staff, summary="Asked for a copy of everything", request=request
        )
        messages.success(request, "We are collecting everything and write to you when it is there.")
    return redirect("archive:index")


@require_safe
@owners_only
def part(request: Request, uid: str, number: int) -> HttpResponseBase:
    """One zip file: from a bucket by a link that lives for a minute, from a disk through us."""
    ready = ArchivePart.objects.filter(
        archive__uid=uid, archive__state=Archive.State.READY, archive__expires_at__gt=clock.now()
    )
    found = get_object_or_404(ready, number=number)
    summary = f"Downloaded part {number} of everything"
    record("archive.downloaded", found.archive, by=request.staff, summary=summary, request=request)
    name = f"{request.agency.slug}-{found.archive.created_at:%Y-%m-%d}-part-{number}.zip"
    if not isinstance(default_storage, FileSystemStorage):
        asked = {"ResponseContentDisposition": f'attachment; filename="{name}"'}
        link = default_storage.url(found.storage_key, parameters=asked, expire=LINK_SECONDS)  # type: ignore[call-arg]
        return _private(HttpResponseRedirect(link))
    try:
        return _private(
            FileResponse(default_storage.open(found.storage_key), as_attachment=True, filename=name)
        )
    except FileNotFoundError as error:
        raise Http404 from error


def _private(response: HttpResponseBase) -> HttpResponseBase:
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response
