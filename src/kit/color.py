"""One accent colour in, a readable palette out.

Contrast is the WCAG 2 ratio (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio). Lightness is moved in OKLCH
(https://bottosson.github.io/posts/oklab/), so a darkened blue stays the same blue.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from math import atan2, cos, degrees, hypot, radians, sin

TEXT_CONTRAST = 4.5
EDGE_CONTRAST = 3.0
HOVER_SHARE = 0.88
BLACK, WHITE = "#000000", "#ffffff"

_HEX = re.compile(r"#[0-9a-f]{6}")
_SHORT_HEX = re.compile(r"#[0-9a-f]{3}")

Triple = tuple[float, float, float]


@dataclass(frozen=True)
class Palette:
    """The accent as a fill, as text, as a line and as a tint, readable on one pair of backgrounds."""

    fill: str
    on_fill: str
    hover: str
    soft: str
    ink: str
    edge: str


def parse_hex(text: str) -> str:
    """`text` as a lower-case six-digit hex colour; `#abc` and a missing `#` are understood.

    Raises ValueError for anything else.
    """
    color = "#" + text.strip().lower().removeprefix("#")
    if _SHORT_HEX.fullmatch(color):
        color = "#" + "".join(digit * 2 for digit in color[1:])
    if not _HEX.fullmatch(color):
        raise ValueError(f"not a colour: {text!r}")
    return color


def palette(
    accent: str, *, canvas: str, ground: str, soft_share: float = 0.09, text_contrast: float = TEXT_CONTRAST
) -> Palette:
    """What `accent` (hex) becomes on pages whose surfaces are `canvas` and `ground` (hex).

    `soft_share` (0–1) is how much of it the tint holds, `text_contrast` what it has to reach as text.
    """
    on_fill = max((WHITE, BLACK), key=lambda text: contrast(text, accent))
    soft = mix(accent, canvas, share=soft_share)
    ink = readable(accent, on=(canvas, ground, soft), ratio=text_contrast)
    return Palette(
        fill=accent,
        on_fill=on_fill,
        # Hovering moves away from the text's colour, so contrast only grows.
        hover=mix(accent, WHITE if on_fill == BLACK else BLACK, share=HOVER_SHARE),
        soft=soft,
        ink=ink,
        edge=readable(accent, on=(canvas, ground), ratio=EDGE_CONTRAST),
    )


def readable(color: str, *, on: tuple[str, ...], ratio: float) -> str:
    """The nearest lightness of `color` that reaches `ratio` on every background in `on`."""

    def passes(candidate: str) -> bool:
        return all(contrast(candidate, background) >= ratio for background in on)

    if passes(color):
        return color
    lightness, chroma, hue = to_oklch(color)
    # Light backgrounds want darker text and the other way round; 0.18 is middle grey.
    enough = 0.0 if luminance(on[0]) > 0.18 else 1.0
    short = lightness
    for _ in range(24):
        middle = (short + enough) / 2
        if passes(from_oklch(middle, chroma, hue)):
            enough = middle
        else:
            short = middle
    return from_oklch(enough, chroma, hue)


def mix(color: str, other: str, *, share: float) -> str:
    """`share` (0–1) of `color` in `other`, as CSS `color-mix(in srgb, …)` does it."""
    pairs = zip(_channels(color), _channels(other), strict=True)
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in pairs)


def contrast(color: str, other: str) -> float:
    """The WCAG contrast ratio of two hex colours, 1 to 21."""
    dark, light = sorted((luminance(color), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(color: str) -> float:
    """WCAG relative luminance of a hex colour, 0 to 1."""
    red, green, blue = _linear(color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def to_oklch(color: str) -> Triple:
    """Lightness (0–1), chroma and hue (degrees) of a hex colour."""
    red, green, blue = _linear(color)
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    medium = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return lightness, hypot(a, b), degrees(atan2(b, a)) % 360


def from_oklch(lightness: float, chroma: float, hue: float) -> str:
    """Back to a hex colour; chroma is reduced until the colour fits sRGB."""

    def at(amount: float) -> Triple:
        return _oklch_to_linear(lightness, amount, hue)

    return _hex(at(chroma if _in_gamut(at(chroma)) else _largest_chroma(at, chroma)))


def _largest_chroma(at: Callable[[float], Triple], limit: float) -> float:
    low, high = 0.0, limit
    for _ in range(20):
        middle = (low + high) / 2
        low, high = (middle, high) if _in_gamut(at(middle)) else (low, middle)
    return low


def _oklch_to_linear(lightness: float, chroma: float, hue: float) -> Triple:
    a, b = chroma * cos(radians(hue)), chroma * sin(radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _in_gamut(rgb: Triple) -> bool:
    return all(-1e-4 <= value <= 1 + 1e-4 for value in rgb)


def _channels(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _linear(color: str) -> Triple:
    def decode(channel: int) -> float:
        value = channel / 255
        return float(value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4)

    red, green, blue = _channels(color)
    return decode(red), decode(green), decode(blue)


def _hex(rgb: Triple) -> str:
    def encode(value: float) -> int:
        value = min(1.0, max(0.0, value))
        return round(255 * (12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055))

    return "#" + "".join(f"{encode(value):02x}" for value in rgb)
