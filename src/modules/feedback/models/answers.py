"""How the agency answers: texts that it uses again, and what it promises."""

from typing import ClassVar

from django.db import models


class CannedReply(models.Model):
    """A text for answers that come up often, with places that are filled in."""

    name = models.CharField(max_length=80, unique=True)
    text = models.TextField(
        help_text="may hold {first_name}, {client}, {number}, {project}, {staff}, {agency}"
    )

    class Meta:
        verbose_name_plural = "canned replies"
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class FeedbackSettings(models.Model):
    """The one row of settings; without it, what stands here."""

    answer_hours = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        default=24,
        help_text="an answer is due so many hours after a message; empty: never",
    )
    asks_rating = models.BooleanField(default=True, help_text="ask the client once it is resolved")

    class Meta:
        verbose_name_plural = "feedback settings"
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(pk=1), name="one_row_of_feedback_settings")
        ]

    def __str__(self) -> str:
        return "feedback settings"

    @classmethod
    def load(cls) -> "FeedbackSettings":
        """The agency's row, or the usual values."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)
