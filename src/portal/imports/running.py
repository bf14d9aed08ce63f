"""Brings the rows in, a hundred at a time. A row is marked in the transaction that makes its client."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction

from kit import clock
from kit.refused import Refused
from portal.audit.operations import record
from portal.events import publish
from portal.http import Request
from portal.imports import together
from portal.imports.columns import Around, ReadRow, around, read_row
from portal.imports.filling import fill_in
from portal.imports.models import Import, ImportRow
from portal.people.models import Client, Company, CompanyMembership, Staff
from portal.people.operations import add_client, company_named
from portal.people.refusals import AlreadyClient, ClientLimitReached
from portal.records.former import known_as, known_by
from portal.records.models import Tag, Tagging
from portal.records.tags import tag_named

AT_ONCE = 100
State = ImportRow.State
WAITING = (State.NEW, State.KNOWN)


@transaction.atomic
def start(one: Import, *, all_or_none: bool, by: Staff, request: Request | None = None) -> None:
    """Begin: the job does the rest.

    Args:
        all_or_none: refuse when a row is broken or the plan has no room for all; else good rows only.

    Raises:
        Refused: the columns are not checked, or see `all_or_none`.
    """
    from portal.imports.checking import report
    from portal.imports.jobs import run

    locked = Import.objects.select_for_update().get(pk=one.pk)
    if locked.state != Import.State.CHECKED:
        raise Refused("This import has begun already.")
    found = report(locked)
    if all_or_none and (found.bad or found.is_too_many):
        raise Refused("Not all rows can be brought in. Mend the file, or bring in the good rows only.")
    if not found.good and not (found.known and locked.updates_known):
        raise Refused("There is no row that could be brought in.")
    if not locked.updates_known:
        # Known clients stay as they are: these rows are done.
        locked.rows.filter(state=State.KNOWN).update(problems={"": "Known already, left as it is."})
    locked.state = Import.State.RUNNING
    locked.save(update_fields=["state"])
    words = f"Import of {locked.name} begun: {found.good} new clients"
    record("imports.started", locked, by=by, summary=words, request=request)
    run.send(import_id=locked.pk)


def run(import_id: int) -> None:
    """The next hundred rows, and another job for those after them. Twice at once: the second finds nothing."""
    from portal.imports.jobs import run as again

    with transaction.atomic():
        one = Import.objects.select_for_update().filter(pk=import_id, state=Import.State.RUNNING).first()
        if one is None:
            return
        rows = list(_waiting(one)[:AT_ONCE])
        if rows:
            _bring_in(one, rows)
            again.send(import_id=import_id)
            return
        one.state, one.finished_at = Import.State.DONE, clock.now()
        one.save(update_fields=["state", "finished_at"])
        made = one.rows.filter(state=State.MADE).count()
        words = f"Import of {one.name}: {made} clients added"
        record("imports.done", one, by=one.made_by, summary=words)
        publish("imports.done", import_id=one.pk)


def _waiting(one: Import) -> Any:
    states = WAITING if one.updates_known else (State.NEW,)
    return one.rows.filter(state__in=states).order_by("number")


def _bring_in(one: Import, rows: Sequence[ImportRow]) -> None:
    facts = around()
    found = {row: read_row(row.cells, len(one.head), one.mapping, facts) for row in rows}
    for row, read in found.items():
        if read.problems:  # a field or a colleague went since the dry run
            row.problems, row.state = read.problems, State.BAD
    good = {row: read for row, read in found.items() if not read.problems}
    known = known_by([read.values["email"] for read in good.values()])
    fresh = {row: read for row, read in good.items() if read.values["email"].lower() not in known}
    if not _made_together(one, fresh, facts):
        fresh = {}
    for row, read in good.items():
        if row not in fresh:
            _bring_one(one, row, read, facts)
    ImportRow.objects.bulk_update(rows, ["problems", "state", "client", "undo"])


def _made_together(one: Import, fresh: Mapping[ImportRow, ReadRow], facts: Around) -> bool:
    """Whether all of these were added, in a few statements; if not, none was, and each says for itself why."""
    try:
        with transaction.atomic():
            added = together.add_clients(one, fresh, facts)
    except (ClientLimitReached, Refused, IntegrityError):
        return False
    for row, (client, undo) in added.items():
        row.client, row.undo, row.state = client, undo, State.MADE
    return True


def _bring_one(one: Import, row: ImportRow, read: ReadRow, facts: Around) -> None:
    try:
        with transaction.atomic():
            _make(one, row, read.values, read.custom, facts)
    except (ClientLimitReached, Refused) as refusal:
        row.problems, row.state, row.undo = {"": refusal.words}, State.BAD, {}


def _make(one: Import, row: ImportRow, values: dict[str, Any], custom: dict[int, str], facts: Around) -> None:
    client = Client.objects.with_email(values["email"]).first() or known_as(values["email"])
    is_new = client is None
    if client is None:
        client = add_client(email=values["email"], name=values["name"], by=one.made_by)
    elif client.erased_at is not None or not one.updates_known:
        raise AlreadyClient(client)
    change = fill_in(client, values, custom, facts)
    if change:
        client.save(update_fields=[*{"custom" if name.startswith("custom_") else name for name in change}])
    row.undo = {"made": is_new, "client": client.pk, "set": change}
    _belongings(client, values, row.undo)
    row.client, row.state = client, State.MADE if is_new else State.CHANGED
    if not is_new:
        words = f"{client}: filled in from {one.name}"
        record("imports.filled_in", client, by=one.made_by, summary=words)


def _belongings(client: Client, values: dict[str, Any], undo: dict[str, Any]) -> None:
    if name := values.get("company"):
        is_new = not Company.objects.filter(name__iexact=" ".join(name.split())).exists()
        company = company_named(name, by=None)
        assert company is not None, "a name was given"
        membership, joined = CompanyMembership.objects.get_or_create(client=client, company=company)
        undo |= {"company": company.pk if is_new else None, "membership": membership.pk if joined else None}
    for word in values.get("tags", []):
        is_new = not Tag.objects.filter(name__iexact=word).exists()
        tag = tag_named(word)
        tagging, put = Tagging.objects.get_or_create(client=client, tag=tag)
        if put:
            undo.setdefault("taggings", []).append(tagging.pk)
        if is_new:
            undo.setdefault("tags", []).append(tag.pk)
