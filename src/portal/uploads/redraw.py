"""Draws a picture anew, in a process of its own with limits: a program, started by images.py.

Reads the picture from standard input, writes the new one to standard output. Refusals go to standard
error with exit status 3. Imports nothing of the product: whatever a hostile picture does, it does it
here, without the database's address in reach.
"""

import io
import json
import resource
import sys
from typing import Any

REFUSED = 3
MEMORY_BYTES = 1536 * 1024**2
SECONDS = 15
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")


def limit_this_process() -> None:
    """No more memory and time than any honest picture needs, and no file that grows."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def redraw(
    source: Any, *, max_pixels: int, max_side: int, formats: list[str], square: bool, kind: str
) -> tuple[str, bytes]:
    """The first frame, upright, at most `max_side` on its longer side, without any of its metadata.

    Args:
        square: cut to the square in its middle.
        kind: the format that is written; empty: the one that was read (PNG for a GIF).

    Raises:
        ValueError: too many pixels, or a format that is not among `formats`.
    """
    from PIL import Image, ImageOps

    with Image.open(source, formats=formats) as picture:
        width, height = picture.size
        if width * height > max_pixels:
            raise ValueError(f"{width} × {height}")
        kind = kind or {"GIF": "PNG"}.get(picture.format or "", picture.format or "")
        # A JPEG can be decoded at a fraction of its size, for a fraction of the memory.
        picture.draft("RGB", (max_side * 2, max_side * 2))
        picture.load()
        upright = ImageOps.exif_transpose(picture)
    mode = "RGBA" if kind != "JPEG" and _has_transparency(upright) else "RGB"
    small = upright.convert("L" if upright.mode.startswith("I") else mode).convert(mode)
    if square:
        edge = min(max_side, *small.size)
        small = ImageOps.fit(small, (edge, edge), Image.Resampling.LANCZOS)
    else:
        small.thumbnail((max_side, max_side), Image.Resampling.LANCZOS)
    # Pasted onto an empty picture: nothing of the source but its pixels comes along.
    clean = Image.new(mode, small.size)
    clean.paste(small)
    target = io.BytesIO()
    options: dict[str, Any] = {"JPEG": {"quality": 88, "optimize": True, "progressive": True}}
    options |= {"PNG": {"optimize": True}, "WEBP": {"quality": 90, "method": 4}}
    clean.save(target, kind, **options[kind])
    return kind, target.getvalue()


def _has_transparency(picture: Any) -> bool:
    return "A" in picture.getbands() or "transparency" in picture.info


def main() -> int:
    """Entry point; the one argument is JSON: the keyword arguments of redraw()."""
    wanted = json.loads(sys.argv[1])
    limit_this_process()
    try:
        kind, drawn = redraw(io.BytesIO(sys.stdin.buffer.read()), **wanted)
    except Exception as error:
        # A broken picture makes a decoder raise almost anything; each means the same to the person.
        sys.stderr.write(f"{type(error).__name__}: {error}")
        return REFUSED
    sys.stdout.buffer.write(f"{kind}\n".encode() + drawn)
    return 0


if __name__ == "__main__":
    sys.exit(main())
