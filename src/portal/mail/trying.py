"""A test of a mail, to the one who writes its words."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.db import transaction

from kit.refused import Refused
from portal.mail.checking import problems_of
from portal.mail.defaults import Words
from portal.mail.models import Message
from portal.mail.operations import queue_mail
from portal.mail.queries import TEST, editable, preview_values
from portal.mail.rendering import RenderedMail, render_mail
from portal.mail.wordings import BadWording, NotYours
from portal.module import Email, Kind, Placeholder
from portal.people.models import Staff
from tenants.agencies.current import current_agency
from tenants.ratelimits.operations import take

MOST_PER_HOUR = 20

EMAIL = Email(
    key=TEST,
    label="A test of a mail, to yourself",
    template="mail/test",
    sample={"subject": "Your invoice 2026-0017", "text": "Your invoice 2026-0017\n\nNew website: €1,190.00."},
    told="Whoever presses Send me a test.",
    placeholders={
        "subject": Placeholder("Subject of the mail that is tested"),
        "text": Placeholder("Its words", Kind.LONG),
    },
)


@transaction.atomic
def send_test(email: Email, language: str, words: Words, chosen: str, *, by: Staff) -> Message:
    """Send these words, saved or not, to the one who asks. Links and codes in it are the example's.

    Raises:
        NotYours: a member asks.
        BadWording: they cannot be used.
        Refused: too many tests within the hour.
    """
    if not by.may_manage:
        raise NotYours
    if problems := problems_of(email, words):
        raise BadWording(problems)
    if take(f"mail-test:{current_agency().schema_name}:{by.pk}", most=MOST_PER_HOUR, per_seconds=3600):
        raise Refused(f"You sent {MOST_PER_HOUR} tests within an hour. Try again a little later.")
    test = {"email": email.key, "language": language, "words": asdict(words), "chosen": chosen[:60]}
    return queue_mail(TEST, by, words={"test": test})


def render_test(message: Message, words: Mapping[str, Any]) -> RenderedMail:
    """The mail as its reader would get it, marked as a test."""
    test = message.words["test"]
    email = editable().get(test["email"])
    if email is None or message.staff is None:  # its section left the plan since
        return render_mail(EMAIL, {**EMAIL.sample, **words})
    values = preview_values(email, test["chosen"], message.staff)
    wording = Words(**test["words"])
    return render_mail(email, values, wording=wording, language=test["language"], mark="[Test] ")
