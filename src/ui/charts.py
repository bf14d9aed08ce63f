"""Charts as plain SVG: places in per cent, so that they are as wide as their page and their words keep their size."""

from collections.abc import Sequence
from dataclasses import dataclass

HEIGHT, TOP, BOTTOM = 168, 8, 136
LABEL_AT = 158


@dataclass(frozen=True)
class Column:
    """One upright bar; `x`, `width` and `middle` in per cent, `y` and `height` in pixels, all as SVG writes them."""

    label: str
    words: str
    x: str
    middle: str
    width: str
    y: str
    height: str
    is_negative: bool


@dataclass(frozen=True)
class Columns:
    """Upright bars over or under a line at nothing."""

    columns: tuple[Column, ...]
    base: str
    height: int = HEIGHT
    label_at: int = LABEL_AT


def columns(points: Sequence[tuple[str, str, int]]) -> Columns:
    """Lay out (label, words for pointing at it, value); the highest fills the height."""
    most = max([0, *(value for _, _, value in points)])
    least = min([0, *(value for _, _, value in points)])
    scale = (BOTTOM - TOP) / (most - least or 1)
    base = TOP + most * scale
    step = 100 / (len(points) or 1)
    laid = []
    for place, (label, words, value) in enumerate(points):
        height = max(abs(value) * scale, 1.5 if value else 0)
        laid.append(
            Column(
                label,
                words,
                x=f"{place * step + step * 0.16:.2f}%",
                middle=f"{(place + 0.5) * step:.2f}%",
                width=f"{step * 0.68:.2f}%",
                y=f"{base if value < 0 else base - height:.1f}",
                height=f"{height:.1f}",
                is_negative=value < 0,
            )
        )
    return Columns(tuple(laid), f"{base:.1f}")


def share(part: int, whole: int) -> str:
    """How wide a lying bar is, in per cent; what is not nothing is seen."""
    if part <= 0 or whole <= 0:
        return "0%"
    return f"{max(100 * part / whole, 0.6):.2f}%"
