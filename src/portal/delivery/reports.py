"""Reports that mail servers send back: not delivered, delayed, delivered (RFC 3464), reported as spam (RFC 5965)."""

from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message as WireMessage
from email.policy import compat32

from portal.delivery.keys import id_of
from portal.delivery.models import DeliveryEvent
from portal.delivery.noting import note
from portal.intake.models import Unreadable
from portal.mail.models import Message
from portal.mail.outcome import is_gone, printable

Kind = DeliveryEvent.Kind
ACTIONS = {
    "failed": Kind.BOUNCED,
    "delayed": Kind.DEFERRED,
    "delivered": Kind.DELIVERED,
    "relayed": Kind.DELIVERED,
    "expanded": Kind.DELIVERED,
}
MOST_PARTS = 50


def read_report(*, kind: str, key: str, raw: bytes, sender: str) -> None:
    """Note what a report says of the message to whose return path it came.

    The address says which message it is: whatever the report itself quotes of it may be made up.

    Raises:
        Unreadable: no such message, or no report: out-of-office answers come here, too.
    """
    message_id = id_of(key)
    message = Message.objects.filter(pk=message_id).first() if message_id else None
    if message is None:
        raise Unreadable("no message has this return path")
    report = message_from_bytes(raw, policy=compat32)
    for group in _recipients(report):
        _note_status(message, group)
        return
    if _is_complaint(report):
        words = "The recipient's provider tells us that they reported it as spam."
        note(message, Kind.COMPLAINED, source=DeliveryEvent.Source.REPORT, words=words, once="report")
        return
    raise Unreadable("it is no delivery report")


def _note_status(message: Message, group: WireMessage) -> None:
    action = _field(group, "Action").lower()
    if action not in ACTIONS:
        raise Unreadable(f"a report with the action {action[:40]!r}")
    status = _field(group, "Status").split(" ")[0]
    said = _field(group, "Diagnostic-Code").partition(";")[2].strip() or _field(group, "Diagnostic-Code")
    words = f"{status} {said}".strip()
    note(
        message,
        ACTIONS[action],
        source=DeliveryEvent.Source.REPORT,
        words=words,
        # Only what failed for good, and for a reason that is the address's: not a full mailbox, not a filter.
        is_gone=action == "failed" and is_gone(status or said),
        once=f"report {words}",
    )


def _recipients(report: WireMessage) -> Iterator[WireMessage]:
    """The groups of fields about recipients; the first group of a report is about the report itself."""
    for part in _parts(report):
        if part.get_content_type() == "message/delivery-status" and isinstance(part.get_payload(), list):
            groups = [group for group in part.get_payload() if isinstance(group, WireMessage)]
            yield from (group for group in groups if group["Action"])


def _is_complaint(report: WireMessage) -> bool:
    for part in _parts(report):
        if part.get_content_type() == "message/feedback-report":
            fields = part.get_payload()
            inner = fields[0] if isinstance(fields, list) and fields else part
            text = inner.as_string() if isinstance(inner, WireMessage) else str(inner)
            return "feedback-type: abuse" in text.lower()
    return False


def _parts(report: WireMessage) -> Iterator[WireMessage]:
    for number, part in enumerate(report.walk()):
        if number >= MOST_PARTS:
            return
        yield part


def _field(group: WireMessage, name: str) -> str:
    return printable(str(group.get(name, "")))
