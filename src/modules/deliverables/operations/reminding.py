"""Reminders to those who have not decided: one day before the due date, and on the day."""

from datetime import timedelta

from django.db import transaction

from kit import clock
from modules.deliverables import emails
from modules.deliverables.models import Deliverable, Reminder, State
from modules.deliverables.operations.checks import CAPABILITY, hold, newest_shown
from modules.deliverables.queries import people
from portal.agency import current_agency

DAYS_BEFORE = (1, 0)
FROM_HOUR = 8  # nobody is woken up: in the agency's zone


def remind_due() -> int:
    """Mail who is late to decide; how many mails. Runs often, mails each person once for each of the two days."""
    agency = current_agency()
    if not agency.has(CAPABILITY) or clock.now().astimezone(agency.tzinfo).hour < FROM_HOUR:
        return 0
    open_review = {"state": State.READY, "project__archived_at": None}
    sent = 0
    for days in DAYS_BEFORE:
        due_on = agency.today() + timedelta(days=days)
        for deliverable in Deliverable.objects.filter(due_on=due_on, **open_review):
            sent += _remind(deliverable, days)
    return sent


@transaction.atomic
def _remind(deliverable: Deliverable, days: int) -> int:
    held = hold(deliverable)
    version = newest_shown(held)
    if held.state != State.READY or held.due_on is None or version is None:
        return 0
    decided = set(version.decisions.standing().values_list("client_id", flat=True))
    sent = 0
    for client in people.deciders(held):
        if client.pk in decided:
            continue
        _, is_new = Reminder.objects.get_or_create(
            deliverable=held, client=client, due_on=held.due_on, days_before=days
        )
        if is_new:
            emails.remind(version, client, days_before=days)
            sent += 1
    return sent
