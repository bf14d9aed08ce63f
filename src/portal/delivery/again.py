"""Sending once more, because staff ask for it."""

from django.db import transaction

from kit.refused import Refused
from portal.audit.operations import record
from portal.delivery import marks, shown
from portal.delivery.models import DeliveryEvent
from portal.delivery.noting import note
from portal.http import Request
from portal.mail.models import Message
from portal.people.models import Staff


class NotAgain(Refused):
    """This mail is not sent a second time."""

    words = "This mail is on its way or has arrived, or its words are no longer of use."


@transaction.atomic
def send_again(message: Message, *, by: Staff, request: Request | None = None) -> None:
    """Queue a mail that did not arrive once more, to the address that its person has now.

    Raises:
        NotAgain: it is on its way, it has arrived, or its address is marked.
    """
    from portal.mail.jobs import deliver

    locked = Message.objects.select_for_update().get(pk=message.pk)
    person = locked.client or locked.staff
    if not shown.may_go_again(locked) or person is None:
        raise NotAgain
    if locked.address.lower() != person.email.lower() and marks.mark_of(locked.address):
        # It bounced, and they have another address since.
        Message.objects.filter(pk=locked.pk).update(address=person.email)
        locked.address = person.email
    if reason := marks.why_not(locked.address, is_asked_for=False):
        raise NotAgain(f"{reason} Correct the address, or take the mark off it first.")
    note(locked, DeliveryEvent.Kind.AGAIN, source=DeliveryEvent.Source.STAFF, words=f"By {by}")
    record("delivery.sent_again", f"message:{locked.pk}", by=by, summary=locked.subject, request=request)
    deliver.send(message_id=str(locked.pk))
