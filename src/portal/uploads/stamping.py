"""Draws a stamp over every page of a PDF, or over a picture, in a process of its own: a program, started by marks.py.

Reads the stamp (a PDF of one square page) and then the file from standard input. The one argument is JSON:
{"stamp": bytes of the stamp, "kind": "PDF" | "PNG" | "JPEG" | "WEBP", "pages": most, "pixels": most, "side": fewest
pixels, "seconds": of computing, "proof": whether to look if the stamps are seen}. Writes the marked file to standard
output; a word that says why not goes to standard error with exit status 3. Imports nothing of the product.
"""

import io
import json
import resource
import sys
from typing import Any

REFUSED = 3
MEMORY_BYTES = 1536 * 1024**2
# On a page or picture whose shorter side is longer than this there are two stamps side by side, else one.
TWO_FROM_POINTS, TWO_FROM_PIXELS = 240, 480
MOST_IN_A_ROW = 12
# A PNG of more pixels is packed loosely: packing well would take longer than anybody waits.
LARGE_PIXELS = 8_000_000
# How large a page is drawn to look whether its stamps are seen, and how much darker or lighter they have to be.
PROOF_SIDE, PROOF_SHADES = 500, 5


class Unfit(Exception):
    """This file cannot bear a stamp; the one argument is the reason."""


