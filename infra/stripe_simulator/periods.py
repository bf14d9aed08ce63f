"""Billing periods."""

from __future__ import annotations

import calendar
import time
from typing import Any

SECONDS = {"day": 86_400, "week": 7 * 86_400}
MONTHS = {"month": 1, "year": 12}


def add_months(moment: int, months: int) -> int:
    """The same day and time so many months later; the last day of a month that is too short."""
    at = time.gmtime(moment)
    month = at.tm_mon - 1 + months
    year, month = at.tm_year + month // 12, month % 12 + 1
    day = min(at.tm_mday, calendar.monthrange(year, month)[1])
    return calendar.timegm((year, month, day, at.tm_hour, at.tm_min, at.tm_sec))


def period_end(anchor: int, start: int, price: dict[str, Any]) -> int:
    """The end of the period that begins at `start`; counted from the anchor, so that the 31st stays the 31st."""
    recurring = price["recurring"]
    interval, count = recurring["interval"], recurring["interval_count"]
    if interval in SECONDS:
        return int(start + SECONDS[interval] * count)
    step, periods = MONTHS[interval] * count, 1
    while add_months(anchor, step * periods) <= start:
        periods += 1
    return add_months(anchor, step * periods)
