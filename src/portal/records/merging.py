"""Two rows of one person become one. Every foreign key is followed; nothing of it stays half done."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Func, IntegerField, Value

from kit import clock
from kit.refused import Refused
from portal import registry
from portal.audit.frozen import may_change
from portal.audit.operations import record
from portal.events import publish
from portal.http import Request
from portal.people import viewing_ends
from portal.people.access import need_manager
from portal.people.models import (
    BUNDLES,
    Bundle,
    Client,
    ClientPasskey,
    ClientSession,
    CompanyMembership,
    EmailChange,
    GoogleAccount,
    Invitation,
    SignInLink,
    Staff,
    ViewAs,
)
from portal.records.models import CustomField, FormerClient, NoDuplicate
from portal.records.walk import Reference, goes_with_client, lists_of_clients, references

# What staff choose between, field by field.
CHOSEN = ("name", "email", "display_name", "phone", "photo", "language", "zone", "lead", "access_until")


class CannotMerge(Refused):
    """Both have something of which one client can have only one."""


@transaction.atomic
def merge(
    kept: Client, gone: Client, chosen: Mapping[str, str], *, by: Staff | None, request: Request | None = None
) -> Client:
    """Move everything of `gone` to `kept`, and remove `gone`. Its old address and id lead to `kept`.

    The ways in of `gone` (sessions, passkeys, links, invitations) end: whoever had them signs in as `kept`.

    Args:
        chosen: names of CHOSEN and "custom_<id>" whose value is taken from `gone`: {"phone": "gone"}.

    Raises:
        NotAllowed: `by` is a member.
        CannotMerge: the same one twice, the example client, an erased one; or a part refuses, in words.
    """
    need_manager(by)
    kept, gone = _locked(kept, gone)
    for part in reversed(registry.parts()):
        # Modules before the shell: they ask what the shell's parts then bring together.
        if part.merge_clients:
            part.merge_clients(kept.pk, gone.pk)
    summary, words = f"{gone} ({gone.email}) merged into ", _words(kept, gone)
    _end_ways_in(gone)
    NoDuplicate.objects.filter(first__in=[kept, gone], second__in=[kept, gone]).delete()
    _unite_memberships(kept, gone)
    FormerClient.objects.create(
        former_id=gone.pk,
        email=kept.email if chosen.get("email") == "gone" else gone.email,
        kept=kept,
        merged_by=by,
    )
    for reference in references():
        _move(reference, gone.pk, kept.pk)
    _move_in_lists(gone.pk, kept.pk)
    change = _take_over(kept, gone, chosen)
    _remove(gone)
    kept.save()
    change |= {"was": words}
    record("records.merged", kept, by=by, summary=f"{summary}{kept}", change=change, request=request)
    publish("records.merged", client_id=kept.pk, former_id=gone.pk)
    return kept


def united_rights(kept: Client, gone: Client) -> list[tuple[str, list[str]]]:
    """What the merged client will be allowed: pairs of a company's name and the rights there, in words."""
    rows = CompanyMembership.objects.filter(client__in=[kept, gone]).select_related("company")
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(str(row.company), set()).update(row.rights)
    return [(name, sorted(rights)) for name, rights in sorted(found.items())]


def _locked(kept: Client, gone: Client) -> tuple[Client, Client]:
    if kept.pk == gone.pk:
        raise CannotMerge("These are one client already.")
    # By id: two merges of the same pair, one each way, must not wait for each other.
    rows = Client.objects.select_for_update().filter(pk__in=[kept.pk, gone.pk]).order_by("pk")
    found = {row.pk: row for row in rows}
    if len(found) < 2:
        raise CannotMerge("One of them is not there any more.")
    for row in found.values():
        if row.is_example or row.erased_at:
            raise CannotMerge(f"{row} cannot be merged.")
    return found[kept.pk], found[gone.pk]


