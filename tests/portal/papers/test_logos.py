"""Logos as agencies have them."""

from io import BytesIO

import pytest
from PIL import Image, ImageDraw

from portal.papers.logos import Logo, logo_of

RED, WHITE = (200, 0, 0, 255), (255, 255, 255, 255)


def picture(
    size: tuple[int, int], color: tuple[int, int, int, int], *, around: int = 0, kind: str = "PNG"
) -> bytes:
    """A filled rectangle, see-through for `around` pixels on every side."""
    image = Image.new("RGBA", size, color if not around else (0, 0, 0, 0))
    if around:
        ImageDraw.Draw(image).rectangle((around, around, size[0] - around, size[1] - around), fill=color)
    written = BytesIO()
    (image if kind == "PNG" else image.convert("RGB")).save(written, kind)
    return written.getvalue()


def shown(given: bytes) -> Logo:
    logo = logo_of(given)
    assert logo is not None
    return logo


@pytest.mark.parametrize("size", [(3000, 1000), (4000, 200), (300, 3000), (64, 64), (900, 900)])
def test_a_logo_keeps_its_shape_within_its_place(size: tuple[int, int]) -> None:
    logo = shown(picture(size, RED))
    assert logo.width_mm <= 60
    assert logo.height_mm <= 20
    assert logo.width_mm / logo.height_mm == pytest.approx(size[0] / size[1], rel=0.02)


def test_see_through_margins_do_not_make_it_small() -> None:
    logo = shown(picture((1000, 1000), RED, around=400))
    assert (logo.width_mm, logo.height_mm) == (20, 20)


def test_a_small_picture_is_not_blown_up() -> None:
    assert shown(picture((32, 32), RED)).width_mm == 8


def test_only_a_light_see_through_logo_needs_a_dark_ground() -> None:
    assert shown(picture((400, 100), WHITE, around=20)).on_dark
    assert not shown(picture((400, 100), RED, around=20)).on_dark
    assert not shown(picture((400, 100), WHITE)).on_dark


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "GIF"])
def test_other_kinds_of_pictures_become_png(kind: str) -> None:
    assert shown(picture((100, 100), RED, kind=kind)).png.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "given",
    [
        None,
        b"",
        b"no picture",
        picture((400, 100), RED)[:60],
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        picture((50, 50), (0, 0, 0, 0)),
        picture((5000, 10), RED),
        picture((1, 1), RED),
        picture((8000, 6000), RED),
    ],
    ids=["none", "empty", "text", "cut off", "svg", "see-through", "a line", "a dot", "too many pixels"],
)
def test_what_cannot_be_shown_gives_way_to_the_name(given: bytes | None) -> None:
    assert logo_of(given) is None
