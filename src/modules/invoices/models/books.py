"""How an agency's books call its accounts, for the export to them."""

from typing import ClassVar

from django.db import models


class BookSettings(models.Model):
    """One row: what the export's header needs, and the account of each kind of booking.

    `accounts` holds words to account numbers: debtors, bank, cards, fees, losses, revenue (for rates without
    an account of their own) and "rate:19:S" for a rate of 19 per cent of category S.
    """

    advisor = models.PositiveIntegerField(null=True, blank=True)
    client_number = models.PositiveIntegerField(null=True, blank=True)
    account_digits = models.PositiveSmallIntegerField(default=4)
    year_begins = models.PositiveSmallIntegerField(default=1, help_text="month")
    chart = models.CharField(max_length=2, blank=True, help_text="03 or 04: DATEV's charts of accounts")
    accounts = models.JSONField(default=dict)

    class Meta:
        verbose_name_plural = "book settings"
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(pk=1), name="one_row_of_book_settings")
        ]

    def __str__(self) -> str:
        return "book settings"

    @classmethod
    def load(cls) -> "BookSettings":
        """The row, or its defaults as long as nobody has saved any."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    @property
    def is_complete(self) -> bool:
        """Whether a file can be written: every booking finds its account."""
        named = all(
            self.accounts.get(name) for name in ("debtors", "bank", "cards", "revenue", "fees", "losses")
        )
        return bool(self.advisor and self.client_number and named)

    def revenue_of(self, percent: str, category: str) -> str:
        """The account of a tax rate; of all others if it has none of its own."""
        return str(self.accounts.get(rate_key(percent, category)) or self.accounts.get("revenue", ""))


def rate_key(percent: str, category: str) -> str:
    """The word of a rate: "19.000" and "19" are one."""
    text = str(percent)
    bare = text.rstrip("0").rstrip(".") if "." in text else text
    return f"rate:{bare}:{category}"
