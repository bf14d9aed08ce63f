"""What one message says in the end: its own words, those of a test, or all that is new in one mail."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.mail import digest, trying
from portal.mail.models import Message
from portal.mail.rendering import RenderedMail, line_of, render_mail
from portal.module import Email

log = logging.getLogger(__name__)
Words = Mapping[str, Any]


@dataclass(frozen=True)
class Item:
    """A message with everything that its words need, made ready to leave."""

    message: Message
    email: Email
    words: Words

    @property
    def all_words(self) -> dict[str, Any]:
        """Its words and who reads them."""
        return {**self.words, "person": self.message.client or self.message.staff}


def compose(first: Item, others: Sequence[Item]) -> RenderedMail:
    """The mail as it leaves: the first message, and the others that it tells of."""
    if "test" in first.message.words:
        return trying.render_test(first.message, first.words)
    if first.email.gathers:
        items = [_line(item) for item in others]
        return render_mail(first.email, {**first.all_words, "items": items})
    if not others:
        return render_mail(first.email, first.all_words)
    items = [_line(item) for item in sorted((first, *others), key=lambda item: item.message.created_at)]
    return render_mail(digest.EMAIL, {**first.all_words, "count": len(items), "items": items})


def headers_of(first: Item, others: Sequence[Item]) -> Mapping[str, str]:
    """The headers that the mail brings itself; of several without one that gathers, those in which all agree.

    An answer to a list of two conversations must not end up in one of them.
    """
    headers: Mapping[str, str] = first.words.get("mail_headers", {})
    if first.email.gathers:
        return headers
    return headers if all(other.words.get("mail_headers", {}) == headers for other in others) else {}


def ready(
    messages: Sequence[Message], make: Callable[[Message], Item | None]
) -> tuple[list[Item], list[Message]]:
    """Those of the messages that may still be told, and those to be told by themselves, whatever ails them.

    Args:
        make: checks one message again and fills its words in; None: it is not to be told any more.
    """
    items, ailing = [], []
    for message in messages:
        try:
            item = make(message)
        except Exception:
            # It must not keep the others from leaving; by itself it fails, and is tried again, by itself.
            log.exception("mail %s could not be made ready", message.email)
            ailing.append(message)
        else:
            items += [item] if item else []
    return items, ailing


def title_of(item: Item) -> str:
    """What the log calls an item that another mail told of."""
    return line_of(item.email, item.all_words).title


def _line(item: Item) -> dict[str, str]:
    return line_of(item.email, item.all_words).as_item()
