"""What runs in the background: reading answers by mail, and bringing back what was put off."""

from django.db import transaction

from modules.feedback import operations
from portal.intake.models import Unreadable
from portal.jobs import job


def receive(*, kind: str, key: str, raw: bytes, sender: str) -> None:
    """The mailbox: keep the mail and have it read. Both in the caller's transaction, so none is lost.

    Raises:
        Unreadable: nobody is there any more who could read it.
    """
    with transaction.atomic():
        mail = operations.keep_mail(key, raw, sender)
        if mail is None:
            raise Unreadable("the conversation or the person that it was for is gone")
        read_mail.send(mail_id=mail.pk)


@job("feedback.read_mail", max_retries=operations.MOST_TRIES)
def read_mail(*, mail_id: int) -> None:
    """Read one mail that was kept: files are stored outside of any transaction."""
    operations.read_kept(mail_id)


@job("feedback.wake", every_seconds=900)
def wake() -> None:
    """Bring back conversations that were put off until today."""
    operations.wake_due()
