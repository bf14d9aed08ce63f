"""What a repeating invoice will say and when, and what it has written so far."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.formats import date_format

from modules.invoices.models import Repeating
from portal.people.models import Staff

PLACEHOLDERS = {
    "month": "the month, e.g. May",
    "year": "the year",
    "quarter": "the quarter, e.g. Q2",
    "week": "the number of the week",
    "from": "the first day of what is billed",
    "to": "the last day of what is billed",
    "number": "how many there were, this one included",
}
_PLACEHOLDER = re.compile("|".join(rf"\{{{name}\}}" for name in PLACEHOLDERS))
SHOWN_AHEAD = 4


@dataclass(frozen=True)
class Turn:
    """One invoice to come: its day, the last day of what it bills, and its title."""

    on: date
    until: date
    title: str


def for_staff(staff: Staff) -> QuerySet[Any]:
    """The console's list; ordered by page_by_id, newest first."""
    found: QuerySet[Any] = Repeating.objects.served_by(staff).select_related("pattern", "company", "client")
    return found


def fill_in(text: str, *, on: date, until: date, number: int) -> str:
    """The text of one turn: `{month}` and the others become words; any other braces stay as they are."""
    words = {
        "{month}": date_format(on, "F"),
        "{year}": str(on.year),
        "{quarter}": f"Q{(on.month + 2) // 3}",
        "{week}": str(on.isocalendar().week),
        "{from}": date_format(on, "j F Y"),
        "{to}": date_format(until, "j F Y"),
        "{number}": str(number),
    }
    return _PLACEHOLDER.sub(lambda found: words[found.group()], text)


def until_of(repeating: Repeating, turn: int) -> date:
    """The last day of what a turn bills: the day before the next one."""
    return repeating.day_of(turn + 1) - timedelta(days=1)


def turns_ahead(repeating: Repeating) -> list[Turn]:
    """The next invoices, as they will be called."""
    title = repeating.pattern.title
    turns = []
    for step, on in enumerate(repeating.days_from_now(SHOWN_AHEAD)):
        until = until_of(repeating, repeating.turn + step)
        turns.append(Turn(on, until, fill_in(title, on=on, until=until, number=repeating.made + step + 1)))
    return turns


def rhythm_of(repeating: Repeating) -> str:
    """When it repeats, in words."""
    many = repeating.every > 1
    words = f"every {repeating.every} {repeating.unit}s" if many else f"every {repeating.unit}"
    return f"{words}, on the last day of the month" if repeating.on_last_day else words
