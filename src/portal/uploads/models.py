"""A stored file."""

import uuid

from django.db import models

from kit import clock


class Upload(models.Model):
    """Bytes in the store. What may be seen is decided by the record that points here, never by this row."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=255, help_text="as the person called it; for downloads")
    content_type = models.CharField(max_length=100, help_text="found by looking inside, not as claimed")
    size = models.PositiveBigIntegerField(help_text="bytes")
    sha256 = models.CharField(max_length=64)
    storage_key = models.CharField(max_length=255, unique=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    def __str__(self) -> str:
        return self.name

    @property
    def is_image(self) -> bool:
        return self.content_type in {"image/png", "image/jpeg", "image/webp", "image/gif"}

    @property
    def is_pdf(self) -> bool:
        return self.content_type == "application/pdf"

    @property
    def is_video(self) -> bool:
        return self.content_type in {"video/mp4", "video/webm"}

    @property
    def is_audio(self) -> bool:
        return self.content_type.startswith("audio/")


class BigUpload(models.Model):
    """A file that goes to the bucket in parts, straight from the browser: begun, perhaps whole, perhaps taken up.

    Only who began it gets links for its parts. Once it is whole it has its Upload, which the record that the
    person then saves points at.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    whose = models.CharField(max_length=40, help_text="who began it, e.g. client-5")
    name = models.CharField(max_length=255)
    size = models.PositiveBigIntegerField(help_text="bytes, as announced; checked at the end")
    part_size = models.PositiveBigIntegerField(help_text="bytes of every part but the last")
    storage_key = models.CharField(max_length=255, unique=True)
    token = models.CharField(max_length=1024, help_text="the store's name of the upload in parts")
    # No pointer in the sense of orphans.py: a whole file that nobody took up goes like any other.
    upload = models.OneToOneField(Upload, null=True, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    def __str__(self) -> str:
        return self.name

    @property
    def parts(self) -> int:
        """How many parts it has, numbered from 1."""
        return -(-self.size // self.part_size)

    def length_of(self, number: int) -> int:
        """Bytes of one part."""
        return min(self.part_size, self.size - (number - 1) * self.part_size)
