"""Where the address of a client that was merged leads."""

from django.db.models.functions import Lower

from portal.people.models import Client
from portal.records.models import FormerClient


def known_as(email: str) -> Client | None:
    """The client whose address this was before it was merged into another."""
    found = FormerClient.objects.alias(low=Lower("email")).filter(low=email.strip().lower())
    former = found.select_related("kept").order_by("-pk").first()
    return former.kept if former else None
