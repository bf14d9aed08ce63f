"""An agency's accent colour as the custom properties that tokens.css builds on.

The neutrals lean on the accent's hue; their lightness and chroma are written twice, here and in tokens.css,
because the browser draws them and the contrast has to be known on the server. tests/ui/test_theme.py holds
the two together.
"""

from dataclasses import dataclass
from functools import lru_cache

from kit.color import TEXT_CONTRAST, Palette, from_oklch, palette, parse_hex, to_oklch

DEFAULT_ACCENT = "#4f46e5"


@dataclass(frozen=True)
class Neutral:
    """A grey that leans on the accent: lightness in per cent and chroma at full tint."""

    lightness: float
    chroma: float

    def css(self) -> str:
        """The expression tokens.css has to use for this grey."""
        return f"oklch({self.lightness:g}% calc({self.chroma:g} * var(--tint)) var(--hue))"

    def hex(self, hue: float, tint: float) -> str:
        """What the browser draws for it."""
        return from_oklch(self.lightness / 100, self.chroma * tint, hue)


# name: (light, dark)
NEUTRALS = {
    "canvas": (Neutral(100, 0), Neutral(20.5, 0.012)),
    "ground": (Neutral(97.6, 0.006), Neutral(16, 0.01)),
    "line": (Neutral(91.5, 0.008), Neutral(30, 0.014)),
    "ink": (Neutral(22, 0.02), Neutral(95, 0.006)),
    "ink-soft": (Neutral(47, 0.02), Neutral(74, 0.014)),
}


@dataclass(frozen=True)
class Theme:
    """Everything one accent decides: two palettes and the lean of the greys."""

    hue: float
    tint: float
    light: Palette
    dark: Palette

    def neutral(self, name: str, *, dark: bool = False) -> str:
        """The hex colour of one of NEUTRALS."""
        return NEUTRALS[name][dark].hex(self.hue, self.tint)


@lru_cache(maxsize=512)
def theme(accent: str) -> Theme:
    """The theme of one accent colour. Raises ValueError when `accent` is no hex colour."""
    accent = parse_hex(accent)
    _, chroma, hue = to_oklch(accent)
    # A grey accent gives grey neutrals: the hue of a grey is an accident of rounding.
    hue, tint = round(hue, 1), round(min(1.0, chroma / 0.1), 2)

    def on(dark: bool) -> Palette:
        canvas, ground = (NEUTRALS[name][dark].hex(hue, tint) for name in ("canvas", "ground"))
        # Coloured words that just pass look dim on a dark page: ask for more there.
        share, contrast = (0.16, 5.8) if dark else (0.1, TEXT_CONTRAST)
        return palette(accent, canvas=canvas, ground=ground, soft_share=share, text_contrast=contrast)

    return Theme(hue=hue, tint=tint, light=on(False), dark=on(True))


def theme_css(accent: str, *, selector: str = ":root") -> str:
    """The style sheet served as the agency's theme, for light and dark.

    `selector` narrows it, for a live preview beside the page's own theme. Raises ValueError when `accent` is
    no hex colour.
    """
    colors = theme(accent)
    light, dark = colors.light, colors.dark
    pairs = {
        "accent": (light.fill, dark.fill),
        "on-accent": (light.on_fill, dark.on_fill),
        "accent-hover": (light.hover, dark.hover),
        "accent-soft": (light.soft, dark.soft),
        "accent-ink": (light.ink, dark.ink),
        "accent-edge": (light.edge, dark.edge),
    }
    lines = [f"--hue: {colors.hue:g};", f"--tint: {colors.tint:g};"]
    lines += [f"--{name}: light-dark({a}, {b});" for name, (a, b) in pairs.items()]
    return f"@layer tokens {{ {selector} {{ {' '.join(lines)} }} }}\n"


def mail_colors(accent: str) -> dict[str, str]:
    """Plain hex colours for mail/base.html, where custom properties are not understood.

    Keys: accent, on_accent, accent_ink, canvas, ground, line, ink, ink_soft, and each again with `dark_`.
    """
    colors = theme(accent)
    found: dict[str, str] = {}
    for prefix, shades, dark in (("", colors.light, False), ("dark_", colors.dark, True)):
        found |= {
            f"{prefix}accent": shades.fill,
            f"{prefix}on_accent": shades.on_fill,
            f"{prefix}accent_ink": shades.ink,
        }
        found |= {f"{prefix}{name.replace('-', '_')}": colors.neutral(name, dark=dark) for name in NEUTRALS}
    return found
