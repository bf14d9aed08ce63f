"""What may be stored, in the words that the person reads when it may not."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from kit.refused import Refused

IMAGES = ("image/png", "image/jpeg", "image/webp", "image/gif")
VIDEO = ("video/mp4", "video/webm")
AUDIO = ("audio/mpeg", "audio/mp4", "audio/ogg", "audio/flac", "audio/wav")
# Shown in the browser; everything else is only ever downloaded.
VIEWABLE = (*IMAGES, "application/pdf", *VIDEO, *AUDIO)


class UploadRefused(Refused):
    """The file may not be stored."""

    words = "This file cannot be stored."


class StoreAway(UploadRefused):
    """The store does not answer just now: the same file may be taken later."""


class NoRoom(UploadRefused):
    """The agency's plan has no storage left for this file."""


@dataclass(frozen=True)
class UploadRule:
    """What a field accepts. `types` empty: any type (served as an attachment only)."""

    types: Sequence[str] = ()
    limit_bytes: int = 0
    words: str = ""

    @property
    def limit(self) -> int:
        """Bytes that one file may have."""
        return self.limit_bytes or int(settings.UPLOAD_LIMIT_BYTES)


def in_words(size: int) -> str:
    """A number of bytes as people read it: 940 KB, 2.5 MB, 10 GB."""
    for unit, exponent in (("TB", 4), ("GB", 3), ("MB", 2)):
        amount = size / 1024**exponent
        if amount >= 1:
            return f"{amount:.1f}".removesuffix(".0") + f" {unit}"
    return f"{-(-size // 1024)} KB"
