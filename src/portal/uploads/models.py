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
