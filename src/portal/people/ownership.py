"""Handing an agency over: offered by an owner, accepted by a colleague; then the owner is an admin."""

from datetime import timedelta

from django.db import transaction
from django.utils.formats import date_format

from kit import clock
from portal.audit.operations import record
from portal.events import publish
from portal.http import Request
from portal.mail.operations import queue_mail
from portal.people.models import OwnershipTransfer, Staff
from portal.people.refusals import LinkUnusable, NotAllowed
from tenants.accounts import memberships
from tenants.agencies.current import current_agency, outside_agencies

VALID_FOR = timedelta(days=7)


def open_transfer_of(staff: Staff) -> OwnershipTransfer | None:
    """What this person has offered, or is offered, and nobody has answered."""
    waiting = OwnershipTransfer.objects.open().select_related("giver", "receiver")
    return (waiting.filter(giver=staff) | waiting.filter(receiver=staff)).order_by("-pk").first()


@transaction.atomic
def offer(*, by: Staff, to: Staff, request: Request | None = None) -> OwnershipTransfer:
    """Offer the ownership; both get a mail. Nothing changes until it is accepted.

    The caller has asked the owner's password or second factor again.

    Raises:
        NotAllowed: `by` is no owner, `to` is one already or is not of the team.
    """
    giver, receiver = _locked(by, to)
    if giver.role != Staff.Role.OWNER or giver.pk == receiver.pk or receiver.role == Staff.Role.OWNER:
        raise NotAllowed("Owners hand over to a colleague who is not an owner yet.")
    _end(OwnershipTransfer.objects.filter(giver=giver))
    made = OwnershipTransfer.objects.create(
        giver=giver, receiver=receiver, expires_at=clock.now() + VALID_FOR
    )
    until = date_format(made.expires_at.astimezone(current_agency().tzinfo).date(), "j F Y")
    words = {"giver": str(giver), "receiver": str(receiver), "expires": until}
    words["button_url"] = current_agency().console_url("/team/ownership/")
    queue_mail("people.ownership_offered", receiver, words=words)
    queue_mail("people.ownership_offered_by_you", giver, words=words)
    summary = f"Ownership offered to {receiver}"
    record("people.ownership_offered", made, by=giver, summary=summary, request=request)
    return made


@transaction.atomic
def accept(transfer: OwnershipTransfer, *, by: Staff, request: Request | None = None) -> None:
    """Become owner; whoever offered it is an admin from now on. Both get a mail.

    Raises:
        NotAllowed: it was offered to somebody else.
        LinkUnusable: taken back, declined or too old, or the giver is no owner any more.
    """
    giver, receiver = _locked(transfer.giver, by)
    if transfer.receiver_id != receiver.pk:
        raise NotAllowed("This was offered to somebody else.")
    taken = OwnershipTransfer.objects.open().filter(pk=transfer.pk).update(accepted_at=clock.now())
    if not taken or giver.role != Staff.Role.OWNER:
        raise LinkUnusable("This offer does not stand any more.")
    agency = current_agency()
    for staff, role in ((receiver, Staff.Role.OWNER), (giver, Staff.Role.ADMIN)):
        staff.role = role
        staff.save(update_fields=["role"])
        with outside_agencies():
            memberships.change_role(staff.account_id, agency_id=agency.id, role=role)
        words = {"giver": str(giver), "receiver": str(receiver), "button_url": agency.console_url("/team/")}
        queue_mail("people.ownership_moved", staff, words=words)
    summary = f"{receiver} is owner now, {giver} an admin"
    record("people.ownership_moved", transfer, by=receiver, summary=summary, request=request)
    publish("people.ownership_moved", transfer_id=transfer.pk)


@transaction.atomic
def end(transfer: OwnershipTransfer, *, by: Staff, request: Request | None = None) -> None:
    """Take the offer back, or decline it.

    Raises:
        NotAllowed: it is between other people.
    """
    if by.pk not in (transfer.giver_id, transfer.receiver_id):
        raise NotAllowed("This is between other people.")
    if _end(OwnershipTransfer.objects.filter(pk=transfer.pk)):
        words = "taken back" if by.pk == transfer.giver_id else "declined"
        record("people.ownership_kept", transfer, by=by, summary=f"Ownership {words}", request=request)


def _end(transfers: object) -> int:
    waiting = transfers.filter(accepted_at__isnull=True, ended_at__isnull=True)  # type: ignore[attr-defined]
    return int(waiting.update(ended_at=clock.now()))


def _locked(giver: Staff, receiver: Staff) -> tuple[Staff, Staff]:
    """As roles.py locks: all owners and both, in one order."""
    owners = Staff.objects.filter(role=Staff.Role.OWNER) | Staff.objects.filter(
        pk__in=[giver.pk, receiver.pk]
    )
    rows = {row.pk: row for row in owners.select_for_update().order_by("pk")}
    found = rows[giver.pk], rows[receiver.pk]
    if not all(one.is_active for one in found):
        raise NotAllowed("This person is not of the team any more.")
    return found
