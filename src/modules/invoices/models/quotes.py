"""The quote, its versions, and what the client answered."""

from datetime import date
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from kit import clock
from modules.invoices.models.invoices import Invoice
from modules.invoices.models.patterns import Pattern
from portal.agency import current_agency
from portal.people.models import Client, Right, Staff
from portal.people.owned import OwnedQuerySet, OwnedRecord


class QuoteState(models.TextChoices):
    """Drafts are the agency's alone. That one is expired is derived from the day, see `Quote.is_expired`."""

    DRAFT = "draft", "Draft"
    SENT = "sent", "Waiting for an answer"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"
    REPLACED = "replaced", "Replaced by a newer version"


class OnAcceptance(models.TextChoices):
    """What becomes of a quote that is accepted."""

    DRAFT = "draft", "Write a draft|You look at it and send it."
    ISSUE = "issue", "Send the invoice at once|Your client can pay it right away."


class QuoteQuerySet(OwnedQuerySet):
    needs = (Right.VIEW_MONEY,)
    moment = "sent_at"

    def visible_to(self, client: Client) -> Self:
        """Sent ones: the client's own, and those of companies for which it may see money."""
        return super().visible_to(client).exclude(state=QuoteState.DRAFT)

    def answerable_by(self, client: Client) -> Self:
        """Of those, what this client may accept or decline: who may pay may commit to paying."""
        return super().visible_with(client, Right.PAY).exclude(state=QuoteState.DRAFT)

    def waiting(self, today: date | None = None) -> "QuoteQuerySet":
        """Sent, not answered, and still holding."""
        return self.filter(state=QuoteState.SENT, valid_until__gte=today or current_agency().today())

    def expired(self, today: date | None = None) -> "QuoteQuerySet":
        """Sent, not answered, and its day is over."""
        return self.filter(state=QuoteState.SENT, valid_until__lt=today or current_agency().today())


class Quote(OwnedRecord):
    """What something would cost. Sent it never changes; a change is a new version under the same number."""

    pattern = models.OneToOneField(Pattern, on_delete=models.PROTECT, related_name="quote")
    state = models.CharField(max_length=9, choices=QuoteState.choices, default=QuoteState.DRAFT)
    # Null rather than "": what is there must be unique together with the version.
    number = models.CharField(max_length=40, null=True, help_text="given when it is sent")  # noqa: DJ001
    version = models.PositiveSmallIntegerField(default=1)
    replaces = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="newer"
    )
    valid_until = models.DateField(help_text="the last day, agency's calendar")
    on_acceptance = models.CharField(max_length=5, choices=OnAcceptance.choices, default=OnAcceptance.DRAFT)
    sent_on = models.DateField(null=True, blank=True, help_text="agency's calendar")
    sent_at = models.DateTimeField(null=True, blank=True)
    seller = models.JSONField(default=dict, help_text="as it was when it was sent")
    buyer = models.JSONField(default=dict, help_text="as it was when it was sent")
    viewed_at = models.DateTimeField(null=True, blank=True, help_text="first opened by a client")
    # One quote gives at most one invoice: the constraint holds what the lock on this row promises.
    invoice = models.OneToOneField(
        Invoice, null=True, blank=True, on_delete=models.SET_NULL, related_name="quote"
    )
    made_by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = QuoteQuerySet.as_manager()

    class Meta(OwnedRecord.Meta):
        constraints: ClassVar = [
            *OwnedRecord.Meta.constraints,
            models.UniqueConstraint(fields=["number", "version"], name="one_quote_per_number_and_version"),
            models.UniqueConstraint(
                fields=["number"], condition=Q(state__in=["sent", "accepted"]), name="one_standing_version"
            ),
            models.CheckConstraint(
                condition=Q(state="draft", number__isnull=True, sent_at__isnull=True)
                | (~Q(state="draft") & Q(number__isnull=False, sent_at__isnull=False)),
                name="sent_means_numbered",
            ),
            models.CheckConstraint(
                condition=Q(invoice__isnull=True) | Q(state="accepted"), name="only_accepted_has_an_invoice"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["company", "-id"], name="quote_of_company"),
            models.Index(fields=["client", "-id"], name="quote_of_client"),
        ]

    def __str__(self) -> str:
        return self.shown_number or f"draft quote “{self.pattern.title}”"

    @property
    def shown_number(self) -> str:
        """Its number as people read it; from the second version on with the version."""
        if self.number is None:
            return ""
        return self.number if self.version == 1 else f"{self.number}/{self.version}"

    @property
    def is_sent(self) -> bool:
        return self.number is not None

    @property
    def is_expired(self) -> bool:
        """Derived from today in the agency's zone; no row changes at midnight."""
        return self.state == QuoteState.SENT and self.valid_until < current_agency().today()

    @property
    def is_waiting(self) -> bool:
        """Whether the client may answer it now."""
        return self.state == QuoteState.SENT and not self.is_expired


class QuoteAnswer(models.Model):
    """That a client accepted or declined: who, under which name, when, from where. Append-only."""

    class Verdict(models.TextChoices):
        ACCEPTED = "accepted", "Accepted"
        DECLINED = "declined", "Declined"

    quote = models.OneToOneField(Quote, on_delete=models.PROTECT, related_name="answer")
    verdict = models.CharField(max_length=8, choices=Verdict.choices)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120, help_text="as the client typed it")
    reason = models.CharField(max_length=500, blank=True)
    address = models.GenericIPAddressField(null=True, blank=True, help_text="from which it came")
    browser = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    def __str__(self) -> str:
        return f"{self.get_verdict_display()} by {self.name}"
