"""An agency's logo as a paper can print it."""

from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageStat

MOST_PIXELS = 40_000_000
# 300 dots an inch at the largest size on paper.
_WIDTH_MM, _HEIGHT_MM, _DOTS_PER_MM = 60, 20, 12
_LIGHT = 215


@dataclass(frozen=True)
class Logo:
    """A PNG and its size in millimetres. `on_dark`: it is so light that it needs a dark ground."""

    png: bytes
    width_mm: float
    height_mm: float
    on_dark: bool


def logo_of(picture: bytes | None) -> Logo | None:
    """The logo, fitted into 60 × 20 mm; None when there is none or it is no picture."""
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
    # What is see-through around the drawing would only make it small.
    box = image.getchannel("A").point(lambda alpha: 255 if alpha > 8 else 0).getbbox()
    if box is None:
        return None
    image = image.crop(box)
    image.thumbnail((_WIDTH_MM * _DOTS_PER_MM, _HEIGHT_MM * _DOTS_PER_MM), Image.Resampling.LANCZOS)
    scale = min(_WIDTH_MM / image.width, _HEIGHT_MM / image.height)
    written = BytesIO()
    on_dark = _is_light(image)
    has_holes = image.getchannel("A").getextrema()[0] < 255
    (image if has_holes else image.convert("RGB")).save(written, "PNG", optimize=True)
    return Logo(written.getvalue(), round(image.width * scale, 2), round(image.height * scale, 2), on_dark)


def _is_light(image: Image.Image) -> bool:
    """Whether nothing of a see-through drawing would be seen on white paper."""
    alpha = image.getchannel("A")
    if alpha.getextrema()[0] == 255:
        return False
    return ImageStat.Stat(image.convert("L"), mask=alpha).mean[0] > _LIGHT
