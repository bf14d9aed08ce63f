"""Whatever colour an agency picks, its clients can read the portal, in light and in dark."""

from itertools import product
from pathlib import Path

import pytest

import ui
from kit.color import contrast, from_oklch, mix
from ui.theme import DEFAULT_ACCENT, NEUTRALS, Theme, mail_colors, theme, theme_css

STEPS = range(0, 256, 15)
ACCENTS = [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in product(STEPS, repeat=3)]
TOKENS = (Path(ui.__file__).parent / "static/ui/css/tokens.css").read_text()
# As in tokens.css: lightness, chroma, hue for light and for dark.
TONES = {
    "positive": ((46, 0.12, 155), (80, 0.14, 155)),
    "warning": ((48, 0.11, 65), (82, 0.12, 78)),
    "negative": ((50, 0.18, 27), (76, 0.13, 25)),
    "notice": ((48, 0.13, 250), (78, 0.1, 250)),
}


def test_every_accent_is_readable_in_light_and_dark() -> None:
    assert len(ACCENTS) == 5832
    for accent in ACCENTS:
        colors = theme.__wrapped__(accent)  # 5,832 themes would only push the others out of the cache
        assert_readable(colors, dark=False)
        assert_readable(colors, dark=True)


def assert_readable(colors: Theme, *, dark: bool) -> None:
    shades = colors.dark if dark else colors.light
    canvas, ground = (colors.neutral(name, dark=dark) for name in ("canvas", "ground"))
    assert contrast(shades.on_fill, shades.fill) >= 4.5, shades
    assert contrast(shades.on_fill, shades.hover) >= 4.5, shades
    assert min(contrast(shades.edge, surface) for surface in (canvas, ground)) >= 3, shades
    assert min(contrast(shades.ink, surface) for surface in (canvas, ground, shades.soft)) >= 4.5, shades
    # Plain words stand on the tint, too (a decision, a chosen card).
    assert contrast(colors.neutral("ink", dark=dark), shades.soft) >= 4.5, shades


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_words_and_tones_are_readable_on_every_hue(dark: bool) -> None:
    for hue in range(0, 360, 5):
        canvas, ground, ink_soft = (
            NEUTRALS[name][dark].hex(hue, 1) for name in ("canvas", "ground", "ink-soft")
        )
        assert min(contrast(ink_soft, surface) for surface in (canvas, ground)) >= 4.5
        for light, deep in TONES.values():
            lightness, chroma, tone_hue = deep if dark else light
            tone = from_oklch(lightness / 100, chroma, tone_hue)
            assert min(contrast(tone, on) for on in (canvas, ground, mix(tone, canvas, share=0.12))) >= 4.5


def test_the_style_sheet_draws_the_greys_that_were_measured() -> None:
    for name, (light, dark) in NEUTRALS.items():
        assert f"--{name}: light-dark({light.css()}, {dark.css()});" in TOKENS
    for name, pair in TONES.items():
        light_tone, dark_tone = (f"oklch({a}% {b:g} {c})" for a, b, c in pair)
        assert f"--{name}: light-dark({light_tone}, {dark_tone});" in TOKENS


def test_the_style_sheet_starts_from_the_default_accent() -> None:
    declarations = theme_css(DEFAULT_ACCENT).partition(":root {")[2].strip(" }\n").split("; ")
    for declaration in declarations:
        assert declaration.strip(";") + ";" in TOKENS


def test_a_grey_accent_leaves_the_neutrals_grey() -> None:
    red, green, blue = (theme("#808080").neutral("ground")[i : i + 2] for i in (1, 3, 5))
    assert red == green == blue


def test_a_theme_can_be_kept_to_one_box() -> None:
    assert theme_css("#0f766e", selector="[data-theme-scope]").startswith(
        "@layer tokens { [data-theme-scope] {"
    )


@pytest.mark.parametrize("accent", ["", "red", "#12", "#fff; } body { display: none"])
def test_what_is_no_colour_gives_no_theme(accent: str) -> None:
    with pytest.raises(ValueError, match="not a colour"):
        theme_css(accent)


def test_mails_get_plain_colours_for_both_schemes() -> None:
    colors = mail_colors("#facc15")
    assert colors["on_accent"] == "#000000"
    assert {"canvas", "dark_canvas", "ink_soft", "dark_accent_ink"} <= colors.keys()
    assert all(value.startswith("#") and len(value) == 7 for value in colors.values())
