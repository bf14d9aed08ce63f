"""What the console shows of mails: the log, one message, the marks."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower
from django.template import TemplateSyntaxError

from kit.paging import Page, page_by_id, page_by_moment
from portal import registry
from portal.delivery import marks
from portal.delivery.models import AddressMark, DeliveryEvent
from portal.mail.models import Message
from portal.mail.rendering import render_mail
from portal.module import Email
from portal.people.models import Client, Staff
from portal.people.serving import wholly_served

PAGE_SIZE = 50
State = Message.State
TONES: dict[str, str] = {
    State.DELIVERED: "positive",
    State.BOUNCED: "negative",
    State.COMPLAINED: "negative",
    State.FAILED: "negative",
    State.DROPPED: "warning",
}
LINK = re.compile(r"https?://\S+")


@dataclass(frozen=True)
class Row:
    """A message in words."""

    message: Message
    label: str
    words: str
    tone: str
    waits: str  # what the other side said when it asked to wait

    @property
    def subject(self) -> str:
        """Of the mail as it was sent; before that what kind of mail it is."""
        return self.message.subject or self.label


def found(
    *, staff: Staff, state: str = "", email: str = "", words: str = "", client: Client | None = None
) -> QuerySet[Message]:
    """Messages that this member may see: owners and admins all, others those to themselves and to whom they serve."""
    every = Message.objects.select_related("client", "staff")
    if not staff.may_manage:
        every = every.filter(Q(client__in=wholly_served(staff).values("pk")) | Q(staff=staff))
    if client is not None:
        every = every.filter(client=client)
    if state in State.values:
        every = every.filter(state=state)
    if email:
        every = every.filter(email=email)
    for word in words.split()[:6]:
        every = every.filter(
            Q(address__icontains=word)
            | Q(subject__icontains=word)
            | Q(client__name__icontains=word)
            | Q(staff__name__icontains=word)
        )
    return every


def page_of(messages: QuerySet[Message], cursor: str | None) -> tuple[list[Row], str | None]:
    """One page, newest first, and the cursor of the next.

    Raises:
        kit.paging.BadCursor: the cursor cannot be read.
    """
    page: Page[Message] = page_by_moment(messages, "created_at", cursor=cursor, size=PAGE_SIZE)
    return rows_of(page.rows), page.next_cursor


def rows_of(messages: Sequence[Message]) -> list[Row]:
    """Each with its label and state."""
    labels = {key: email.label for key, email in registry.emails().items()}
    queued = [message.pk for message in messages if message.state == State.QUEUED]
    waits = _waits(queued)
    return [
        Row(
            message,
            labels.get(message.email, message.email),
            *_state(message, message.pk in waits),
            waits=waits.get(message.pk, ""),
        )
        for message in messages
    ]


def kinds() -> list[tuple[str, str]]:
    """Every mail that is sent from here, by key and label."""
    return sorted(((key, email.label) for key, email in registry.emails().items()), key=lambda pair: pair[1])


def text_of(message: Message) -> str:
    """The mail's words as they would read today, without links and codes; "" when they cannot be shown."""
    email = registry.emails().get(message.email)
    if email is None:
        return ""
    person = message.client or message.staff
    words = {**_covered(email), **message.words, "person": person}
    try:
        text = render_mail(email, words).text
    except (TypeError, ValueError, KeyError, AttributeError, TemplateSyntaxError):
        # Written by an earlier version of the templates.
        return ""
    return LINK.sub("(link)", text)


def may_go_again(message: Message) -> bool:
    """Whether staff may queue it once more: it did not arrive, and its words are still worth something."""
    email = registry.emails().get(message.email)
    is_over = message.state in (State.FAILED, State.BOUNCED, State.DROPPED)
    return is_over and email is not None and not email.is_asked_for


def is_worth_asking(message: Message, mark: AddressMark | None) -> bool:
    """Whether "Send again" would do something: not while the address that it would go to is marked."""
    person = message.client or message.staff
    has_moved = person is not None and person.email.lower() != message.address.lower()
    return may_go_again(message) and (mark is None or has_moved)


def of_client(client: Client, staff: Staff, most: int = 5) -> dict[str, Any]:
    """The panel of a client's page: the mark on the address, the last mails."""
    messages = found(staff=staff, client=client).order_by("-created_at")[:most]
    return {"mark": marks.mark_of(client.email), "rows": rows_of(list(messages)), "client": client}


def marks_for(staff: Staff) -> QuerySet[AddressMark]:
    """Marks, taken off ones too; to who sees chosen clients only those on the addresses of these."""
    found: QuerySet[AddressMark] = AddressMark.objects.all()
    if staff.is_limited:
        # Addresses of marks are in lower case.
        own = Client.objects.served_by(staff).alias(low=Lower("email")).filter(low=OuterRef("address"))
        found = found.filter(Exists(own) | Q(address=staff.email.lower()))
    return found


def marks_page(staff: Staff, cursor: str | None) -> Page[AddressMark]:
    """Addresses that get no mail, the newest marks first.

    Raises:
        kit.paging.BadCursor: the cursor cannot be read.
    """
    standing = marks_for(staff).filter(cleared_at=None).select_related("message")
    return page_by_id(standing, cursor=cursor, size=PAGE_SIZE)


def _covered(email: Email) -> dict[str, Any]:
    """What only `prepare` knows is a secret of the mail that was sent."""
    return {name: "…" if isinstance(value, str) else value for name, value in email.sample.items()}


def _waits(message_ids: Sequence[Any]) -> dict[Any, str]:
    events = DeliveryEvent.objects.filter(message_id__in=message_ids, kind=DeliveryEvent.Kind.DEFERRED)
    return dict(events.order_by("pk").values_list("message_id", "words")) if message_ids else {}


def _state(message: Message, is_waiting: bool) -> tuple[str, str]:
    if message.state == State.QUEUED:
        return ("The other side asks to wait", "warning") if is_waiting else ("Queued", "notice")
    return State(message.state).label, TONES.get(message.state, "")
