"""The owners' accounts: a movement for whatever changes what is open. Written under the invoice's lock."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import connection, transaction
from django.db.models import Sum

from kit import clock
from modules.invoices.models import Invoice, InvoiceSum, Movement
from modules.invoices.operations.checks import hold
from portal.agency import current_agency
from portal.payments.models import EntryKind, LedgerEntry
from portal.payments.sums import Difference, Sums, recounts

# The SELECTs of the triggers in migration "keep sums"; new ones there are new ones here.
INVOICES = (
    "SELECT p.what, w.whose, r.currency, p.day, p.minor, 1 FROM ROWS r"
    " CROSS JOIN LATERAL (VALUES"
    " ('open', COALESCE(r.next_due_on, r.due_on, DATE '9999-12-31'), r.due_minor,"
    " r.state IN ('issued', 'partly_paid') AND r.due_minor > 0),"
    " ('draft', DATE '1970-01-01', r.gross_minor, r.state IN ('draft', 'scheduled')))"
    " AS p (what, day, minor, holds)"
    " CROSS JOIN LATERAL (VALUES (''), (CASE WHEN r.company_id IS NULL THEN 'client-' || r.client_id"
    " ELSE 'company-' || r.company_id END)) AS w (whose)"
    " WHERE p.holds AND (w.whose = '' OR p.what = 'open')"
)
MOVEMENTS = "SELECT 'moved', r.whose, r.currency, r.day, r.minor, 1 FROM ROWS r"
SUMS = Sums(InvoiceSum, (("invoices_invoice", INVOICES), ("invoices_movement", MOVEMENTS)))


def follow(held: Invoice, entries: Sequence[LedgerEntry]) -> None:
    """Write the movements that a held, issued invoice still lacks. Any number of times, in any order.

    Args:
        entries: all of its ledger, in its own currency.
    """
    known = dict(Movement.objects.filter(invoice=held).values_list("entry_id", "pk"))
    assert held.issued_on is not None, "what is issued has a day"
    missing = [] if None in known else [_movement(held, "billed", held.issued_on, held.gross_minor)]
    for entry in entries:
        if entry.pk not in known and entry.kind != EntryKind.FEE:
            missing.append(_movement(held, "entry", _day(entry.happened_at), -entry.minor, entry))
    if missing:
        Movement.objects.bulk_create(missing)
    # Void, or given back beyond what was paid too much: it is not asked for again.
    come_to = Movement.objects.filter(invoice=held).aggregate(sum=Sum("minor"))["sum"]
    left = held.due_minor - held.over_minor - come_to
    if left:
        day = _day(held.voided_at or clock.now())
        _movement(held, "let_go", day, left).save()


def recount() -> tuple[list[Difference], list[str]]:
    """Count all sums anew and mend what differed: the differences, and invoices whose account did."""
    invoices = astray()
    for pk in invoices:
        _mend_account(pk)
    return SUMS.mend(), [str(Invoice.objects.get(pk=pk)) for pk in invoices]


@recounts("invoices")
def recount_in_words(is_mended: bool) -> list[str]:
    """What differs between invoices, their owners' accounts and the kept sums."""
    if is_mended:
        differences, invoices = recount()
    else:
        differences, invoices = SUMS.drift(), [str(Invoice.objects.get(pk=pk)) for pk in astray()]
    return [*(f"account of {number}" for number in invoices), *map(str, differences)]


def astray() -> list[int]:
    """Issued invoices whose movements do not come to what is open of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.id FROM invoices_invoice i LEFT JOIN (SELECT invoice_id, sum(minor) AS minor"
            " FROM invoices_movement GROUP BY 1) m ON m.invoice_id = i.id WHERE i.number IS NOT NULL"
            " AND (m.minor IS NULL OR m.minor <> i.due_minor - i.over_minor) ORDER BY i.id"
        )
        return [pk for (pk,) in cursor.fetchall()]


@transaction.atomic
def _mend_account(pk: int) -> None:
    held = hold(Invoice(pk=pk))
    entries = LedgerEntry.objects.filter(payable=held.payable, currency=held.currency)
    follow(held, list(entries.order_by("happened_at", "pk")))


def _movement(held: Invoice, kind: str, day: date, minor: int, entry: LedgerEntry | None = None) -> Movement:
    return Movement(
        invoice=held, kind=kind, entry=entry, whose=held.whose, currency=held.currency, day=day, minor=minor
    )


def _day(moment: datetime) -> date:
    return moment.astimezone(current_agency().tzinfo).date()
