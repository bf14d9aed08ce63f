"""Large files in parts: begun, a link for each part, what has arrived, finished. JSON for the page's own script.

For clients and staff alike; who began an upload is the only one who gets anything about it.
"""

import uuid
from typing import Any

from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from kit.refused import Refused
from modules.files.queries import people
from portal.http import Request
from portal.uploads import big
from portal.uploads.models import BigUpload


def whose_of(request: Request) -> str:
    """The person of this request as uploads in parts keep it."""
    if client := getattr(request, "client", None):
        return f"client-{client.pk}"
    return f"staff-{request.staff.pk}"


@require_POST
def begin(request: Request) -> JsonResponse:
    """Announce a file: its id and the length of a part, or why it cannot come."""
    client = getattr(request, "client", None)
    if client and not people.may_send(client):
        raise Http404
    size = request.POST.get("size", "")
    try:
        if not size.isdecimal() or len(size) > 18:
            raise Refused("Say how large the file is.", field="size")
        begun = big.begin(request.POST.get("name", "")[:1000], int(size), whose=whose_of(request))
    except Refused as refused:
        return _no(refused)
    return JsonResponse(_state(begun, []))


@require_safe
def show(request: Request, upload: uuid.UUID) -> JsonResponse:
    """Which parts have arrived: where a browser goes on."""
    begun = _mine(request, upload)
    try:
        return JsonResponse(_state(begun, big.parts_there(begun)))
    except Refused as refused:
        return _no(refused)


@require_POST
def part(request: Request, upload: uuid.UUID, number: int) -> JsonResponse:
    """Where one part is put, for a minute."""
    try:
        return JsonResponse({"url": big.part_link(_mine(request, upload), number)})
    except Refused as refused:
        return _no(refused)


@require_POST
def finish(request: Request, upload: uuid.UUID) -> JsonResponse:
    """Make one file of the parts."""
    begun = _mine(request, upload)
    try:
        big.finish(begun)
    except Refused as refused:
        return _no(refused)
    return JsonResponse({"id": str(begun.pk)})


def _mine(request: Request, upload: uuid.UUID) -> BigUpload:
    return get_object_or_404(BigUpload.objects.filter(whose=whose_of(request)), pk=upload)


def _state(begun: BigUpload, arrived: list[int]) -> dict[str, Any]:
    address = reverse("files:big", args=[begun.pk])
    return {
        "id": str(begun.pk),
        "url": address,
        "part_size": begun.part_size,
        "parts": begun.parts,
        "arrived": arrived,
    }


def _no(refused: Refused) -> JsonResponse:
    return JsonResponse({"words": refused.words}, status=422)
