"""queue_mail(): the only way to write to somebody. The message is a row of the caller's transaction."""

from collections.abc import Mapping
from typing import Any

from portal import registry
from portal.mail.models import Message
from portal.people.models import Client, Staff


class UnknownEmail(LookupError):
    """Nobody declares this mail."""


def queue_mail(
    email: str, to: Client | Staff | None, *, words: Mapping[str, Any], address: str = ""
) -> Message:
    """Log a message and enqueue its delivery; both exist only if the transaction commits.

    A mail with a `digest` leaves after the agency's window, together with what is new by then.

    Args:
        email: key of a declared mail, e.g. `deliverables.ready`.
        to: the person; `address` overrides where it goes (e.g. the new address to confirm). None: somebody who
            is nobody here yet, at `address`.
        words: context of the templates, JSON values; never a secret (see `Email.prepare`).

    Raises:
        UnknownEmail: no declaration has this key.
    """
    from portal.mail.digest import wait_ms
    from portal.mail.jobs import deliver

    if email not in registry.emails():
        raise UnknownEmail(email)
    message = Message.objects.create(
        email=email,
        client=to if isinstance(to, Client) else None,
        staff=to if isinstance(to, Staff) else None,
        address=address or (to.email if to else ""),
        words=dict(words),
    )
    wait = wait_ms(registry.emails()[email])
    deliver.send_with_options(kwargs={"message_id": str(message.pk)}, delay=wait or None)
    return message
