"""Mails that arrived for a thread's address."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from kit import clock
from modules.feedback.models.entries import Entry
from modules.feedback.models.threads import Thread
from portal.people.models import Client, Staff


class IncomingMailQuerySet(models.QuerySet["IncomingMail"]):
    def held(self) -> "IncomingMailQuerySet":
        """Those that staff have to decide about."""
        return self.filter(state=IncomingMail.State.HELD)


class IncomingMail(models.Model):
    """One mail to the address of a thread and a person, and what became of it.

    It is kept as it came until it is taken, discarded, or nothing more can become of it.
    """

    class State(models.TextChoices):
        RECEIVED = "received", "Not read yet"
        TAKEN = "taken", "Taken"
        HELD = "held", "Held back"
        DISCARDED = "discarded", "Discarded"
        REFUSED = "refused", "Refused"
        IGNORED = "ignored", "Ignored"

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="incoming")
    client = models.ForeignKey(
        Client, null=True, on_delete=models.CASCADE, related_name="+", help_text="whose address it came to"
    )
    staff = models.ForeignKey(
        Staff, null=True, on_delete=models.CASCADE, related_name="+", help_text="whose address it came to"
    )
    raw = models.BinaryField(blank=True, help_text="empty once it is settled")
    envelope = models.CharField(
        max_length=320, blank=True, help_text="sender of the envelope; empty: a report"
    )
    message_id = models.CharField(max_length=255, blank=True, help_text="its own, or the hash of its bytes")
    sender = models.CharField(max_length=254, blank=True, help_text="as the mail claims; nothing proves it")
    subject = models.CharField(max_length=255, blank=True)
    excerpt = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    reason = models.CharField(max_length=200, blank=True, help_text="why it was not taken, in words")
    attempts = models.PositiveSmallIntegerField(default=0)
    entry = models.ForeignKey(Entry, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    decided_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = IncomingMailQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["thread", "message_id"],
                condition=Q(state__in=["taken", "held"]) & ~Q(message_id=""),
                name="feedback_mail_once",
            ),
            models.CheckConstraint(
                condition=Q(client__isnull=True) ^ Q(staff__isnull=True), name="feedback_mail_of_one_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sender or self.envelope}: {self.subject}"

    @property
    def person(self) -> Client | Staff:
        """To whose address it came: the one who was written to."""
        person = self.client or self.staff
        assert person is not None, "the constraint of_one_person holds"
        return person
