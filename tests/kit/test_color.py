"""Colours are taken apart and put together without loss, and contrast is what WCAG says it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.color import contrast, from_oklch, mix, palette, parse_hex, readable, to_oklch

COLORS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def test_contrast_of_black_on_white_is_21() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)


@given(COLORS)
def test_a_colour_survives_the_way_through_oklch(color: str) -> None:
    back = from_oklch(*to_oklch(color))
    steps = [abs(int(color[i : i + 2], 16) - int(back[i : i + 2], 16)) for i in (1, 3, 5)]
    assert max(steps) <= 1


@given(COLORS, COLORS)
def test_readable_text_reaches_its_ratio_on_any_surface(color: str, surface: str) -> None:
    possible = max(contrast("#000000", surface), contrast("#ffffff", surface))
    found = readable(color, on=(surface,), ratio=3)
    # Towards the end chosen for the surface there is always 3:1, whatever the surface.
    assert contrast(found, surface) >= 3 or possible < 3


@given(COLORS)
def test_hovering_never_loses_contrast(accent: str) -> None:
    shades = palette(accent, canvas="#ffffff", ground="#f5f6f9")
    assert contrast(shades.on_fill, shades.hover) >= contrast(shades.on_fill, shades.fill) >= 4.5


def test_a_colour_that_is_readable_already_is_left_alone() -> None:
    assert readable("#4f46e5", on=("#ffffff",), ratio=4.5) == "#4f46e5"


def test_mixing_is_that_of_css() -> None:
    assert mix("#000000", "#ffffff", share=0.25) == "#bfbfbf"


@pytest.mark.parametrize(
    ("text", "color"), [("#ABC", "#aabbcc"), ("0f766e", "#0f766e"), (" #0F766E ", "#0f766e")]
)
def test_spellings_of_a_colour(text: str, color: str) -> None:
    assert parse_hex(text) == color


@pytest.mark.parametrize(
    "text", ["", "#", "red", "#12345", "#1234567", "#ggg", "#٠٠٠٠٠٠", "url(x)", "#fff;}"]
)
def test_what_is_no_colour_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a colour"):
        parse_hex(text)
