"""The refusals that operations share, and the row that all of them hold first."""

from kit.refused import NotValid, Refused
from kit.typed import storable
from modules.invoices.models import INSIDE, Invoice

LARGEST = 10**14  # minor units; sums of many stay far from the column's end


class NotAllowed(Refused):
    """This person may not do this."""

    words = "You may look at this, but paying is with others of your company."


class Issued(Refused):
    """The invoice is out, so its content stays."""

    words = "This invoice is issued, so it stays as it is. Correct it with a credit note."


class NotIssued(Refused):
    """This makes sense only after issue."""

    words = "This is still a draft. Issue it first."


def hold(invoice: Invoice) -> Invoice:
    """The invoice as it is now, held until the transaction ends.

    Every change takes this row first, before the counter of numbers and before the audit log, so that two
    at once queue up here and never wait for one another in a circle.
    """
    held: Invoice = (
        Invoice.objects.select_for_update(of=("self",)).select_related("company", "client").get(pk=invoice.pk)
    )
    return held


def hold_draft(invoice: Invoice) -> Invoice:
    """The same, of one that may still be changed.

    Raises:
        Issued: it has a number.
    """
    held = hold(invoice)
    if held.state not in INSIDE:
        raise Issued
    return held


def hold_issued(invoice: Invoice) -> Invoice:
    """The same, of one that is out.

    Raises:
        NotIssued: it is a draft.
    """
    held = hold(invoice)
    if held.state in INSIDE:
        raise NotIssued
    return held


def reason_of(words: str, *, field: str = "reason") -> str:
    """Why something was done, trimmed.

    Raises:
        NotValid: empty, too long, or not storable.
    """
    text = storable(words.strip(), field)
    if not text:
        raise NotValid("Say why in a few words.", field=field)
    if len(text) > 200:
        raise NotValid("Please keep it under 200 characters.", field=field)
    return text


def amount_of(minor: int, *, field: str = "minor") -> int:
    """An amount above nothing.

    Raises:
        NotValid: it is nothing, negative, or more than anybody owes.
    """
    if minor <= 0:
        raise NotValid("Write an amount above zero.", field=field)
    if minor > LARGEST:
        raise NotValid("This amount is too large.", field=field)
    return minor
