"""The profile: checked words, a photo without a past, the reader's own zone."""

from io import BytesIO
from uuid import uuid4

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from portal.people.models import Client
from portal.uploads.models import Upload
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, inside
from tests.cast import console_browser, portal_browser
from tests.portal.people.inviting import after

WORDS = {"display_name": "", "phone": "", "language": "", "zone": ""}
SECRET = b"GPS 48.1371 11.5754"


def picture(kind: str = "JPEG", size: tuple[int, int] = (1600, 1200), mode: str = "RGB") -> bytes:
    """A picture that knows where it was taken."""
    into, image = BytesIO(), Image.new(mode, size, 120 if mode in ("L", "P") else None)
    if kind == "GIF":
        image.save(into, kind)
    else:
        exif = Image.Exif()
        exif[0x010E] = SECRET.decode()
        exif[0x0112] = 6  # lies on its side
        image.save(into, kind, exif=exif)
    return into.getvalue()


def send(agency: CurrentAgency, client: Client, content: bytes, name: str = "me.jpg") -> str:
    """Post it as the photo; the page that answers."""
    file = SimpleUploadedFile(name, content, "image/jpeg")
    browser = portal_browser(agency, client)
    answer = browser.post("/profile/photo/", {"photo": file})
    return after(browser, answer) if answer.status_code == 302 else answer.content.decode()


def test_words_are_saved_and_the_phone_becomes_e164(northwind: CurrentAgency, maria: Client) -> None:
    browser = portal_browser(northwind, maria)
    words = {"display_name": "Mia", "phone": "+49 (0)30 901820", "language": "de", "zone": "Asia/Tokyo"}
    assert browser.post("/profile/", words)["Location"] == "/profile/"
    with inside(northwind):
        maria.refresh_from_db()
    assert (maria.display_name, maria.phone, maria.language, maria.zone) == (
        "Mia",
        "+4930901820",
        "de",
        "Asia/Tokyo",
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"phone": "030 901820"}, "+49 30 901820"),
        ({"phone": "+49 1"}, "+49 30 901820"),
        ({"phone": "call me"}, "+49 30 901820"),
        ({"language": "tlh"}, "valid choice"),
        ({"zone": "Mars/Olympus"}, "valid choice"),
        ({"zone": "../../etc/passwd"}, "valid choice"),
        ({"display_name": "x" * 61}, "at most 60"),
    ],
)
def test_bad_words_are_a_field_error(
    northwind: CurrentAgency, maria: Client, change: dict[str, str], words: str
) -> None:
    answer = portal_browser(northwind, maria).post("/profile/", {**WORDS, **change})
    assert answer.status_code == 200 and words in answer.content.decode()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_photo_becomes_a_small_square_without_its_past(
    northwind: CurrentAgency, maria: Client, kind: str
) -> None:
    assert "Your new photo is here" in send(northwind, maria, picture(kind))
    with inside(northwind):
        maria.refresh_from_db()
        assert maria.photo is not None
        stored = default_storage.open(maria.photo.storage_key).read()
    image = Image.open(BytesIO(stored))
    assert (image.format, image.size) == ("WEBP", (512, 512))
    assert SECRET not in stored and not image.getexif() and "icc_profile" not in image.info


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "1", "CMYK", "I;16"])
def test_every_kind_of_colour_is_understood(northwind: CurrentAgency, maria: Client, mode: str) -> None:
    into = BytesIO()
    Image.new(mode, (3000, 2100)).save(into, "JPEG" if mode == "CMYK" else "PNG")
    assert "Your new photo is here" in send(northwind, maria, into.getvalue())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "Choose a photo as PNG"),
        (b"%PDF-1.7 not a photo", "Choose a photo as PNG"),
        (b"\x89PNG\r\n\x1a\n broken", "Choose a photo as PNG"),
        (picture()[:2000], "cannot be read"),
        (b"", "empty"),
        (b"\xff\xd8\xff" + b"0" * (10 * 1024**2 + 1), "larger than 10 MB"),
    ],
)
def test_what_is_no_photo_is_a_field_error(
    northwind: CurrentAgency, maria: Client, content: bytes, words: str
) -> None:
    assert words in send(northwind, maria, content)
    with inside(northwind):
        maria.refresh_from_db()
        assert maria.photo is None and not Upload.objects.exists()


