"""Sums that are kept, so that no page adds up a whole table.

A trigger (extensions.keep_sums) appends what changed in the transaction that changes it: nobody waits for
anybody, and the sum of all rows is right at every moment. A job folds what belongs together into one row, and
another counts everything anew and says what differed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from django.db import connection, models

KEYS = "what, whose, currency, day"
Recount = Callable[[bool], list[str]]
_recounts: dict[str, Recount] = {}


def recounts(name: str) -> Callable[[Recount], Recount]:
    """Register a recount for `manage.py recount`: told whether to mend, it answers what differed, in words."""

    def register(recount: Recount) -> Recount:
        _recounts[name] = recount
        return recount

    return register


def all_recounts() -> dict[str, Recount]:
    """Every registered recount, by name."""
    return dict(_recounts)


class Sum(models.Model):
    """A difference, or several folded into one. Amounts in minor units of `currency`."""

    what = models.CharField(max_length=16)
    whose = models.CharField(max_length=40, blank=True)
    currency = models.CharField(max_length=3)
    day = models.DateField()
    minor = models.BigIntegerField()
    count = models.BigIntegerField()

    class Meta:
        abstract = True
        indexes: ClassVar[list[models.Index]] = []

    def __str__(self) -> str:
        return f"{self.what} {self.whose} {self.day}: {self.minor} {self.currency}"


@dataclass(frozen=True)
class Difference:
    """By how much the kept sum of one key was too small."""

    what: str
    whose: str
    currency: str
    day: date
    minor: int
    count: int

    def __str__(self) -> str:
        whose = f" of {self.whose}" if self.whose else ""
        return f"{self.what}{whose} on {self.day}: {self.minor:+} {self.currency} in {self.count:+} rows"


@dataclass(frozen=True)
class Sums:
    """A table of sums, and what its rows count for: the SELECT of its triggers, over ROWS (one for each source)."""

    model: type[Sum]
    sources: tuple[tuple[str, str], ...]

    def fold(self) -> int:
        """Put rows of one key together; how many rows became fewer. Twice at once is as good as once."""
        table = self.model._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(
                f"WITH many AS (SELECT {KEYS} FROM {table} GROUP BY {KEYS} HAVING count(*) > 1),"
                f" gone AS (DELETE FROM {table} t USING many WHERE (t.what, t.whose, t.currency, t.day)"
                " = (many.what, many.whose, many.currency, many.day) RETURNING t.*),"
                f" kept AS (INSERT INTO {table} ({KEYS}, minor, count) SELECT {KEYS}, sum(minor), sum(count)"
                f" FROM gone GROUP BY {KEYS} HAVING sum(minor) <> 0 OR sum(count) <> 0 RETURNING 1)"
                " SELECT (SELECT count(*) FROM gone) - (SELECT count(*) FROM kept)"
            )
            (fewer,) = cursor.fetchone()
        return int(fewer)

    def drift(self) -> list[Difference]:
        """Count everything anew and compare; nothing is changed."""
        return self._compared("SELECT * FROM differs ORDER BY 1, 2, 3, 4")

    def mend(self) -> list[Difference]:
        """Count everything anew and append what was missing; what that was.

        One statement sees one moment, so changes that commit meanwhile are neither lost nor counted twice.
        """
        return self._compared(
            f"INSERT INTO {self.model._meta.db_table} ({KEYS}, minor, count) SELECT * FROM differs"
            f" RETURNING {KEYS}, minor, count"
        )

    def _compared(self, statement: str) -> list[Difference]:
        truth = " UNION ALL ".join(select.replace("ROWS", table) for table, select in self.sources)
        with connection.cursor() as cursor:
            cursor.execute(
                f"WITH differs AS (SELECT {KEYS}, sum(minor)::bigint AS minor, sum(count)::bigint AS count"
                f" FROM (SELECT * FROM ({truth}) AS truth ({KEYS}, minor, count) UNION ALL"
                f" SELECT {KEYS}, -minor, -count FROM {self.model._meta.db_table}) AS both_sides"
                f" GROUP BY {KEYS} HAVING sum(minor) <> 0 OR sum(count) <> 0) {statement}"
            )
            return [Difference(*row) for row in cursor.fetchall()]
