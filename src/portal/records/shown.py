"""What a client's page of the console shows of its records."""

from collections.abc import Mapping
from typing import Any

from portal.http import Request
from portal.people.models import Client
from portal.records.asking import asked
from portal.records.fields import shown_values
from portal.records.models import Tag


def panel(request: Request, client: Client) -> Mapping[str, Any]:
    """Tags, own fields, what it asked for, and the notes."""
    have = list(client.tags.all())
    return {
        "tags": have,
        "other_tags": [tag for tag in Tag.objects.all() if tag not in have],
        "values": shown_values(client),
        "notes": list(client.notes.select_related("written_by")),
        "asked": asked(client),
        "client": client,
    }
