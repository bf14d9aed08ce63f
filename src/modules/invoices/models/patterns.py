"""What an invoice will say before there is one: the content of a quote, or of a repeating invoice."""

from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from kit import clock
from modules.invoices.models.arithmetic import PricedLine, Sums, Tax, add_up
from modules.invoices.models.billing import TaxRate


class Pattern(models.Model):
    """Lines, discount and plan from which invoices are written. Once frozen it stays; a trigger refuses."""

    title = models.CharField(max_length=160)
    currency = models.CharField(max_length=3)
    discount_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    discount_minor = models.BigIntegerField(default=0, help_text="an amount off the whole")
    net_minor = models.BigIntegerField(default=0)
    tax_minor = models.BigIntegerField(default=0)
    gross_minor = models.BigIntegerField(default=0)
    notes = models.TextField(blank=True, max_length=4000)
    terms = models.TextField(blank=True, max_length=2000)
    reference = models.CharField(max_length=80, blank=True, help_text="the client's order number")
    days_to_pay = models.PositiveSmallIntegerField(default=14)
    deposit_percent = models.PositiveSmallIntegerField(default=0, help_text="of the plan; 0: no deposit")
    parts = models.PositiveSmallIntegerField(default=1, help_text="of the plan after the deposit")
    days_between = models.PositiveSmallIntegerField(default=30, help_text="of the plan")
    frozen_at = models.DateTimeField(null=True, blank=True, help_text="from now on it stays as it is")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(gross_minor__gte=0), name="pattern_is_not_negative"),
            models.CheckConstraint(
                condition=Q(gross_minor=F("net_minor") + F("tax_minor")), name="pattern_adds_up"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def has_plan(self) -> bool:
        """Whether it is paid in more than one part."""
        return bool(self.deposit_percent) or self.parts > 1

    def sums_of(self, lines: "Sequence[PatternLine]") -> Sums:
        """What these lines come to with the pattern's discounts."""
        return add_up(
            [line.priced for line in lines],
            discount_percent=Decimal(self.discount_percent),
            discount_minor=self.discount_minor,
        )


class PatternLine(models.Model):
    """A line as invoices have it."""

    pattern = models.ForeignKey(Pattern, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    description = models.CharField(max_length=500)
    quantity = models.DecimalField(max_digits=12, decimal_places=3, default=1)
    unit = models.CharField(max_length=20, blank=True, help_text="e.g. hours")
    unit_minor = models.BigIntegerField()
    discount_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    tax_name = models.CharField(max_length=80, blank=True)
    tax_percent = models.DecimalField(max_digits=6, decimal_places=3, default=0)
    tax_category = models.CharField(max_length=2, choices=TaxRate.Category.choices, default="E")
    tax_included = models.BooleanField(default=False, help_text="the price is gross")

    class Meta:
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["pattern", "position"], name="one_pattern_line_per_place"),
            models.CheckConstraint(
                condition=Q(discount_percent__range=(0, 100)), name="pattern_line_discount"
            ),
            models.CheckConstraint(condition=Q(tax_percent__range=(0, 100)), name="pattern_line_tax"),
        ]

    def __str__(self) -> str:
        return self.description

    @property
    def priced(self) -> PricedLine:
        """The line as arithmetic knows it."""
        tax = Tax(Decimal(self.tax_percent), self.tax_name, self.tax_category)
        return PricedLine(
            Decimal(self.quantity), self.unit_minor, tax, self.tax_included, Decimal(self.discount_percent)
        )
