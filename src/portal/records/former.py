"""Where the address of a client that was merged leads."""

from collections.abc import Collection

from django.db.models.functions import Lower

from portal.people.models import Client
from portal.records.models import FormerClient


def client_once(pk: int) -> Client | None:
    """The client with this id, or the one into which it was merged: for ids in mails that went out before."""
    former = FormerClient.objects.filter(former_id=pk).select_related("kept").first()
    return former.kept if former else Client.objects.filter(pk=pk).first()


def known_by(emails: Collection[str]) -> set[str]:
    """Those of these addresses, in lower case, that are or were some client's."""
    low = [email.strip().lower() for email in emails]
    now = Client.objects.alias(low=Lower("email")).filter(low__in=low)
    former = FormerClient.objects.alias(low=Lower("email")).filter(low__in=low)
    return {email.lower() for rows in (now, former) for email in rows.values_list("email", flat=True)}


def known_as(email: str) -> Client | None:
    """The client whose address this was before it was merged into another."""
    found = FormerClient.objects.alias(low=Lower("email")).filter(low=email.strip().lower())
    former = found.select_related("kept").order_by("-pk").first()
    return former.kept if former else None
