"""Addresses that get no mail from this agency, and why."""

from collections.abc import Iterable

from django.db import transaction

from kit import clock
from portal.audit.operations import record
from portal.delivery.models import AddressMark
from portal.http import Request
from portal.mail.models import Message
from portal.people.models import Client, Staff

Reason = AddressMark.Reason


def mark(address: str, reason: str, *, words: str, message: Message | None = None) -> AddressMark:
    """Mark an address; one that is marked keeps its mark, but a complaint weighs more than a bounce."""
    found, is_new = AddressMark.objects.get_or_create(
        address__iexact=address,
        cleared_at=None,
        defaults={"address": address.lower(), "reason": reason, "words": words, "message": message},
    )
    if not is_new and reason == Reason.COMPLAINED and found.reason != reason:
        AddressMark.objects.filter(pk=found.pk).update(reason=reason, words=words, message=message)
    return found


def mark_of(address: str) -> AddressMark | None:
    """The mark that stands on an address."""
    return AddressMark.objects.filter(address__iexact=address, cleared_at=None).first()


def marks_of(addresses: Iterable[str]) -> dict[str, AddressMark]:
    """The marks that stand on these addresses, by address in lower case."""
    wanted = {address.lower() for address in addresses}
    found = AddressMark.objects.filter(address__in=wanted, cleared_at=None)
    return {one.address: one for one in found}


def why_not(address: str, *, is_asked_for: bool) -> str:
    """Why no mail goes to an address, in words for staff; "" when it may go.

    Whoever reported spam and then asks for a sign-in link wants that one.
    """
    found = mark_of(address)
    if found is None or (is_asked_for and found.reason == Reason.COMPLAINED):
        return ""
    if found.reason == Reason.COMPLAINED:
        return "Its owner has reported a mail as spam: no more mails go to this address."
    return "Mails to this address came back: no more go there until somebody clears it."


@transaction.atomic
def clear(address: str, *, by: Staff, client: Client | None = None, request: Request | None = None) -> bool:
    """Take the mark off an address because staff know better; whether there was one."""
    found = AddressMark.objects.select_for_update().filter(address__iexact=address, cleared_at=None).first()
    if found is None:
        return False
    found.cleared_at, found.cleared_by = clock.now(), by
    found.save(update_fields=["cleared_at", "cleared_by"])
    summary = f"Mails go to {found.address} again."
    record("delivery.mark_cleared", client or found, by=by, summary=summary, request=request)
    return True
