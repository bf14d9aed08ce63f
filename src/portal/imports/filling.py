"""What a row says of a client, written where nothing stands yet."""

from typing import Any

from portal.imports.columns import Around
from portal.people.models import Client
from portal.records.fields import read_value

_FIELDS = {
    "name": "name",
    "phone": "phone",
    "language": "language",
    "zone": "zone",
    "lead_id": "lead",
    "access_until": "until",
}


def fill_in(
    client: Client, values: dict[str, Any], custom: dict[int, str], facts: Around
) -> dict[str, list[Any]]:
    """Only what is empty: what staff or the client wrote is never written over. What was set: [before, after]."""
    change: dict[str, list[Any]] = {}
    wanted = {name: values[key] for name, key in _FIELDS.items() if key in values}
    for name, value in wanted.items():
        before = getattr(client, name)
        before = before.isoformat() if hasattr(before, "isoformat") else before
        if value and not before:
            change[name] = [before, value]
            setattr(client, name, value)
    if values.get("marketing") is False and client.wants_marketing:
        change["wants_marketing"], client.wants_marketing = [True, False], False
    for pk, text in custom.items():
        if str(pk) not in client.custom:
            value = read_value(facts.fields[pk], text)
            change[f"custom_{pk}"] = [None, value]
            client.custom[str(pk)] = value
    return change