def _end_ways_in(gone: Client) -> None:
    for model in (ClientSession, ClientPasskey, SignInLink, EmailChange, GoogleAccount):
        model._base_manager.filter(client=gone).delete()
    Invitation.objects.filter(client=gone, accepted_at=None, revoked_at=None).update(revoked_at=clock.now())
    # Who may look as the one may not see what is the other's: a look that has not ended ends here.
    running = ViewAs.objects.filter(client=gone, ended_at=None)
    pks = list(running.values_list("pk", flat=True))
    viewing_ends.end_all(running, why="the client was merged with another")
    ViewAs.objects.filter(pk__in=pks).update(code_hash=None, code_expires_at=clock.now(), secret_hash="")


def _unite_memberships(kept: Client, gone: Client) -> None:
    have: dict[int, Any] = {row.company_id: row for row in CompanyMembership.objects.filter(client=kept)}
    row: Any
    for row in CompanyMembership.objects.filter(client=gone):
        mine = have.get(row.company_id)
        if mine is None:
            continue
        rights = set(mine.rights) | set(row.rights)
        mine.rights = [right for right in BUNDLES[Bundle.OWNER] if right in rights]
        mine.bundle = next(
            (one for one, has in BUNDLES.items() if set(has) == rights), max(mine.bundle, row.bundle)
        )
        if hasattr(mine, "sees_from"):
            mine.sees_from = min(mine.sees_from, row.sees_from) if mine.sees_from and row.sees_from else None
        mine.save()
        row.delete()


def _move(reference: Reference, gone: int, kept: int) -> None:
    model, field = reference
    rows = model._base_manager.filter(**{field.attname: gone})
    with may_change(model._meta.db_table, [field.column]):
        if _moved(rows, field.attname, kept):
            return
        for pk in list(rows.order_by("pk").values_list("pk", flat=True)):
            row = model._base_manager.filter(pk=pk)
            if _moved(row, field.attname, kept):
                continue
            if not goes_with_client(field):
                name = model._meta.verbose_name
                raise CannotMerge(f"Both have a {name} where only one can be. End one of them first.")
            row.delete()


def _moved(rows: Any, name: str, kept: int) -> bool:
    try:
        with transaction.atomic():
            rows.update(**{name: kept})
    except IntegrityError:
        return False
    return True


def _move_in_lists(gone: int, kept: int) -> None:
    for model, name in lists_of_clients():
        rows = model._base_manager.filter(**{f"{name}__contains": [gone]})
        ids = [Value(pk, IntegerField()) for pk in (gone, kept)]
        with may_change(model._meta.db_table, [name]):
            # One that is private to both keeps the one.
            both = rows.filter(**{f"{name}__contains": [kept]})
            both.update(**{name: Func(F(name), ids[0], function="array_remove")})
            rows.update(**{name: Func(F(name), *ids, function="array_replace")})


def _take_over(kept: Client, gone: Client, chosen: Mapping[str, str]) -> dict[str, Any]:
    change = {}
    for name in CHOSEN:
        if chosen.get(name) == "gone" and getattr(kept, name) != getattr(gone, name):
            change[name] = [str(getattr(kept, name) or ""), str(getattr(gone, name) or "")]
            setattr(kept, name, getattr(gone, name))
    for field in CustomField.objects.filter(about="client"):
        key = str(field.pk)
        if key in gone.custom and (chosen.get(f"custom_{key}") == "gone" or key not in kept.custom):
            change[field.name] = [kept.custom.get(key), gone.custom[key]]
            kept.custom[key] = gone.custom[key]
    # Who asked once not to be disturbed meant it.
    kept.wants_marketing = kept.wants_marketing and gone.wants_marketing
    kept.created_at = min(kept.created_at, gone.created_at)
    seen = [moment for moment in (kept.last_seen_at, gone.last_seen_at) if moment]
    kept.last_seen_at = max(seen) if seen else None
    return change


def _words(kept: Client, gone: Client) -> list[dict[str, Any]]:
    return [{"id": one.pk, "name": one.name, "email": one.email} for one in (gone, kept)]


def _remove(gone: Client) -> None:
    _, deleted = Client.objects.filter(pk=gone.pk).delete()
    if set(deleted) != {Client._meta.label}:
        raise AssertionError(f"rows would have gone with the client: {deleted}")
