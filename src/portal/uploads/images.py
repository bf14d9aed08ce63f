"""Pictures that the product shows as its own (logos, photos): checked, then drawn anew.

Nothing of the original file is kept but its pixels: no metadata (places, camera, comments), no profile, no
second file hidden behind the first.
"""

from __future__ import annotations

import json
import logging
import os
import struct
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from PIL import Image

from portal.uploads import leaf, redraw
from portal.uploads.models import Upload
from portal.uploads.rules import UploadRefused, in_words
from portal.uploads.sniffing import content_type_of, looks_like_svg
from portal.uploads.writing import check_room, write

TYPES = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP", "image/gif": "GIF"}
ENDINGS = {"PNG": ("image/png", ".png"), "JPEG": ("image/jpeg", ".jpg"), "WEBP": ("image/webp", ".webp")}
MAX_PIXELS = 50_000_000
LIMIT_BYTES = 20 * 1024**2
PATIENCE_SECONDS = 20
UNREADABLE = "This picture cannot be read. Save it again as PNG or JPEG and try once more."
log = logging.getLogger(__name__)


def store_image(
    file: UploadedFile[Any],
    *,
    max_pixels: int = MAX_PIXELS,
    max_side: int = 2000,
    formats: Sequence[str] = redraw.FORMATS,
    limit_bytes: int = LIMIT_BYTES,
    square: bool = False,
    kind: str = "",
) -> Upload:
    """Draw an uploaded picture anew and store that. Of an animation the first frame is kept.

    Args:
        max_pixels: width × height that is still decoded.
        max_side: the longer side of what is stored; larger pictures are made smaller.
        formats: which of PNG, JPEG, WEBP, GIF (stored as PNG) are taken.
        limit_bytes: size of the file as it is sent.
        square: cut to the square in its middle.
        kind: PNG, JPEG or WEBP, as which it is stored; empty: as it came.

    Raises:
        UploadRefused: not a picture that can be shown, too large, or too many pixels.
        NoRoom: the plan's storage is used up.
    """
    _check_size(file, limit_bytes)
    given = TYPES.get(content_type_of(file), "")
    if given not in formats:
        raise UploadRefused(_why_not(file, formats))
    _check_pixels(file, given, max_pixels)
    wanted = {"max_pixels": max_pixels, "max_side": max_side, "square": square, "kind": kind}
    written, drawn = _redraw(file, wanted | {"formats": [given]})
    content_type, ending = ENDINGS[written]
    check_room(len(drawn))
    name = Path(file.name or "picture").stem + ending
    return write(ContentFile(drawn), name, content_type, len(drawn))


def _check_size(file: UploadedFile[Any], limit_bytes: int) -> None:
    if not file.size:
        raise UploadRefused("This file is empty. Choose another one.")
    if file.size > limit_bytes:
        raise UploadRefused(f"This picture is larger than {in_words(limit_bytes)}. Choose a smaller one.")


def _why_not(file: UploadedFile[Any], formats: Sequence[str]) -> str:
    if looks_like_svg(file):
        return "SVG drawings can carry scripts, so they are not taken. Export it as PNG, twice as large as shown."
    *others, last = formats
    return f"This is not a picture that fits here. Choose a {', '.join(others) + ' or ' if others else ''}{last}."


def _check_pixels(file: UploadedFile[Any], kind: str, max_pixels: int) -> None:
    """Reads the header only, so that a bomb is refused before a byte of it is unpacked."""
    file.seek(0)
    try:
        with Image.open(file, formats=[kind]) as picture:
            width, height = picture.size
    except Image.DecompressionBombError:
        width = height = max_pixels
    except (OSError, ValueError, SyntaxError, EOFError, struct.error) as error:
        raise UploadRefused(UNREADABLE) from error
    finally:
        file.seek(0)
    if width * height > max_pixels:
        raise UploadRefused(
            f"This picture has more than {max_pixels // 1_000_000} million pixels. Make it smaller first."
        )


def draw_page(content: bytes, *, page: int, side: int = 1600) -> tuple[int, bytes]:
    """One page of a PDF, counted from 0, as a PNG; and how many pages it has.

    Raises:
        UploadRefused: it cannot be drawn.
    """
    pages, drawn = _run(leaf.__file__, {"page": page, "side": side}, content)
    return int(pages), drawn


def _redraw(file: IO[bytes] | Any, wanted: dict[str, Any]) -> tuple[str, bytes]:
    """Run redraw.py as a child. The whole file goes in (its size was checked), the new picture comes out."""
    try:
        return _run(redraw.__file__, wanted, file.read())
    finally:
        file.seek(0)


def _run(program: str, wanted: dict[str, Any], content: bytes) -> tuple[str, bytes]:
    try:
        child = subprocess.run(
            [sys.executable, "-I", program, json.dumps(wanted)],
            input=content,
            capture_output=True,
            timeout=PATIENCE_SECONDS,
            # Neither the database's address nor any key is in the child's environment.
            env={"PATH": os.defpath},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise UploadRefused(UNREADABLE) from error
    if child.returncode != 0:
        log.info("a picture was refused: %s", child.stderr[:300].decode(errors="replace"))
        raise UploadRefused(UNREADABLE)
    word, _, drawn = child.stdout.partition(b"\n")
    return word.decode(), drawn
