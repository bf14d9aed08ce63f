"""Draws one page of a PDF as a picture, in a process of its own with limits: a program, started by images.py.

Reads the PDF from standard input; the one argument is JSON: {"page": 0, "side": 1600}. Writes the number of pages,
a line's end, and a PNG to standard output. Refusals go to standard error with exit status 3. Imports nothing of
the product.
"""

import io
import json
import resource
import sys

REFUSED = 3
MEMORY_BYTES = 1536 * 1024**2
SECONDS = 15


def limit_this_process() -> None:
    """No more memory and time than any honest page needs, and no file that grows."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def draw(content: bytes, *, page: int, side: int) -> tuple[int, bytes]:
    """How many pages there are, and this one as a PNG of at most `side` points on its longer side."""
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    leaf = document[page]
    scale = min(4.0, side / max(1.0, *leaf.get_size()))
    target = io.BytesIO()
    leaf.render(scale=scale).to_pil().convert("RGB").save(target, "PNG")
    return len(document), target.getvalue()


def main() -> int:
    """Entry point."""
    wanted = json.loads(sys.argv[1])
    limit_this_process()
    try:
        pages, drawn = draw(sys.stdin.buffer.read(), **wanted)
    except Exception as error:
        # A broken PDF makes a parser raise almost anything; each means the same to the person.
        sys.stderr.write(f"{type(error).__name__}: {error}")
        return REFUSED
    sys.stdout.buffer.write(f"{pages}\n".encode() + drawn)
    return 0


if __name__ == "__main__":
    sys.exit(main())
