"""An agency's logo as a paper can print it."""

from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageStat

MOST_PIXELS = 40_000_000
# 300 dots an inch at the largest size on paper.
_WIDTH_MM, _HEIGHT_MM, _DOTS_PER_MM = 60, 20, 12
# A small picture stays small rather than becoming coarse; a thin line is no logo.
_FEWEST_DOTS_PER_MM, _SMALLEST_MM = 4, 2
_LIGHT = 215


@dataclass(frozen=True)
class Logo:
    """A PNG and its size in millimetres. `on_dark`: it is so light that it needs a dark ground."""

    png: bytes
    width_mm: float
    height_mm: float
    on_dark: bool


def logo_of(picture: bytes | None) -> Logo | None:
    """The logo, fitted into 60 × 20 mm; None when there is none or it cannot be shown."""
    if not picture:
        return None
    try:
        with Image.open(BytesIO(picture), formats=("PNG", "JPEG", "WEBP", "GIF")) as image:
            if image.width * image.height > MOST_PIXELS:
                return None
            return _fitted(image.convert("RGBA"))
    # Pillow raises what its decoders raise: SyntaxError, struct.error, EOFError and others.
    except Exception:
        return None


def _fitted(image: Image.Image) -> Logo | None:
    alpha = image.getchannel("A")
    # What is see-through around the drawing would only make it small.
    box = alpha.point(lambda value: 255 if value > 8 else 0).getbbox()
    if box is None:
        return None
    has_holes = min(alpha.tobytes()) < 255
    on_dark = has_holes and _is_light(image)
    image = image.crop(box)
    scale = min(_WIDTH_MM / image.width, _HEIGHT_MM / image.height, 1 / _FEWEST_DOTS_PER_MM)
    width, height = image.width * scale, image.height * scale
    if min(width, height) < _SMALLEST_MM:
        return None
    image.thumbnail((_WIDTH_MM * _DOTS_PER_MM, _HEIGHT_MM * _DOTS_PER_MM), Image.Resampling.LANCZOS)
    written = BytesIO()
    (image if has_holes else image.convert("RGB")).save(written, "PNG", optimize=True)
    return Logo(written.getvalue(), round(width, 2), round(height, 2), on_dark)


def _is_light(image: Image.Image) -> bool:
    """Whether hardly anything of a see-through drawing would be seen on white paper."""
    seen = ImageStat.Stat(image.convert("L"), mask=image.getchannel("A"))
    return bool(seen.mean[0] > _LIGHT)
