"""The bytes. Each request is checked anew, as the page that shows the file is; links into a bucket live a minute."""

from collections.abc import Iterable

from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from modules.files import operations
from modules.files.models import Activity, File, Folder, Version
from modules.files.pages.client import is_only_viewed, visible_file
from modules.files.queries import lists, people
from portal.http import Request
from portal.uploads.models import Upload
from portal.uploads.operations import serve, serve_made

MOST_CHOSEN = 500


@require_safe
@xframe_options_sameorigin
def client_content(request: Request, pk: int) -> HttpResponseBase:
    """A file's bytes: as a download where that is allowed, films and sound also to be played on the page."""
    file = visible_file(request, pk)
    version = file.current
    if version is None:
        raise Http404
    is_played = "download" not in request.GET and version.kind in ("video", "audio")
    if not version.is_served:
        return _refused(request, file, "This file is being checked. It is here in a few minutes.", 409)
    if not is_played and not file.can_download:
        return _refused(request, file, "This file is only to be looked at. Ask if you need it.", 403)
    if not is_only_viewed(request):
        did = Activity.Did.VIEWED if is_played else Activity.Did.DOWNLOADED
        operations.note(file, did, client=request.client)
    return _to_client(request, file, version.upload, inline=is_played)


@require_safe
@xframe_options_sameorigin
def client_page(request: Request, pk: int, page: int) -> HttpResponseBase:
    """The picture of a file, or of one page of it, drawn anew."""
    file = visible_file(request, pk)
    if file.current is None or not file.current.is_served:
        raise Http404
    return _to_client(request, file, _preview(file.current, page), inline=True)


@require_safe
def client_zip(request: Request) -> HttpResponseBase:
    """A folder (`?folder=7`) or chosen files (`?file=1&file=2`) as one ZIP: only what this client may download."""
    found = lists.visible(request.client)
    folder = None
    if chosen := _chosen(request):
        found = found.filter(pk__in=chosen)
    else:
        level = lists.level_of(request.client, _number(request.GET.get("folder", "")))
        if level is None:
            raise Http404
        folder = level.folder
        found = found.filter(folder__in=_below(folder, client=True, request=request)) if folder else found
    name = str(folder) if folder else request.agency.name
    return _zip(request, found, name, folder, reader=_reader(request))


@require_safe
@xframe_options_sameorigin
def staff_content(request: Request, pk: int, number: int) -> HttpResponseBase:
    """Any version's bytes, for staff; what is harmful or being checked, nobody gets."""
    version = _staff_version(request, pk, number)
    if not version.is_served:
        context = {
            "file": version.file,
            "words": f"{version.get_check_state_display()}: nobody gets this file.",
        }
        return render(request, "files/console/refused.html", context, status=409)
    is_played = "download" not in request.GET and version.kind in ("video", "audio")
    did = Activity.Did.VIEWED if is_played else Activity.Did.DOWNLOADED
    operations.note(version.file, did, staff=request.staff, version=version)
    return serve(version.upload, request, inline=is_played)


@require_safe
@xframe_options_sameorigin
def staff_page(request: Request, pk: int, number: int, page: int) -> HttpResponseBase:
    """A picture of any version."""
    version = _staff_version(request, pk, number)
    if not version.is_served:
        raise Http404
    return serve(_preview(version, page), request, inline=True)


@require_safe
def staff_zip(request: Request) -> HttpResponseBase:
    """A folder, an owner's files or chosen ones as one ZIP, for staff."""
    found = File.objects.served_by(request.staff).there().for_lists()
    folder, name = None, request.agency.name
    if chosen := _chosen(request):
        found = found.filter(pk__in=chosen)
    elif owner := people.owner_of(request.GET.get("owner", ""), request.staff):
        found = found.filter(**{key: value for key, value in people.owner_fields(owner).items() if value})
        name = str(owner)
    else:
        folders = Folder.objects.served_by(request.staff).select_related("parent")
        folder = get_object_or_404(folders, pk=_number(request.GET.get("folder", "")) or 0)
        found = found.filter(folder__in=_below(folder, client=False, request=request))
        name = folder.name
    return _zip(request, found, name, folder)


def _staff_version(request: Request, pk: int, number: int) -> Version:
    """A version of a file that this member of staff may see, in the trash or not."""
    served = File.objects.served_by(request.staff).order_by().values("pk")
    versions = Version.objects.select_related("upload", "file").filter(file__in=served)
    found: Version = get_object_or_404(versions, number=number, file=pk)
    return found


def _zip(
    request: Request,
    found: Iterable[File],
    name: str,
    folder: Folder | None,
    reader: operations.Reader | None = None,
) -> HttpResponseBase:
    is_client = reader is not None
    try:
        archive = operations.zip_of(found, name=name, reader=reader, top=folder)
    except operations.NoZip as refused:
        return _refused(request, None, refused.words, 422)
    for file in archive.files:
        if is_client and is_only_viewed(request):
            break
        person = {"client": request.client} if is_client else {"staff": request.staff}
        operations.note(file, Activity.Did.DOWNLOADED, **person)
    response = StreamingHttpResponse(archive.blocks, content_type="application/zip")
    if archive.size is not None:
        response["Content-Length"] = str(archive.size)
    response["Content-Disposition"] = content_disposition_header(True, archive.name) or "attachment"
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _below(folder: Folder | None, *, client: bool, request: Request) -> set[int]:
    """The folder and all below it; for a client those that it sees."""
    assert folder is not None
    known = Folder.objects.visible_to(request.client) if client else Folder.objects
    below: dict[int | None, list[int]] = {}
    for pk, parent in known.values_list("pk", "parent_id"):
        below.setdefault(parent, []).append(pk)
    found, todo = set(), [folder.pk]
    while todo:
        pk = todo.pop()
        if pk not in found:
            found.add(pk)
            todo += below.get(pk, [])
    return found


def _chosen(request: Request) -> list[int]:
    numbers = [_number(word) for word in request.GET.getlist("file")[:MOST_CHOSEN]]
    return [number for number in numbers if number]


def _number(word: str) -> int | None:
    return int(word) if word.isdecimal() and len(word) < 18 else None


def _to_client(request: Request, file: File, upload: Upload, *, inline: bool) -> HttpResponseBase:
    """The one way on which a client gets bytes of a file or of its pictures: its own copy where it bears names."""
    if not file.is_marked:
        return serve(upload, request, inline=inline)
    try:
        copy = operations.copy_for(_reader(request), upload)
    except operations.NoCopy as refused:
        return _refused(request, file, refused.words, 503)
    return serve_made(copy, upload, inline=inline)


def _reader(request: Request) -> operations.Reader:
    viewing = request.viewing if is_only_viewed(request) else None
    return operations.reader_of(request.client, viewing.staff if viewing else None)


def _preview(version: Version, page: int) -> Upload:
    preview = version.previews.select_related("upload").filter(page=page).first()
    if preview is None:
        raise Http404
    upload: Upload = preview.upload
    return upload


def _refused(request: Request, file: File | None, words: str, status: int) -> HttpResponse:
    where = "client" if getattr(request, "client", None) else "console"
    context = {"file": file, "words": words}
    return render(request, f"files/{where}/refused.html", context, status=status)
