"""For how long new items for one person wait for one another, to be told in one mail."""

from collections.abc import Mapping

from django.db import transaction

from kit.refused import Refused
from portal.audit.operations import record
from portal.http import Request
from portal.mail.models import Gathering
from portal.mail.models_words import WINDOW_MINUTES
from portal.mail.wordings import NotYours
from portal.people.models import Staff

WINDOWS: Mapping[int, str] = {
    0: "At once; only what happens within five seconds is one mail",
    5: "One mail for all within 5 minutes",
    10: "One mail for all within 10 minutes",
    30: "One mail for all within half an hour",
    60: "One mail for all within an hour",
}


def window_minutes() -> int:
    """The agency's choice, in minutes; 0: a few seconds."""
    row = Gathering.objects.filter(pk=1).first()
    return row.minutes if row else WINDOW_MINUTES


@transaction.atomic
def change_window(minutes: int, *, by: Staff, request: Request | None = None) -> bool:
    """Let new items wait longer or shorter from now on; False when that is so already.

    Raises:
        NotYours: a member asks.
        Refused: no such choice.
    """
    if not by.may_manage:
        raise NotYours
    if minutes not in WINDOWS:
        raise Refused("Choose one of the times.", field="minutes")
    row, _ = Gathering.objects.select_for_update().get_or_create(pk=1)
    before = row.minutes
    if before == minutes:
        return False
    row.minutes = minutes
    row.save(update_fields=["minutes"])
    change = {"minutes": [before, minutes]}
    record("mail.gathering_changed", row, by=by, summary=WINDOWS[minutes], change=change, request=request)
    return True
