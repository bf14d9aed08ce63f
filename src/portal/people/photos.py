"""A client's photo: decoded, cut square and written anew, so that nothing of the original file remains."""

from functools import partial

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpResponse

from portal.audit.operations import record
from portal.http import Request
from portal.people.models import Client
from portal.uploads.models import Upload
from portal.uploads.operations import IMAGES, UploadRefused, discard, store_image
from portal.uploads.sniffing import content_type_of
from tenants.agencies.current import CurrentAgency, current_agency, inside

EDGE = 512  # px
LIMIT_BYTES = 10 * 1024**2


def set_photo(client: Client, file: "UploadedFile[bytes]", *, request: Request | None = None) -> Upload:
    """Put a new photo in place of the old one.

    Raises:
        UploadRefused: no picture, too large in bytes or pixels, or broken; in words for the person.
    """
    if file.size and file.size <= LIMIT_BYTES and content_type_of(file) not in IMAGES:
        raise UploadRefused("Choose a photo as PNG, JPEG, WebP or GIF.")
    file.name = "photo"  # the name it had tells more than the client may want to
    # Before the transaction: the store may be a bucket on the network.
    upload = store_image(file, max_side=EDGE, square=True, kind="WEBP", limit_bytes=LIMIT_BYTES)
    with transaction.atomic():
        _replace(client, upload)
        record("people.photo_changed", client, by=client, summary="Changed the photo", request=request)
    return upload


@transaction.atomic
def remove_photo(client: Client, *, request: Request | None = None) -> None:
    """Go back to initials."""
    if Client.objects.get(pk=client.pk).photo_id is None:
        return
    _replace(client, None)
    record("people.photo_removed", client, by=client, summary="Removed the photo", request=request)


def photo_answer(upload: Upload) -> HttpResponse:
    """The picture itself. Whether the asker may see it was decided before."""
    with default_storage.open(upload.storage_key) as file:
        answer = HttpResponse(file.read(), content_type=upload.content_type)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


def _replace(client: Client, upload: Upload | None) -> None:
    locked = Client.objects.select_for_update().get(pk=client.pk)
    old = locked.photo
    Client.objects.filter(pk=client.pk).update(photo=upload)
    client.photo = upload
    if old is not None:
        # Only after commit: a rollback must not leave a row without its bytes.
        transaction.on_commit(partial(discard_photo, old, current_agency()))


def discard_photo(upload: Upload, agency: CurrentAgency) -> None:
    """Remove row and bytes, after the commit that let go of them."""
    with inside(agency):
        discard(upload)