def limit_this_process(seconds: int) -> None:
    """No more memory and time than any honest file needs, and no file that grows."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def places(width: float, height: float, two_from: float) -> tuple[float, list[tuple[float, float]]]:
    """The side of a stamp, and where the lower left corners of all of them are: side by side, in the middle."""
    shorter, longer = sorted((width, height))
    side = max(shorter / (2 if shorter >= two_from else 1), longer / MOST_IN_A_ROW)
    across, up = (max(1, -int(-length // side)) for length in (width, height))
    left, low = (width - across * side) / 2, (height - up * side) / 2
    return side, [(left + x * side, low + y * side) for x in range(across) for y in range(up)]


class Sheets:
    """Sheets full of stamps for the pages of one PDF, one per size of page."""

    def __init__(self, document: Any, stamp: bytes) -> None:
        import pypdfium2

        self._document, self._stamp = document, pypdfium2.PdfDocument(stamp)
        self._made: dict[tuple[int, int], Any] = {}

    def put_on(self, page: Any) -> None:
        """Upright as the page is shown, whatever its boxes and its rotation are; over all that it draws."""
        from pypdfium2 import PdfMatrix

        left, low, right, top = page.get_bbox()
        size, turn = (max(1, round(right - left)), max(1, round(top - low))), page.get_rotation()
        width, height = size if turn % 180 == 0 else size[::-1]
        if (width, height) not in self._made:
            self._made[width, height] = self._sheet(width, height)
        drawn = self._made[width, height].as_pageobject()
        centred = PdfMatrix().translate(-width / 2, -height / 2).rotate(turn, ccw=True)
        drawn.transform(centred.translate((left + right) / 2, (low + top) / 2))
        page.insert_obj(drawn)
        page.gen_content()

    def _sheet(self, width: int, height: int) -> Any:
        import pypdfium2

        sheet = pypdfium2.PdfDocument.new()
        page, stamp = sheet.new_page(width, height), self._stamp.page_as_xobject(0, sheet)
        side, corners = places(width, height, TWO_FROM_POINTS)
        scale = side / self._stamp[0].get_width()
        for x, y in corners:
            one = stamp.as_pageobject()
            one.transform(pypdfium2.PdfMatrix().scale(scale, scale).translate(x, y))
            page.insert_obj(one)
        page.gen_content()
        return sheet.page_as_xobject(0, self._document)


def stamp_pdf(content: bytes, stamp: bytes, *, pages: int) -> bytes:
    """The PDF with stamps over every page, written anew: nothing of what was below can be taken off by undoing.

    Raises:
        Unfit: it is locked, signed, a form that draws itself, carries files, or has too many pages.
    """
    import pypdfium2
    from pypdfium2 import raw

    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        raise Unfit("locked" if error.err_code == raw.FPDF_ERR_PASSWORD else "broken") from error
    if raw.FPDF_GetSecurityHandlerRevision(document) != -1:
        raise Unfit("locked")
    if raw.FPDF_GetSignatureCount(document) > 0:
        raise Unfit("signed")
    if document.get_formtype() in (raw.FORMTYPE_XFA_FULL, raw.FORMTYPE_XFA_FOREGROUND):
        raise Unfit("drawn by a program")
    if document.count_attachments():
        raise Unfit("attached")
    if not 0 < len(document) <= pages:
        raise Unfit("pages" if len(document) else "broken")
    sheets = Sheets(document, stamp)
    for number in range(len(document)):
        page = document[number]
        sheets.put_on(page)
        page.close()
    target = io.BytesIO()
    document.save(target, flags=raw.FPDF_NO_INCREMENTAL)
    return target.getvalue()


def prove(content: bytes, marked: bytes) -> None:
    """That every stamp is seen on every page. A page may leave a window open through which alone its end is seen.

    Raises:
        Unfit: one is not.
    """
    import pypdfium2
    from PIL import ImageChops

    before, after = pypdfium2.PdfDocument(content), pypdfium2.PdfDocument(marked)
    for number in range(len(before)):
        width, height = before[number].get_size()
        scale = PROOF_SIDE / max(1.0, width, height)
        drawn = [one[number].render(scale=scale, grayscale=True).to_pil() for one in (before, after)]
        changed = ImageChops.difference(*drawn).point(lambda value: 255 * (value > PROOF_SHADES))
        side, corners = places(changed.width, changed.height, TWO_FROM_POINTS * scale)
        boxes = [(max(0, int(x)), max(0, int(y)), int(x + side), int(y + side)) for x, y in corners]
        if not all(changed.crop(box).getbbox() for box in boxes):
            raise Unfit("hidden")


def stamp_picture(content: bytes, stamp: bytes, *, kind: str, pixels: int, side: int) -> bytes:
    """The picture upright, as large as it was, with stamps all over and without its metadata but its colours.

    Raises:
        Unfit: it moves, or is too large or too small.
    """
    from PIL import Image, ImageOps

    with Image.open(io.BytesIO(content), formats=[kind]) as picture:
        if picture.width * picture.height > pixels:
            raise Unfit("pixels")
        if min(picture.size) < side:
            raise Unfit("small")
        if kind != "JPEG" and getattr(picture, "is_animated", False):
            raise Unfit("moving")
        profile = picture.info.get("icc_profile") if picture.mode != "CMYK" else None
        picture.load()
        upright = ImageOps.exif_transpose(picture)
    has_holes = kind != "JPEG" and ("A" in upright.getbands() or "transparency" in upright.info)
    mode = "RGBA" if has_holes else "RGB"
    # Sixteen bits of grey are cut to eight; Pillow would only clip them.
    grey = (
        upright.point(lambda value: value / 256).convert("L") if upright.mode.startswith("I;16") else upright
    )
    # A new picture: nothing of the source but its pixels comes along.
    clean = Image.new(mode, grey.size)
    clean.paste(grey.convert(mode))
    _draw_over(clean, stamp)
    target = io.BytesIO()
    clean.save(target, kind, icc_profile=profile, **_options(kind, clean))
    return target.getvalue()


def _draw_over(picture: Any, stamp: bytes) -> None:
    import pypdfium2

    side, corners = places(picture.width, picture.height, TWO_FROM_PIXELS)
    page = pypdfium2.PdfDocument(stamp)[0]
    drawn = page.render(scale=side / page.get_width(), fill_color=(0, 0, 0, 0), rev_byteorder=True).to_pil()
    for x, y in corners:
        # What lies outside the picture is cut off first: Pillow places nothing there.
        place = (max(0, int(x)), max(0, int(y)))
        seen = drawn.crop((place[0] - int(x), place[1] - int(y), *drawn.size))
        if picture.mode == "RGBA":
            picture.alpha_composite(seen, place)
        else:
            picture.paste(seen, place, seen)


def _options(kind: str, picture: Any) -> dict[str, Any]:
    if kind == "PNG":
        return {"compress_level": 1 if picture.width * picture.height > LARGE_PIXELS else 6}
    return {"quality": 92, "subsampling": 0} if kind == "JPEG" else {"quality": 90, "method": 1}


def main() -> int:
    """Entry point."""
    wanted = json.loads(sys.argv[1])
    limit_this_process(wanted["seconds"])
    stamp, content = sys.stdin.buffer.read(wanted["stamp"]), sys.stdin.buffer.read()
    try:
        if wanted["kind"] == "PDF":
            marked = stamp_pdf(content, stamp, pages=wanted["pages"])
            if wanted["proof"]:
                prove(content, marked)
        else:
            sizes = {name: wanted[name] for name in ("kind", "pixels", "side")}
            marked = stamp_picture(content, stamp, **sizes)
    except Unfit as unfit:
        sys.stderr.write(str(unfit))
        return REFUSED
    except MemoryError:
        sys.stderr.write("slow")
        return REFUSED
    except Exception as error:
        # A broken file makes a decoder raise almost anything; each means the same to the person.
        sys.stderr.write(f"broken: {type(error).__name__}: {error}")
        return REFUSED
    sys.stdout.buffer.write(marked)
    return 0


if __name__ == "__main__":
    sys.exit(main())