def test_a_bomb_of_pixels_is_refused_before_it_is_decoded(northwind: CurrentAgency, maria: Client) -> None:
    for size in ((10_000, 5_001), (60_000, 60_000)):
        into = BytesIO()
        # One line of a picture that claims to be huge: small on the wire.
        Image.new("1", (size[0], 1)).save(into, "PNG")
        header = bytearray(into.getvalue())
        header[20:24] = size[1].to_bytes(4, "big")
        import zlib

        header[29:33] = zlib.crc32(header[12:29]).to_bytes(4, "big")
        words = send(northwind, maria, bytes(header))
        assert "50 million pixels" in words or "cannot be read" in words


def test_a_photo_is_seen_by_its_client_and_by_staff_only(
    northwind: CurrentAgency,
    harbour: CurrentAgency,
    maria: Client,
    charlie: Client,
    ines: Client,
    alice: Account,
) -> None:
    send(northwind, maria, picture())
    with inside(northwind):
        maria.refresh_from_db()
    address = f"/profile/photo/{maria.photo_id}/"
    own = portal_browser(northwind, maria).get(address)
    assert own["Content-Type"] == "image/webp" and own["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in own["Cache-Control"]
    refused = portal_browser(northwind, charlie).get(address)
    unknown = portal_browser(northwind, charlie).get(f"/profile/photo/{uuid4()}/")
    assert refused.status_code == unknown.status_code == 404 and refused.content == unknown.content
    assert portal_browser(harbour, ines).get(address).status_code == 404
    assert portal_browser(northwind).get(address).status_code == 302
    assert console_browser(alice).get(f"/northwind/clients/{maria.pk}/photo/").status_code == 200
    assert console_browser(alice).get(f"/northwind/clients/{charlie.pk}/photo/").status_code == 404


def test_a_new_photo_takes_the_old_one_away(
    northwind: CurrentAgency, maria: Client, django_capture_on_commit_callbacks: object
) -> None:
    send(northwind, maria, picture())
    with inside(northwind):
        maria.refresh_from_db()
        key = Upload.objects.get().storage_key
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        portal_browser(northwind, maria).post("/profile/photo/", {"remove": "1"})
    with inside(northwind):
        maria.refresh_from_db()
        assert maria.photo is None and not Upload.objects.exists() and not default_storage.exists(key)


def test_moments_are_shown_in_the_clients_zone_and_in_the_agencys_on_the_console(
    northwind: CurrentAgency, maria: Client, alice: Account
) -> None:
    from django.utils import timezone
    from django.utils.translation import get_language

    from portal.people import middleware

    seen = []

    def view(request: object) -> None:
        seen.append((str(timezone.get_current_timezone()), get_language()))

    class Asked:
        """As much of a request as the middleware reads."""

        agency, client = northwind, None

    locale = middleware.ClientLocaleMiddleware(view)  # type: ignore[arg-type]
    locale(Asked())  # type: ignore[arg-type]
    maria.zone, maria.language = "Asia/Tokyo", "fr"
    Asked.client = maria  # type: ignore[assignment]
    locale(Asked())  # type: ignore[arg-type]
    maria.zone, maria.language = "", "xx"
    locale(Asked())  # type: ignore[arg-type]
    assert seen == [("Europe/Berlin", "en"), ("Asia/Tokyo", "fr"), ("Europe/Berlin", "en")]
    assert str(timezone.get_current_timezone()) == "UTC"
    with time_machine.travel("2026-01-05 22:30Z", tick=False):
        portal_browser(northwind, maria).get("/profile/")
        assert "5 Jan 2026, 23:30" in console_browser(alice).get("/northwind/clients/").content.decode()
