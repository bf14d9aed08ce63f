"""Pictures are drawn anew: what is stored is pixels and nothing else."""

import io
from collections.abc import Iterator

import pytest
from django.core.files.storage import default_storage
from PIL import Image
from PIL.ExifTags import Base

from portal.uploads.models import Upload
from portal.uploads.operations import UploadRefused, store_image
from tenants.agencies.current import CurrentAgency, inside
from tests.portal.uploads import samples


@pytest.fixture(autouse=True)
def _in_northwind(northwind: CurrentAgency) -> Iterator[None]:
    with inside(northwind):
        yield


def stored(upload: Upload) -> bytes:
    with default_storage.open(upload.storage_key) as file:
        return bytes(file.read())


def drawn(upload: Upload) -> Image.Image:
    return Image.open(io.BytesIO(stored(upload)))


def test_places_and_comments_in_a_photo_are_gone_and_it_stands_upright() -> None:
    exif = Image.Exif()
    exif[Base.Orientation] = 6  # the camera was held upright
    exif[Base.Artist] = "SECRET-NAME"
    photo = samples.picture("JPEG", (60, 40), exif=exif, comment=b"SECRET-COMMENT")
    upload = store_image(samples.uploaded(photo, "Ferien.JPG"))
    assert b"SECRET" in photo and b"SECRET" not in stored(upload)
    assert drawn(upload).size == (40, 60)
    assert (upload.name, upload.content_type) == ("Ferien.jpg", "image/jpeg")


def test_text_chunks_and_whatever_follows_a_picture_are_gone() -> None:
    from PIL.PngImagePlugin import PngInfo

    notes = PngInfo()
    notes.add_text("Author", "SECRET")
    two_in_one = samples.picture("PNG", pnginfo=notes) + samples.HTML
    upload = store_image(samples.uploaded(two_in_one))
    assert b"SECRET" not in stored(upload) and b"<script" not in stored(upload)
    assert upload.size == len(stored(upload))


def test_transparency_stays() -> None:
    logo = samples.picture("PNG", mode="RGBA", color=(10, 20, 30, 0))
    assert drawn(store_image(samples.uploaded(logo))).getpixel((0, 0)) == (10, 20, 30, 0)
    grey = samples.picture("PNG", mode="LA", color=(10, 0))
    assert drawn(store_image(samples.uploaded(grey))).getpixel((0, 0)) == (10, 10, 10, 0)


def test_print_colours_become_screen_colours() -> None:
    assert (
        drawn(store_image(samples.uploaded(samples.picture("JPEG", mode="CMYK", color=(0, 0, 0, 0))))).mode
        == "RGB"
    )


def test_of_an_animation_the_first_frame_is_kept() -> None:
    upload = store_image(samples.uploaded(samples.animation(), "move.gif"))
    assert (upload.name, upload.content_type) == ("move.png", "image/png")
    assert getattr(drawn(upload), "n_frames", 1) == 1
    assert drawn(upload).convert("RGB").getpixel((0, 0)) == (255, 0, 0)


def test_large_pictures_become_smaller_and_small_ones_stay() -> None:
    assert drawn(store_image(samples.uploaded(samples.picture(size=(900, 300))), max_side=300)).size == (
        300,
        100,
    )
    assert drawn(store_image(samples.uploaded(samples.picture("WEBP", (90, 30))), max_side=300)).size == (
        90,
        30,
    )


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    for bomb in (samples.bomb(), samples.bomb(9000, 9000)):
        assert len(bomb) < 1000
        with pytest.raises(UploadRefused, match="more than 50 million pixels"):
            store_image(samples.uploaded(bomb))
    assert not Upload.objects.exists()


def test_the_child_itself_refuses_too_many_pixels_and_too_much_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The check in front is taken away: what remains is the child with its limits.
    monkeypatch.setattr("portal.uploads.images._check_pixels", lambda *_: None)
    with pytest.raises(UploadRefused, match="cannot be read"):
        store_image(samples.uploaded(samples.bomb(9000, 9000)))
    with pytest.raises(UploadRefused, match="cannot be read"):
        store_image(samples.uploaded(samples.bomb(40_000, 40_000)), max_pixels=10**10)


def test_an_svg_is_refused_in_words_whatever_it_calls_itself() -> None:
    for name in ("logo.svg", "logo.png"):
        with pytest.raises(UploadRefused, match="SVG drawings can carry scripts"):
            store_image(samples.uploaded(samples.SVG, name))


@pytest.mark.parametrize(
    "content",
    [samples.HTML, samples.PDF, samples.MP4, samples.HEIC, b"x"],
    ids=["html", "pdf", "mp4", "heic", "one byte"],
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(UploadRefused, match="Choose a PNG, JPEG, WEBP or GIF"):
        store_image(samples.uploaded(content))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_torn_picture_is_refused_and_never_an_error(kind: str) -> None:
    whole = samples.picture(kind, (300, 300))
    for cut in (20, 40, len(whole) // 2):
        try:
            store_image(samples.uploaded(whole[:cut]))
        except UploadRefused as refusal:
            assert refusal.words


def test_only_the_formats_asked_for_are_taken() -> None:
    with pytest.raises(UploadRefused, match="Choose a PNG\\."):
        store_image(samples.uploaded(samples.picture("JPEG")), formats=["PNG"])


def test_an_empty_or_too_heavy_file_is_refused() -> None:
    with pytest.raises(UploadRefused, match="empty"):
        store_image(samples.uploaded(b""))
    with pytest.raises(UploadRefused, match="larger than 1 KB"):
        store_image(samples.uploaded(samples.picture(size=(900, 900))), limit_bytes=1024)


def test_the_child_knows_no_secret_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    import subprocess

    seen: dict[str, dict[str, str]] = {}
    real = subprocess.run

    def spy(*args: object, **options: object) -> object:
        seen["env"] = options["env"]  # type: ignore[assignment]
        return real(*args, **options)  # type: ignore[call-overload]

    monkeypatch.setattr("portal.uploads.images.subprocess.run", spy)
    store_image(samples.uploaded(samples.picture()))
    assert set(seen["env"]) == {"PATH"}


def test_a_square_is_cut_from_the_middle_in_the_format_that_is_wanted() -> None:
    wide = Image.new("RGB", (300, 100), (255, 0, 0))
    wide.paste((0, 0, 255), (100, 0, 200, 100))
    target = io.BytesIO()
    wide.save(target, "PNG")
    upload = store_image(samples.uploaded(target.getvalue(), "me.png"), max_side=60, square=True, kind="WEBP")
    cut = drawn(upload)
    assert (upload.name, cut.format, cut.size) == ("me.webp", "WEBP", (60, 60))
    red, _, blue = cut.convert("RGB").getpixel((5, 30))  # type: ignore[misc]
    assert blue > 200 and red < 50
