"""The ladder down while a payment is late: told on each step, limited after a week, closed after two."""

from django.db import transaction

from modules.subscriptions import emails
from modules.subscriptions.models import Subscription
from modules.subscriptions.operations.checks import hold
from modules.subscriptions.operations.granting import settle_grants
from modules.subscriptions.queries import grace_step
from portal.audit.operations import record


def climb(held: Subscription) -> None:
    """Tell the step that is reached, once; forget the ladder when nothing is late. The row is locked."""
    step = grace_step(held)
    if step is None:
        if held.grace_told is not None:
            held.grace_told = None
            held.save(update_fields=["grace_told"])
        return
    if held.grace_told is not None and step <= held.grace_told:
        return
    held.grace_told = step
    held.save(update_fields=["grace_told"])
    record("subscriptions.late", held, summary=f"{held} of {held.owner}: payment {step} days late")
    emails.tell_late(held, step)


def climb_all() -> int:
    """Bring everybody whose payment is late to the step of the day; how many were looked at."""
    late = list(Subscription.objects.late().order_by("pk"))
    for subscription in late:
        _climb(subscription)
    return len(late)


@transaction.atomic
def _climb(subscription: Subscription) -> None:
    held = hold(subscription)
    climb(held)
    settle_grants(held)
