"""One mail for several new items. Each item keeps its own row; `sent_with` says in which mail it was told.

Every item has its own job, put off by the agency's window, and the first that runs takes along whatever waits
for the same person: so nothing is lost when two are written at the same moment. A row that has set out to be
sent points to itself, and only rows that point nowhere can be taken along: so nothing is told twice.
"""

from collections.abc import Sequence

from django.db import connection, transaction

from portal import registry
from portal.mail.gathering import window_minutes
from portal.mail.models import Message
from portal.mail.source import PLACEHOLDER
from portal.mail.wordings import words_for
from portal.module import Email, Kind, Placeholder

SEVERAL = "mail.several"
MOST = 50
# What one press makes (five files shared, a project with its deliverables) is told in one mail in any case.
AT_ONCE_MS = 5_000

EMAIL = Email(
    key=SEVERAL,
    label="Several new things at once",
    template="mail/several",
    sample={
        "count": 2,
        "items": [
            {
                "title": "Homepage design: version 2 is ready for review",
                "note": "New website: version 2 is there to look at.",
                "url": "https://example.com/deliverables/7/versions/2/",
            },
            {
                "title": "Invoice 2026-0017: New website",
                "note": "New website: €1,190.00, due by 5 January 2026.",
                "url": "https://example.com/invoices/17/",
            },
        ],
    },
    told="Clients and staff for whom several things are new within a few minutes, in place of those mails.",
    placeholders={
        "count": Placeholder("How many things are new"),
        "items": Placeholder("Each new thing with its link", Kind.ITEMS, needed=True),
    },
)


def wait_ms(email: Email) -> int:
    """For how long a new mail waits for others, in milliseconds; 0: it leaves at once."""
    return (window_minutes() * 60_000 or AT_ONCE_MS) if email.digest else 0


@transaction.atomic
def set_out(message: Message) -> bool:
    """Note that this message is about to be sent itself; False when another mail tells of it."""
    _lock(message)
    row = Message.objects.select_related("sent_with").get(pk=message.pk)
    told_by_another = row.sent_with is not None and row.sent_with_id != row.pk
    # Told by a mail that is done with, it can only wait because staff want it sent again.
    if row.state != Message.State.QUEUED or (
        told_by_another and row.sent_with and row.sent_with.state == Message.State.QUEUED
    ):
        return False
    Message.objects.filter(pk=row.pk).update(sent_with=row.pk)
    message.sent_with_id = row.pk
    return True


@transaction.atomic
def take_along(message: Message, email: Email) -> list[Message]:
    """What this mail tells besides itself, oldest first: what it told before a repeat, and what waits now."""
    group = group_of(message, email)
    if not group:
        return []
    _lock(message)
    keys = [key for key, one in _in_group(group).items() if one.is_transactional == email.is_transactional]
    waiting = Message.objects.filter(
        email__in=keys,
        client=message.client,
        staff=message.staff,
        address=message.address,
        state=Message.State.QUEUED,
        sent_with=None,
    )
    taken = list(waiting.exclude(pk=message.pk).order_by("created_at").values_list("pk", flat=True)[:MOST])
    Message.objects.filter(pk__in=taken).update(sent_with=message.pk)
    told = Message.objects.filter(sent_with=message.pk).exclude(pk=message.pk)
    told.filter(state=Message.State.FAILED).update(state=Message.State.QUEUED)  # this mail is sent again
    return list(
        told.exclude(state=Message.State.DROPPED).select_related("client", "staff").order_by("created_at")
    )


def group_of(message: Message, email: Email) -> str:
    """The group of items that this mail can take along; "" for none."""
    if email.gathers:
        # Words of the agency's own may leave the list out: then the items have a mail of their own.
        words, _ = words_for(email, message.client or message.staff)
        return email.gathers if "items" in PLACEHOLDER.findall(words.body) else ""
    return email.digest


@transaction.atomic
def let_go(messages: Sequence[Message]) -> None:
    """Let items that were taken along be told by themselves, now: the mail that took them does not leave."""
    from portal.mail.jobs import deliver

    for message in messages:
        waits = Message.objects.filter(pk=message.pk, state=Message.State.QUEUED)
        if waits.update(sent_with=None):
            deliver.send(message_id=str(message.pk))


def told_by(message: Message) -> list[Message]:
    """The items that were taken along and wait for what becomes of this mail."""
    rows = Message.objects.filter(sent_with=message.pk, state=Message.State.QUEUED)
    return list(rows.exclude(pk=message.pk))


def _in_group(group: str) -> dict[str, Email]:
    return {key: email for key, email in registry.emails().items() if email.digest == group}


def _lock(message: Message) -> None:
    person = f"mail:{message.client_id or ''}:{message.staff_id or ''}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(current_schema()), hashtext(%s))", [person])
