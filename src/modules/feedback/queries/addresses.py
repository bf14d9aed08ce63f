"""To which address an answer to a mail goes, and how mail programs know that mails belong together."""

import re

from django.conf import settings

from modules.feedback.models import IncomingMail, Thread
from portal.agency import current_agency
from portal.intake.addresses import address_for
from portal.people.models import Client, Staff
from portal.records.former import client_once

MAILBOX = "feedback"
_KEY = re.compile(r"(\d{1,12})-([cs])(\d{1,11})")


def reply_address(thread_id: int, person: Client | Staff) -> str:
    """The signed address at which this person's answers to this thread arrive."""
    mark = "c" if isinstance(person, Client) else "s"
    return address_for(MAILBOX, f"{thread_id}-{mark}{person.pk}")


def read_key(key: str) -> tuple[Thread, Client | Staff] | None:
    """The thread and the person that an address was made for; None when one of them is gone."""
    found = _KEY.fullmatch(key)
    if found is None:
        return None
    thread = Thread.objects.filter(pk=found[1]).first()
    number = int(found[3])
    person = client_once(number) if found[2] == "c" else Staff.objects.filter(pk=number).first()
    return (thread, person) if thread is not None and person is not None else None


def mail_headers(thread_id: int, person: Client | Staff) -> dict[str, str]:
    """Reply-To, and what joins the mails of one thread in a mail program (RFC 5322, section 3.6.4)."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2]
    # No mail has this id; that all name it is what makes them one conversation.
    root = f"<feedback-{current_agency().id}-{thread_id}@{domain}>"
    taken = IncomingMail.objects.filter(thread=thread_id, state=IncomingMail.State.TAKEN)
    whose = taken.filter(client=person) if isinstance(person, Client) else taken.filter(staff=person)
    last = whose.order_by("-pk").values_list("message_id", flat=True).first() or ""
    is_id = bool(re.fullmatch(r"<[\x21-\x7e]{3,200}>", last))
    return {
        "Reply-To": reply_address(thread_id, person),
        "In-Reply-To": last if is_id else root,
        "References": f"{root} {last}" if is_id else root,
    }
