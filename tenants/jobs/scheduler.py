"""Enqueues what is due. Any number of schedulers may run: a slot is locked, enqueued and advanced at once."""

from datetime import timedelta

import dramatiq
from django.db import transaction

from kit import clock
from tenants.agencies.current import inside
from tenants.agencies.models import Agency
from tenants.jobs.jobs import AGENCY, Slot, schedule
from tenants.jobs.models import DueSlot


def run_due() -> int:
    """Enqueue every slot that is due; the number of slots taken. Missed slots run once, not once each."""
    _make_known()
    taken = 0
    while _take_one():
        taken += 1
    return taken


def _make_known() -> None:
    known = set(DueSlot.objects.values_list("job", flat=True))
    fresh = [DueSlot(job=name, due_at=clock.now()) for name in schedule if name not in known]
    DueSlot.objects.bulk_create(fresh, ignore_conflicts=True)


@transaction.atomic
def _take_one() -> bool:
    due = (
        DueSlot.objects.select_for_update(skip_locked=True)
        .filter(due_at__lte=clock.now(), job__in=list(schedule))
        .order_by("due_at")
        .first()
    )
    if due is None:
        return False
    slot = schedule[due.job]
    _enqueue(slot)
    due.due_at = clock.now() + timedelta(seconds=slot.every_seconds)
    due.save(update_fields=["due_at"])
    return True


def _enqueue(slot: Slot) -> None:
    actor = dramatiq.get_broker().get_actor(slot.job)
    if slot.audience != AGENCY:
        actor.send()
        return
    for agency in Agency.objects.reachable().iterator():
        with inside(agency):
            actor.send()
