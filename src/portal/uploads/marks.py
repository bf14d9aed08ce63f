"""A stamp over every page of a PDF or over a picture: asked for here, drawn by stamping.py in a process of its own."""

import json
import logging
import os
import subprocess
import sys

from django.core.files.storage import default_storage

from portal.uploads import stamping
from portal.uploads.images import LIMIT_BYTES, MAX_PIXELS
from portal.uploads.models import Upload
from portal.uploads.rules import StoreAway, UploadRefused, in_words

KINDS = {"application/pdf": "PDF", "image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP"}
LARGEST_PDF = 25 * 1024**2
MOST_PAGES = 100
SMALLEST_SIDE = 200
# Of computing. What took no longer when it was tried is done in time on a busier day, too.
TRIED_SECONDS, SECONDS = 6, 15
PATIENCE_SECONDS = 30
KINDS_IN_WORDS = "PDF, JPEG, PNG and WebP"
_BROKEN = "It cannot be read. Save it again and try once more."
WORDS = {
    "locked": "It is locked with a password. Save it without one first.",
    "signed": "It is signed digitally, and a name drawn over it would break the signature.",
    "attached": "It carries other files inside, which would go out without the name. Save it without them first.",
    "drawn by a program": "It is a form that draws itself. Print it to a new PDF first.",
    "hidden": "It is built so that nothing can be drawn over its pages. Print it to a new PDF first.",
    "pages": f"It has more than {MOST_PAGES} pages. Divide it first.",
    "pixels": f"It has more than {MAX_PIXELS // 1_000_000} million pixels. Make it smaller first.",
    "small": f"It is too small for a name that can be read: {SMALLEST_SIDE} pixels a side are needed.",
    "moving": "It is a moving picture. Choose a still one.",
    "slow": "It is too much to draw a name over it each time. Make it smaller first.",
}
log = logging.getLogger(__name__)


class Unmarkable(UploadRefused):
    """A stamp cannot be drawn over this file; the words say why and what to do."""


def try_mark(upload: Upload, stamp: bytes) -> None:
    """See that this file can bear a stamp: by drawing one, and looking whether it is seen.

    Raises:
        Unmarkable: another kind, too large, locked, signed, broken, or it would take too long.
        StoreAway: the store does not answer.
    """
    if upload.content_type not in KINDS:
        raise Unmarkable(f"It is of another kind than {KINDS_IN_WORDS}.")
    largest = LARGEST_PDF if upload.is_pdf else LIMIT_BYTES
    if upload.size > largest:
        raise Unmarkable(f"It is larger than {in_words(largest)}. Make it smaller first.")
    _stamped(upload, stamp, side=SMALLEST_SIDE, seconds=TRIED_SECONDS, proof=True)


def marked(upload: Upload, stamp: bytes) -> bytes:
    """The file with the stamp over every page, of the same kind; a picture upright and as large as it was.

    Raises:
        Unmarkable: it cannot be drawn.
        StoreAway: the store does not answer.
    """
    return _stamped(upload, stamp, side=1, seconds=SECONDS, proof=False)


def _stamped(upload: Upload, stamp: bytes, *, side: int, seconds: int, proof: bool) -> bytes:
    wanted = {"stamp": len(stamp), "kind": KINDS.get(upload.content_type), "seconds": seconds, "proof": proof}
    wanted |= {"pages": MOST_PAGES, "pixels": MAX_PIXELS, "side": side}
    content = _content(upload)
    try:
        child = subprocess.run(
            [sys.executable, "-I", stamping.__file__, json.dumps(wanted)],
            input=stamp + content,
            capture_output=True,
            timeout=PATIENCE_SECONDS,
            # Neither the database's address nor any key is in the child's environment.
            env={"PATH": os.defpath},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Unmarkable(WORDS["slow"]) from error
    if child.returncode == 0:
        return child.stdout
    reason = child.stderr[:300].decode(errors="replace")
    log.info("a stamp was refused (%s): %s", child.returncode, reason)
    # Below nought: the system ended it, for the limits it had set itself.
    raise Unmarkable(WORDS["slow"] if child.returncode < 0 else WORDS.get(reason, _BROKEN))


def _content(upload: Upload) -> bytes:
    try:
        with default_storage.open(upload.storage_key) as file:
            return bytes(file.read())
    except Exception as error:
        # Bytes gone, bucket gone, network: each store raises its own kind, and the person can only try again.
        log.exception("the file store does not give %s", upload.storage_key)
        raise StoreAway("The file could not be read just now. Please try again in a minute.") from error
