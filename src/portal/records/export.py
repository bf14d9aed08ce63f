"""Clients as a table, and all that is known of one person for that person."""

import json
import re
from collections.abc import Iterator
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from kit.csv_cells import csv_text
from portal.archive.tables import LEFT_OUT, columns
from portal.people.models import Client, ClientQuerySet
from portal.records.fields import typed
from portal.records.models import CustomField
from portal.records.walk import references

AT_ONCE = 500
# What staff keep for themselves is not the person's to be handed, and neither are other people's rows.
INTERNAL_APPS = frozenset({"records", "tasks", "imports"})
INTERNAL = re.compile(r"internal|note$|^staff|sent_by|given_by|written_by")
HEAD = [
    "Name", "E-mail", "Called", "Phone", "Companies", "Tags", "Lead", "Language", "Zone", "Marketing",
    "Access until", "Added", "Last seen",
]  # fmt: skip


def table(clients: ClientQuerySet) -> Iterator[bytes]:
    """These clients as CSV, some at a time, oldest first. Notes are never in it."""
    fields = list(CustomField.objects.active())
    yield csv_text([[*HEAD, *(one.name for one in fields)]]).encode()
    last = 0
    shown = clients.select_related("lead").prefetch_related("memberships__company", "tags")
    while rows := list(shown.filter(pk__gt=last).order_by("pk")[:AT_ONCE]):
        last = rows[-1].pk
        yield csv_text([_row(one, fields) for one in rows]).encode()


def _row(client: Client, fields: list[CustomField]) -> list[Any]:
    moments: list[Any] = [client.access_until, client.created_at.date(), client.last_seen_at]
    return [
        client.name,
        client.email,
        client.display_name,
        client.phone,
        "; ".join(row.company.name for row in client.memberships.all()),
        "; ".join(tag.name for tag in client.tags.all()),
        client.lead or "",
        client.language,
        client.zone,
        "yes" if client.wants_marketing else "no",
        *(moment.isoformat(timespec="seconds") if hasattr(moment, "hour") else moment for moment in moments),
        *(typed(one, client.custom.get(str(one.pk))) for one in fields),
    ]


def person(client: Client) -> str:
    """All that is kept of one person, as JSON: what it is told when it asks (GDPR, article 15 and 20)."""
    found: dict[str, Any] = {"client": _columns(Client, {"pk": client.pk})}
    names = {str(one.pk): one.name for one in CustomField.objects.filter(about="client")}
    found["fields"] = {names.get(pk, pk): value for pk, value in client.custom.items()}
    found["companies"] = [
        {"company": row.company.name, "rights": row.rights}
        for row in client.memberships.select_related("company")
    ]
    for model, field in references():
        label = model._meta.label_lower
        if model._meta.app_label in INTERNAL_APPS or label in LEFT_OUT:
            continue
        rows = _columns(model, {field.attname: client.pk})
        if rows:
            found.setdefault(label, []).extend(rows)
    return json.dumps(found, cls=DjangoJSONEncoder, indent=1, ensure_ascii=False)


def _columns(model: Any, which: dict[str, Any]) -> list[dict[str, Any]]:
    names = [
        name for name in columns(model) if not INTERNAL.search(name) and name not in ("custom", "lead_id")
    ]
    rows = model._base_manager.filter(**which)
    if "is_internal" in {field.name for field in model._meta.concrete_fields}:
        rows = rows.filter(is_internal=False)
    return list(rows.order_by("pk").values(*names))
