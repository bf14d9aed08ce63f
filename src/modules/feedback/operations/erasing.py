"""What of feedback goes with a person who is erased."""

from django.db.models import Q

from modules.feedback.models import Attachment, Entry, IncomingMail, Thread
from modules.feedback.operations.checks import discard_all
from portal.audit.redaction import SHORTEST, without
from portal.people.models import Client


def erase_client(client: Client) -> None:
    """Remove what only this person read; from what colleagues read, the name goes."""
    own = Thread.objects.filter(Q(client=client) | Q(author=client, private_to=[client.pk]))
    held = list(own.select_for_update(of=("self",)).values_list("pk", flat=True))
    attached = Attachment.objects.filter(entry__thread__in=held).select_related("upload")
    uploads = [one.upload for one in attached]
    Thread.objects.filter(pk__in=held).update(merged_into=None)
    Thread.objects.filter(pk__in=held).delete()
    discard_all(uploads)
    mails = Q(client=client) | Q(sender__iexact=client.email) | Q(envelope__iexact=client.email)
    IncomingMail.objects.filter(mails).delete()
    _take_name_out(client)


def _take_name_out(client: Client) -> None:
    words = {client.name, client.display_name, client.email, client.phone}
    wanted = sorted((word for word in words if len(word) >= SHORTEST), key=len, reverse=True)
    wrote = Q(author=client) | Q(pk__in=Entry.objects.filter(client=client).values("thread"))
    instead = f"Erased person {client.pk}"
    for thread in Thread.objects.filter(wrote):
        subject = without(thread.subject, wanted, instead)
        if subject != thread.subject:
            longest = Thread._meta.get_field("subject").max_length
            Thread.objects.filter(pk=thread.pk).update(subject=subject[:longest])
        for entry in thread.entries.all():
            text = without(entry.text, wanted, instead)
            if text != entry.text:
                Entry.objects.filter(pk=entry.pk).update(text=text)
