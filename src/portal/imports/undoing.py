"""Takes an import back: exactly what it made goes, what it changed is as before. What was touched since stays."""

from typing import Any

from django.db import transaction
from django.db.models import ProtectedError

from kit import clock
from kit.refused import Refused
from portal.audit.models import AuditEntry
from portal.audit.operations import record
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
        for row in rows:
            _take_back(one, row)
        if rows:
            again.send(import_id=import_id)
            return
        _remove_made(one)
        one.state, one.finished_at = Import.State.UNDONE, clock.now()
        one.save(update_fields=["state", "finished_at"])
        back = one.rows.filter(state=State.TAKEN_BACK).count()
        record("imports.undone", one, by=one.made_by, summary=f"{one.name} taken back: {back} rows")


def _take_back(one: Import, row: ImportRow) -> None:
    # Rows that name no client any more: it was erased or merged since.
    client = Client.objects.select_for_update(of=("self",)).filter(pk=row.client_id or 0).first()
    if client is None:
        row.state, row.problems = State.KEPT, {"": "Not there any more."}
    elif row.state == State.MADE:
        _remove(client, row)
    else:
        _put_back(client, row)
    row.save()


def _remove(client: Client, row: ImportRow) -> None:
    if _is_touched(client, row):
        row.state, row.problems = State.KEPT, {"": TOUCHED}
        return
    try:
        with transaction.atomic():
            email = client.email
            client.delete()
    except ProtectedError:
        row.state, row.problems = State.KEPT, {"": TOUCHED}
        return
    row.client, row.state = None, State.TAKEN_BACK
    record("imports.client_taken_back", f"client:{row.undo.get('client', 0)}", summary=f"{email} taken back")


def _is_touched(client: Client, row: ImportRow) -> bool:
    changed = any(_value(client, name) != after for name, (_, after) in row.undo.get("set", {}).items())
    if client.last_seen_at or client.removed_at or client.archived_at or changed:
        return True
    entries = AuditEntry.objects.filter(subject=f"client:{client.pk}").exclude(verb__in=OWN_VERBS)
    if entries.exists():
        return True
    own: dict[Any, list[Any]] = {
        CompanyMembership: [row.undo.get("membership")],
        Tagging: row.undo.get("taggings", []),
        ImportRow: [row.pk],
    }
    return any(
        model._base_manager.filter(**{field.attname: client.pk}).exclude(pk__in=own.get(model, [])).exists()
        for model, field in references()
    )


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
    for pk in {words.get("company") for words in undo if words.get("company")}:
        company = Company.objects.filter(pk=pk, memberships=None).first()
        if company is None:
            continue
        try:
            with transaction.atomic():
                company.delete()
        except ProtectedError:
            continue


def _value(client: Client, name: str) -> Any:
    if name.startswith("custom_"):
        return client.custom.get(name.removeprefix("custom_"))
    value = getattr(client, name)
    return value.isoformat() if hasattr(value, "isoformat") else value
