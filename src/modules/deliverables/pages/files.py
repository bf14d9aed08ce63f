"""The files of versions. Each request is checked anew, as the page that shows the file is."""

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from modules.deliverables.models import Deliverable, VersionFile
from portal.http import Request
from portal.uploads.serving import serve


@require_safe
@xframe_options_sameorigin  # a PDF is shown in a frame of our own page
def client_file(request: Request, pk: int, number: int, file: int) -> HttpResponseBase:
    """A file of a version that this client was shown; `?download` saves it."""
    deliverable = get_object_or_404(Deliverable.objects.visible_to(request.client), pk=pk)
    version = get_object_or_404(deliverable.versions.shown(), number=number)
    return _answer(request, get_object_or_404(version.files.select_related("upload"), pk=file))


@require_safe
@xframe_options_sameorigin
def staff_file(request: Request, pk: int, number: int, file: int) -> HttpResponseBase:
    """A file of any version that this member of staff may see."""
    deliverable = get_object_or_404(Deliverable.objects.served_by(request.staff), pk=pk)
    files = VersionFile.objects.select_related("upload").filter(version__deliverable=deliverable)
    return _answer(request, get_object_or_404(files, pk=file, version__number=number))


def _answer(request: Request, found: VersionFile) -> HttpResponseBase:
    return serve(found.upload, request, inline="download" not in request.GET)
