"""Who may change whom: roles, whom a member sees, leaving. An agency is never without an owner.

Staff are rows of the agency's schema, what opens the console is a membership beside the login: both change in
one transaction, the row of staff first.
"""

from collections.abc import Sequence

from django.db import transaction

from kit import clock
from kit.refused import Refused
from portal.audit.operations import record
from portal.events import publish
from portal.http import Request
from portal.people import charge, viewing_ends
from portal.people.models import Client, Company, OwnershipTransfer, Staff, StaffScope, TeamSettings, ViewAs
from portal.people.refusals import LastOwner, NotAllowed
from tenants.accounts import memberships
from tenants.accounts.logins import has_second_factor
from tenants.accounts.models import Account
from tenants.agencies.current import current_agency, outside_agencies

OWNER = Staff.Role.OWNER


def may_make(by: Staff, role: str) -> bool:
    """Whether `by` may give somebody this role, or take it."""
    return by.is_active and by.may_manage and (role != OWNER or by.role == OWNER)


def need_may_make(by: Staff, role: str) -> None:
    """
    Raises:
        NotAllowed: `by` is a member, or an admin where it is about owners.
    """
    if not may_make(by, role):
        words = "Only owners make or change owners." if by.may_manage else "Only owners and admins do this."
        raise NotAllowed(words)


def may_change(by: Staff, other: Staff) -> bool:
    """Whether `by` may change or remove a colleague."""
    return by.pk != other.pk and may_make(by, other.role)


@transaction.atomic
def change_role(staff: Staff, role: str, *, by: Staff, request: Request | None = None) -> None:
    """Give a colleague another role.

    Raises:
        NotAllowed: oneself; an admin where it is about owners; a member.
        LastOwner: nobody would be owner any more.
        StillInCharge: as a member they would not see what they are in charge of.
    """
    by, locked = _locked(by, staff)
    _need_may_change(by, locked)
    need_may_make(by, role)
    if locked.role == role:
        return
    _need_other_owner(locked)
    change = {"role": [locked.role, role]}
    with charge.kept(locked):
        locked.role = role
        locked.save(update_fields=["role"])
    agency_id = current_agency().id
    with outside_agencies():
        memberships.change_role(locked.account_id, agency_id=agency_id, role=role)
    summary = f"{locked} is {Staff.Role(role).label} now"
    record("people.role_changed", locked, by=by, summary=summary, change=change, request=request)


@transaction.atomic
def set_scope(
    staff: Staff,
    *,
    sees_all: bool,
    company_ids: Sequence[int] = (),
    client_ids: Sequence[int] = (),
    by: Staff,
    request: Request | None = None,
) -> None:
    """Say which clients a member sees; of owners and admins it is kept for the day they become members.

    Raises:
        NotAllowed: as `change_role`.
        StillInCharge: they would not see what they are in charge of.
    """
    by, locked = _locked(by, staff)
    _need_may_change(by, locked)
    before = [locked.sees_all, locked.scopes.count()]
    chosen = {"company_ids": company_ids, "client_ids": client_ids} if not sees_all else {}
    with charge.kept(locked):
        locked.sees_all = sees_all
        locked.save(update_fields=["sees_all"])
        choose_scope(locked, **chosen)
    after = [sees_all, locked.scopes.count()]
    summary = f"{locked} sees " + ("all clients" if sees_all else f"{after[1]} chosen")
    record(
        "people.scope_changed",
        locked,
        by=by,
        summary=summary,
        change={"sees": [before, after]},
        request=request,
    )


def choose_scope(staff: Staff, *, company_ids: Sequence[int] = (), client_ids: Sequence[int] = ()) -> None:
    """Exactly these, inside the caller's transaction; ids of nobody are left out."""
    staff.scopes.all().delete()
    companies = Company.objects.filter(pk__in=company_ids)
    clients = Client.objects.filter(pk__in=client_ids)
    StaffScope.objects.bulk_create(
        [StaffScope(staff=staff, company=company) for company in companies]
        + [StaffScope(staff=staff, client=client) for client in clients]
    )


