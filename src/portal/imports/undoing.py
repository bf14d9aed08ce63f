"""Takes an import back: exactly what it made goes, what it changed is as before. What was touched since stays."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from django.db import transaction
from django.db.models import Model, ProtectedError

from kit import clock
from kit.refused import Refused
from portal.audit.models import AuditEntry
from portal.audit.operations import record, record_all
from portal.http import Request
from portal.imports.models import Import, ImportRow
from portal.people.models import Client, Company, CompanyMembership, Staff
from portal.records.models import Tag, Tagging
from portal.records.walk import references

AT_ONCE = 100
State = ImportRow.State
TOUCHED = "Touched since, so it stays."
# What an import itself leaves about a client: everything else is somebody's doing.
OWN_VERBS = ("people.client_added", "imports.filled_in")


@transaction.atomic
def start(one: Import, *, by: Staff, request: Request | None = None) -> None:
    """Begin to take it back: the job does the rest.

    Raises:
        Refused: it is not done, or taken back already.
    """
    from portal.imports.jobs import undo

    locked = Import.objects.select_for_update().get(pk=one.pk)
    if locked.state != Import.State.DONE:
        raise Refused("Only an import that is done can be taken back.")
    locked.state = Import.State.UNDOING
    locked.save(update_fields=["state"])
    record("imports.undo_started", locked, by=by, summary=f"Taking back {locked.name}", request=request)
    undo.send(import_id=locked.pk)


def undo(import_id: int) -> None:
    """The next hundred rows, from the last one up, and another job for the rest."""
    from portal.imports.jobs import undo as again

    with transaction.atomic():
        one = Import.objects.select_for_update().filter(pk=import_id, state=Import.State.UNDOING).first()
        if one is None:
            return
        rows = list(one.rows.filter(state__in=[State.MADE, State.CHANGED]).order_by("-number")[:AT_ONCE])
        if rows:
            _take_back(rows)
            again.send(import_id=import_id)
            return
        _remove_made(one)
        one.state, one.finished_at = Import.State.UNDONE, clock.now()
        one.save(update_fields=["state", "finished_at"])
        back = one.rows.filter(state=State.TAKEN_BACK).count()
        record("imports.undone", one, by=one.made_by, summary=f"{one.name} taken back: {back} rows")


def _take_back(rows: Sequence[ImportRow]) -> None:
    ids = {row.client_id for row in rows if row.client_id}
    # By id, as everybody who holds several of them.
    held = Client.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk").in_bulk()
    made = {row: held[row.client_id] for row in rows if row.state == State.MADE and row.client_id in held}
    for row in rows:
        # Rows that name no client any more: it was erased or merged since.
        if row.client_id not in held:
            row.state, row.problems = State.KEPT, {"": "Not there any more."}
        elif row not in made:
            _put_back(held[row.client_id], row)
    _remove(made)
    ImportRow.objects.bulk_update(rows, ["state", "problems", "client"])


def _remove(made: Mapping[ImportRow, Client]) -> None:
    touched = _touched(made)
    going = {row: client for row, client in made.items() if client.pk not in touched}
    if not _deleted([client.pk for client in going.values()]):
        # One of them is held by something: which one, they say one by one.
        going = {row: client for row, client in going.items() if _deleted([client.pk])}
    said: list[tuple[Model | str, str]] = []
    for row, client in made.items():
        if row in going:
            row.client, row.state = None, State.TAKEN_BACK
            said.append((f"client:{row.undo.get('client', 0)}", f"{client.email} taken back"))
        else:
            row.state, row.problems = State.KEPT, {"": TOUCHED}
    record_all("imports.client_taken_back", said)


def _deleted(ids: Sequence[int]) -> bool:
    try:
        with transaction.atomic():
            Client.objects.filter(pk__in=ids).delete()
    except ProtectedError:
        return False
    return True


def _touched(made: Mapping[ImportRow, Client]) -> set[int]:
    """Ids of those of whom anything is there that the import did not leave; each table is asked once for all."""
    ids = {client.pk for client in made.values()}
    found = {client.pk for row, client in made.items() if _is_changed(client, row)}
    subjects = AuditEntry.objects.filter(subject__in=[f"client:{pk}" for pk in ids])
    others = subjects.exclude(verb__in=OWN_VERBS).values_list("subject", flat=True)
    found |= {int(subject.partition(":")[2]) for subject in others}
    own: dict[Any, set[tuple[int, Any]]] = {
        CompanyMembership: {(one.pk, row.undo.get("membership")) for row, one in made.items()},
        Tagging: {(one.pk, pk) for row, one in made.items() for pk in row.undo.get("taggings", [])},
        ImportRow: {(one.pk, row.pk) for row, one in made.items()},
    }
    for model, field in references():
        rows = model._base_manager.filter(**{f"{field.attname}__in": ids}).order_by()
        pairs = set(rows.values_list(field.attname, "pk"))
        found |= {client_id for client_id, _ in pairs - own.get(model, set())}
    return found


def _is_changed(client: Client, row: ImportRow) -> bool:
    changed = any(_value(client, name) != after for name, (_, after) in row.undo.get("set", {}).items())
    return bool(client.last_seen_at or client.removed_at or client.archived_at or changed)


def _put_back(client: Client, row: ImportRow) -> None:
    kept = False
    for name, (before, after) in row.undo.get("set", {}).items():
        if _value(client, name) != after:
            kept = True
        elif name.startswith("custom_"):
            client.custom.pop(name.removeprefix("custom_"), None)
        else:
            setattr(client, name, before)
    client.save()
    Tagging.objects.filter(pk__in=row.undo.get("taggings", []), client=client).delete()
    if membership := row.undo.get("membership"):
        CompanyMembership.objects.filter(pk=membership, client=client).delete()
    row.state = State.KEPT if kept else State.TAKEN_BACK
    row.problems = {"": TOUCHED} if kept else {}


def _remove_made(one: Import) -> None:
    """Companies and tags that the import made and nothing needs."""
    undo = list(one.rows.values_list("undo", flat=True))
    tags = [pk for words in undo for pk in words.get("tags", [])]
    Tag.objects.filter(pk__in=tags, taggings=None).delete()
    made = {words["company"] for words in undo if words.get("company")}
    unused = Company.objects.filter(pk__in=made, memberships=None)
    try:
        with transaction.atomic():
            unused.delete()
    except ProtectedError:
        for company in unused:
            with suppress(ProtectedError), transaction.atomic():
                company.delete()


def _value(client: Client, name: str) -> Any:
    if name.startswith("custom_"):
        return client.custom.get(name.removeprefix("custom_"))
    value = getattr(client, name)
    return value.isoformat() if hasattr(value, "isoformat") else value
