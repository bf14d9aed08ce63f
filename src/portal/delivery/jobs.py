"""Queued work of delivery."""

from typing import Any

from portal.delivery import services
from portal.jobs import job


@job("delivery.note_event")
def note_event(*, message_id: str, event: dict[str, Any]) -> None:
    """Note what a mail service told of one message."""
    services.apply(message_id, event)
