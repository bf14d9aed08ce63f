"""What an agency made of its mails: every version of their words, and how long new items wait for one another."""

from typing import ClassVar

from django.db import models

from kit import clock
from portal.people.models import Staff

WINDOW_MINUTES = 0


class WordingQuerySet(models.QuerySet["Wording"]):
    def newest(self) -> "WordingQuerySet":
        """Of each mail and language the version that counts."""
        return self.order_by("email", "language", "-pk").distinct("email", "language")


class Wording(models.Model):
    """One version of the words of one mail in one language. The newest counts; none is ever changed.

    A version that `is_default` says that the mail was put back to the words it came with; its own words are
    empty then.
    """

    email = models.CharField(max_length=80, help_text="key of the declared mail")
    language = models.CharField(max_length=12)
    subject = models.CharField(max_length=200, blank=True)
    before = models.CharField(
        max_length=300, blank=True, help_text="what mail programs show beside the subject"
    )
    body = models.TextField(max_length=10_000, blank=True)
    foot = models.CharField(max_length=300, blank=True)
    is_default = models.BooleanField(default=False)
    by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=clock.now, editable=False)

    objects = WordingQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["email", "language", "-id"], name="newest_wording")]

    def __str__(self) -> str:
        return f"{self.email} ({self.language})"


class Gathering(models.Model):
    """For how long new items wait for one another before one mail tells of all. One row; none: a few seconds."""

    minutes = models.PositiveSmallIntegerField(default=WINDOW_MINUTES, help_text="0: a few seconds")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(pk=1), name="one_row_of_gathering")
        ]

    def __str__(self) -> str:
        return f"{self.minutes} minutes"
