"""What workflows hear of mails."""

from collections.abc import Iterator
from datetime import datetime

from portal.mail.models import Message
from portal.module import Happening, Offer, Past, Trigger


def read_bounce(*, message_id: str) -> Happening | None:
    """A mail to a client that came back."""
    one = Message.objects.select_related("client").filter(pk=message_id).first()
    if one is None or one.client is None or not one.client.has_access:
        return None
    client = one.client
    values = {"subject": one.subject, "address": one.address}
    there = f"/clients/{client.pk}/"
    return Happening(f"mail.message:{one.pk}", one.subject or "A mail", [client], client, values, "/", there)


def _bounced(since: datetime) -> Iterator[Past]:
    found = Message.objects.filter(state=Message.State.FAILED, sent_at__gte=since, client__isnull=False)
    rows = found.order_by("-sent_at").values_list("pk", "sent_at")
    return (Past({"message_id": str(pk)}, at) for pk, at in rows if at)


TRIGGERS = [
    Trigger(
        "mail.bounced",
        "a mail to a client comes back",
        read_bounce,
        _bounced,
        [Offer("subject", "the mail's subject"), Offer("address", "the address that refused it")],
    )
]