@transaction.atomic
def remove_staff(staff: Staff, *, by: Staff, request: Request | None = None) -> None:
    """Close the console to a colleague from the next request on. What they wrote stays under their name.

    Raises:
        NotAllowed: as `change_role`.
        LastOwner: nobody would be owner any more.
    """
    by, locked = _locked(by, staff)
    _need_may_change(by, locked)
    _end(locked)
    record("people.staff_removed", locked, by=by, summary=f"{locked} removed from the team", request=request)
    publish("people.staff_left", staff_id=locked.pk)


@transaction.atomic
def leave(staff: Staff, *, request: Request | None = None) -> None:
    """Leave the agency oneself.

    Raises:
        LastOwner: nobody would be owner any more.
    """
    _, locked = _locked(staff, staff)
    _end(locked)
    record("people.staff_left", locked, by=locked, summary=f"{locked} left the team", request=request)
    publish("people.staff_left", staff_id=locked.pk)


@transaction.atomic
def save_settings(
    *,
    by: Staff,
    second_factor_from: object,
    members_may_view: bool,
    request: Request | None = None,
) -> None:
    """What owners ask of everybody.

    Raises:
        NotAllowed: `by` is no owner.
        Refused: the owner has no second factor and would be shut out first.
    """
    by, _ = _locked(by, by)
    if by.role != OWNER:
        raise NotAllowed("Only owners decide this.")
    if second_factor_from is not None and not _has_factor(by):
        words = "Set up your own two-step sign-in first, or you would be the first whom it keeps out."
        raise Refused(words, field="second_factor_from")
    now = TeamSettings.load()
    wanted = {"second_factor_from": second_factor_from, "members_may_view": members_may_view}
    change = {
        name: [str(getattr(now, name)), str(value)]
        for name, value in wanted.items()
        if getattr(now, name) != value
    }
    if not change:
        return
    TeamSettings.objects.update_or_create(pk=1, defaults=wanted)
    record("people.team_settings", "team:1", by=by, summary="Changed what the team must", change=change,
           request=request)  # fmt: skip


def _locked(by: Staff, staff: Staff) -> tuple[Staff, Staff]:
    """Both as they are now, with all owners locked: two who act on each other at once come one after the other."""
    owners = Staff.objects.filter(role=OWNER) | Staff.objects.filter(pk__in=[by.pk, staff.pk])
    rows = {row.pk: row for row in owners.select_for_update().order_by("pk")}
    actor, locked = rows[by.pk], rows[staff.pk]
    if not actor.is_active:
        raise NotAllowed("You are not of this team any more.")
    if not locked.is_active:
        raise NotAllowed("This person is not of the team any more.")
    return actor, locked


def _need_may_change(by: Staff, other: Staff) -> None:
    if by.pk == other.pk:
        raise NotAllowed("Nobody changes themselves. Ask another owner or admin.")
    need_may_make(by, other.role)


def _need_other_owner(staff: Staff) -> None:
    others = Staff.objects.filter(role=OWNER, is_active=True).exclude(pk=staff.pk)
    if staff.role == OWNER and not others.exists():
        raise LastOwner("An agency has at least one owner. Hand the ownership over first.")


def _end(staff: Staff) -> None:
    from portal.people.joining import revoke_all_by

    _need_other_owner(staff)
    now = clock.now()
    staff.is_active, staff.left_at = False, now
    staff.save(update_fields=["is_active", "left_at"])
    staff.scopes.all().delete()
    revoke_all_by(staff)
    open_ones = OwnershipTransfer.objects.filter(accepted_at__isnull=True, ended_at__isnull=True)
    (open_ones.filter(giver=staff) | open_ones.filter(receiver=staff)).update(ended_at=now)
    viewing_ends.end_all(ViewAs.objects.filter(staff=staff), why="not of the team any more")
    agency_id = current_agency().id
    with outside_agencies():
        memberships.close(staff.account_id, agency_id=agency_id)


def _has_factor(staff: Staff) -> bool:
    with outside_agencies():
        account = Account.objects.filter(pk=staff.account_id).first()
        return account is not None and has_second_factor(account)
