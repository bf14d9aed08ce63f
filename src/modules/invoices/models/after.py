"""What follows an invoice: credit notes, "I have paid", reminders, and the sums of each month."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from kit import clock
from modules.invoices.models.invoices import Invoice
from portal.people.models import Client, Staff
from portal.uploads.models import Upload


class CreditNote(models.Model):
    """Takes back all or part of an invoice, under a number of its own. Append-only."""

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="credit_notes")
    number = models.CharField(max_length=40, unique=True)
    reason = models.CharField(max_length=200)
    issued_on = models.DateField()
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    gross_minor = models.BigIntegerField()
    taxes = models.JSONField(help_text="by rate: percent, name, category, base_minor, tax_minor")
    buyer = models.JSONField(default=dict)
    seller = models.JSONField(default=dict)
    made_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(gross_minor__gt=0, gross_minor=F("net_minor") + F("tax_minor")),
                name="credit_note_adds_up",
            )
        ]

    def __str__(self) -> str:
        return self.number


class TransferReport(models.Model):
    """That a client says "I have paid", and what staff made of it. Only a confirmed one is money."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting for confirmation"
        CONFIRMED = "confirmed", "Confirmed"
        REFUSED = "refused", "Not found"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="transfer_reports")
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    minor = models.BigIntegerField()
    paid_on = models.DateField()
    note = models.CharField(max_length=300, blank=True)
    proof = models.ForeignKey(Upload, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    answered_by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(minor__gt=0), name="transfer_report_is_something"),
            models.UniqueConstraint(
                fields=["invoice", "client"], condition=Q(state="waiting"), name="one_open_report_each"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.client} on {self.invoice}"


class Reminder(models.Model):
    """That clients were reminded of a day: one row for each day and distance, so nobody hears it twice."""

    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="reminders")
    due_on = models.DateField()
    days_after = models.SmallIntegerField(help_text="negative: before")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["invoice", "due_on", "days_after"], name="invoice_reminded_once")
        ]

    def __str__(self) -> str:
        return f"{self.invoice}, {self.days_after} days after {self.due_on}"
