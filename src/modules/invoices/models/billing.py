"""Who bills and who is billed, tax rates, and numbers."""

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import connection, models

from kit import clock
from portal.people.owned import OwnedRecord


class Policy(models.TextChoices):
    """What the agency wants of automatic payment."""

    OFF = "off", "Not offered"
    OPT_IN = "opt_in", "Clients may switch it on"
    OPT_OUT = "opt_out", "On, clients may leave it out"
    REQUIRED = "required", "Always on"


class InvoiceSettings(models.Model):
    """One row: what stands on every invoice of the agency, and how it asks for its money."""

    seller_name = models.CharField(max_length=160, blank=True)
    seller_address = models.TextField(blank=True, max_length=600)
    seller_country = models.CharField(max_length=2, blank=True, help_text="ISO 3166-1")
    seller_tax_id = models.CharField(max_length=40, blank=True)
    seller_email = models.EmailField(max_length=254, blank=True)
    days_to_pay = models.PositiveSmallIntegerField(default=14)
    terms = models.TextField(blank=True, max_length=2000)
    remind_days_before = models.PositiveSmallIntegerField(null=True, blank=True, default=3)
    remind_days_after = models.CharField(max_length=60, default="1, 7, 14", blank=True)
    late_fee_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    late_fee_minor = models.BigIntegerField(default=0, help_text="flat, in the currency of new invoices")
    late_fee_most_minor = models.BigIntegerField(default=0, help_text="of the percentage; 0: no cap")
    late_fee_after_days = models.PositiveSmallIntegerField(default=14)
    autopay = models.CharField(max_length=8, choices=Policy.choices, default=Policy.OPT_IN)
    notice_days = models.PositiveSmallIntegerField(default=3, help_text="from the notice to the charge")
    retry_after = models.CharField(
        max_length=60, default="1, 3, 5", blank=True, help_text="days after a refusal"
    )
    plan_parts = models.PositiveSmallIntegerField(default=0, help_text="that a client may choose; 0: none")
    plan_first_percent = models.PositiveSmallIntegerField(default=20, help_text="of the first part, at least")
    plan_days = models.PositiveSmallIntegerField(default=30, help_text="between two parts")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(pk=1), name="one_row_of_invoice_settings")
        ]

    def __str__(self) -> str:
        return "invoice settings"

    @classmethod
    def load(cls) -> "InvoiceSettings":
        """The row, or its defaults as long as nobody has saved any."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    @property
    def is_complete(self) -> bool:
        """Whether an invoice may leave: the law wants to know who wrote it."""
        return bool(self.seller_name and self.seller_address and self.seller_country)

    @property
    def days_after(self) -> list[int]:
        """Days after the due date on which to remind, rising."""
        return sorted({int(part) for part in self.remind_days_after.split(",") if part.strip()})

    @property
    def retry_days(self) -> list[int]:
        """Days to wait after the first, second … refusal of an automatic payment; after the last it ends."""
        return [int(part) for part in self.retry_after.split(",") if part.strip()]


class BillingDetails(OwnedRecord):
    """How a company or lone client is named on invoices; without a row, by its name alone."""

    name = models.CharField(max_length=160, blank=True)
    address = models.TextField(blank=True, max_length=600)
    country = models.CharField(max_length=2, blank=True)
    tax_id = models.CharField(max_length=40, blank=True)
    reminders_muted = models.BooleanField(default=False, help_text="no automatic reminder of any invoice")

    class Meta(OwnedRecord.Meta):
        constraints: ClassVar = [
            *OwnedRecord.Meta.constraints,
            models.UniqueConstraint(fields=["company"], name="one_billing_per_company"),
            models.UniqueConstraint(fields=["client"], name="one_billing_per_client"),
        ]

    def __str__(self) -> str:
        return self.name or str(self.owner)


class TaxRate(models.Model):
    """A rate that lines choose from. Lines copy it, so changing one changes no invoice that is written."""

    class Category(models.TextChoices):
        STANDARD = "S", "Taxed"
        ZERO = "Z", "Zero rate"
        EXEMPT = "E", "No tax: the name is the reason"
        REVERSE = "AE", "Reverse charge: the client pays the tax"
        EXPORT = "G", "Export"

    name = models.CharField(max_length=80)
    percent = models.DecimalField(
        max_digits=6, decimal_places=3, validators=[MinValueValidator(0), MaxValueValidator(100)]
    )
    category = models.CharField(max_length=2, choices=Category.choices, default=Category.STANDARD)
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering: ClassVar = ["-is_default", "-percent", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["is_default"], condition=models.Q(is_default=True), name="one_default_tax_rate"
            ),
            models.CheckConstraint(
                condition=models.Q(category="S", percent__gt=0)
                | (~models.Q(category="S") & models.Q(percent=0)),
                name="only_taxed_has_a_percentage",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.percent.normalize():f} %" if self.percent else self.name


class Series(models.Model):
    """A run of numbers. `{year}` in the prefix begins again at 1 each year, by the agency's calendar."""

    class Kind(models.TextChoices):
        INVOICE = "invoice", "Invoices"
        CREDIT_NOTE = "credit_note", "Credit notes"
        QUOTE = "quote", "Quotes"

    PREFIXES: ClassVar = {Kind.INVOICE: "{year}-", Kind.CREDIT_NOTE: "CN-{year}-", Kind.QUOTE: "Q-{year}-"}

    kind = models.CharField(max_length=12, choices=Kind.choices, unique=True)
    prefix = models.CharField(max_length=20)
    digits = models.PositiveSmallIntegerField(default=4)

    def __str__(self) -> str:
        return self.prefix

    @classmethod
    def of(cls, kind: Kind) -> "Series":
        """The series of a kind, made on first use."""
        return cls.objects.get_or_create(kind=kind, defaults={"prefix": cls.PREFIXES[kind]})[0]

    def take(self, year: int) -> tuple[int, str]:
        """The next number, inside the transaction that uses it.

        The counter's row stays locked until that ends: whoever rolls back gives the number back to the next
        in line, which a Postgres sequence would not.
        """
        prefix = self.prefix.replace("{year}", str(year))
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO invoices_counter (series_id, prefix, last) VALUES (%s, %s, 1)"
                " ON CONFLICT (series_id, prefix) DO UPDATE SET last = invoices_counter.last + 1 RETURNING last",
                [self.pk, prefix],
            )
            (number,) = cursor.fetchone()
        return number, f"{prefix}{number:0{self.digits}d}"


class Counter(models.Model):
    """How far a series has come under one prefix."""

    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="counters")
    prefix = models.CharField(max_length=24)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["series", "prefix"], name="one_counter_per_prefix")
        ]

    def __str__(self) -> str:
        return f"{self.prefix}{self.last}"
