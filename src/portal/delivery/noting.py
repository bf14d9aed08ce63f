"""note(): the only way to write down what became of a mail. State, event, mark and fact in one transaction."""

import hashlib
from datetime import datetime

from django.db import transaction

from kit import clock
from portal.delivery.marks import mark
from portal.delivery.models import AddressMark, DeliveryEvent
from portal.events import publish
from portal.mail.models import Message

Kind, Source, State = DeliveryEvent.Kind, DeliveryEvent.Source, Message.State
LONGEST = 500
# From which states an event leads on. Reports overtake each other, and our own note of having sent.
LEADS: dict[str, tuple[str, tuple[str, ...]]] = {
    Kind.SENT: (State.SENT, (State.QUEUED,)),
    Kind.DELIVERED: (State.DELIVERED, (State.QUEUED, State.SENT)),
    Kind.BOUNCED: (State.BOUNCED, (State.QUEUED, State.SENT, State.DELIVERED)),
    Kind.COMPLAINED: (State.COMPLAINED, (State.QUEUED, State.SENT, State.DELIVERED)),
    Kind.FAILED: (State.FAILED, (State.QUEUED, State.SENT)),
    Kind.DROPPED: (State.DROPPED, (State.QUEUED,)),
    Kind.AGAIN: (State.QUEUED, (State.FAILED, State.DROPPED, State.BOUNCED)),
}


def note(
    message: Message,
    kind: str,
    *,
    source: str,
    words: str = "",
    at: datetime | None = None,
    is_gone: bool = False,
    once: str = "",
) -> bool:
    """Write an event down and move the message's state if it leads on; whether it was new.

    Args:
        at: when it happened there; not later than now, whatever the other side's clock says.
        is_gone: the address takes no mail: it is marked, like that of somebody who complained.
        once: what tells this event from others; noted a second time, it is passed over.
    """
    now = clock.now()
    fingerprint = hashlib.sha256(f"{message.pk} {kind} {once}".encode()).hexdigest() if once else None
    event = DeliveryEvent(
        message=message,
        kind=kind,
        at=min(at or now, now),
        words=words[:LONGEST],
        source=source,
        fingerprint=fingerprint,
    )
    with transaction.atomic():
        if fingerprint and DeliveryEvent.objects.filter(fingerprint=fingerprint).exists():
            return False
        event.save(force_insert=True)
        _lead_on(message, event)
        if kind == Kind.COMPLAINED or is_gone:
            is_spam = kind == Kind.COMPLAINED
            reason = AddressMark.Reason.COMPLAINED if is_spam else AddressMark.Reason.BOUNCED
            mark(message.address, reason, words=event.words, message=message)
    return True


def _lead_on(message: Message, event: DeliveryEvent) -> None:
    if event.kind not in LEADS:
        return
    state, before = LEADS[event.kind]
    fields: dict[str, object] = {"state": state}
    if event.kind == Kind.AGAIN:
        fields |= {"attempts": 0, "error": "", "sent_at": None}
    elif event.kind in (Kind.SENT, Kind.FAILED, Kind.DROPPED):
        fields["sent_at"] = event.at
    if event.kind in (Kind.BOUNCED, Kind.FAILED, Kind.DROPPED):
        fields["error"] = event.words
    moved = Message.objects.filter(pk=message.pk, state__in=before).update(**fields)
    if moved and event.kind == Kind.BOUNCED:
        publish("mail.bounced", message_id=str(message.pk))
