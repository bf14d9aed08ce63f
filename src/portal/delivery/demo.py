"""Mails as the demo shows them: one that arrived, one that came back."""

from datetime import timedelta
from typing import Any

from kit import clock
from portal.delivery.models import DeliveryEvent
from portal.delivery.noting import note
from portal.mail.models import Message
from portal.people.models import Client

Kind, Source = DeliveryEvent.Kind, DeliveryEvent.Source


def furnish(cast: Any) -> None:
    """Somebody who has left their company: mails to the old address come back."""
    gone = Client.objects.filter(removed_at__isnull=False).first()
    if gone is None:
        return
    first = _sent(gone, days=40)
    note(first, Kind.DELIVERED, source=Source.REPORT, words="2.0.0 OK", at=first.created_at)
    second = _sent(gone, days=12)
    words = f"5.1.1 <{gone.email}>: Recipient address rejected: User unknown"
    note(second, Kind.BOUNCED, source=Source.REPORT, words=words, at=second.created_at, is_gone=True)


def _sent(client: Client, *, days: int) -> Message:
    at = clock.now() - timedelta(days=days, minutes=client.pk)
    made = Message.objects.create(
        email="people.invitation",
        client=client,
        address=client.email,
        subject="Your invitation",
        words={"invitation_id": 0},
        created_at=at,
    )
    note(made, Kind.SENT, source=Source.SMTP, at=at)
    return made
