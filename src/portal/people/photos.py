"""A client's photo: decoded, cut square and written anew, so that nothing of the original file remains."""

from functools import partial
from io import BytesIO

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.db import transaction
from django.http import HttpResponse
from PIL import Image, ImageOps

from portal.audit.operations import record
from portal.http import Request
from portal.people.models import Client
from portal.uploads.models import Upload
from portal.uploads.operations import UploadRefused, UploadRule, discard, store
from portal.uploads.sniffing import content_type_of
from tenants.agencies.current import CurrentAgency, current_agency, inside

EDGE = 512  # px
LIMIT_BYTES = 10 * 1024**2
LIMIT_PIXELS = 50_000_000
FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP", "image/gif": "GIF"}
RULE = UploadRule(types=["image/webp"], limit_bytes=LIMIT_BYTES)


@transaction.atomic
def set_photo(client: Client, file: "UploadedFile[bytes]", *, request: Request | None = None) -> Upload:
    """Put a new photo in place of the old one.

    Raises:
        UploadRefused: no picture, too large in bytes or pixels, or broken; in words for the person.
    """
    square = _square(file)
    upload = store(SimpleUploadedFile("photo.webp", square, "image/webp"), RULE)
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
        transaction.on_commit(partial(_discard, old, current_agency()))


def _discard(upload: Upload, agency: CurrentAgency) -> None:
    with inside(agency):
        discard(upload)


def _square(file: "UploadedFile[bytes]") -> bytes:
    if (file.size or 0) > LIMIT_BYTES:
        raise UploadRefused(f"This picture is larger than {LIMIT_BYTES // 1024**2} MB. Choose a smaller one.")
    kind = FORMATS.get(content_type_of(file, file.name or ""))
    if kind is None:
        raise UploadRefused("Choose a photo as PNG, JPEG, WebP or GIF.")
    try:
        # Only the header is read here; `formats` keeps Pillow from trying its rarer decoders.
        image = Image.open(file, formats=[kind])
        if image.width * image.height > LIMIT_PIXELS:
            raise UploadRefused("This picture has more than 50 million pixels. Choose a smaller one.")
        return _encode(image)
    except UploadRefused:
        raise
    except (Image.DecompressionBombError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise UploadRefused("This picture cannot be read. Save it again as JPEG or PNG.") from error


def _encode(image: Image.Image) -> bytes:
    image.draft("RGB", (2 * EDGE, 2 * EDGE))  # lets a JPEG be decoded small from the start
    has_alpha = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    small = ImageOps.exif_transpose(_near_size(image).convert("RGBA" if has_alpha else "RGB"))
    edge = min(EDGE, small.width, small.height)
    square = ImageOps.fit(small, (edge, edge), Image.Resampling.LANCZOS)
    clean = Image.new(square.mode, square.size)
    clean.paste(square)  # a new image carries no EXIF, comments or profiles
    into = BytesIO()
    clean.save(into, "WEBP", quality=84)
    return into.getvalue()


def _near_size(image: Image.Image) -> Image.Image:
    # Before the colours are widened: 50 million pixels of a palette would become 200 MB.
    factor = min(image.width, image.height) // (2 * EDGE)
    if factor <= 1:
        return image
    if image.mode in ("L", "RGB", "RGBA"):
        return image.reduce(factor)
    return image.resize((image.width // factor, image.height // factor), Image.Resampling.NEAREST)
