"""One invoice as its page shows it: to the client and on the console alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from modules.invoices.models import (
    CreditNote,
    Instalment,
    Invoice,
    Line,
    Pattern,
    PatternLine,
    TransferReport,
)
from modules.invoices.models.arithmetic import LineSum, add_up
from modules.invoices.queries.lists import tone_of, words_of
from modules.invoices.queries.statements import WORDS
from portal.payments.models import EntryKind, LedgerEntry


@dataclass(frozen=True)
class ShownLine:
    """A line with what it comes to, and its tax in words."""

    line: Line | PatternLine
    sum: LineSum
    tax: str


@dataclass(frozen=True)
class Content:
    """What is billed or offered, as the lines' part of a page prints it."""

    lines: list[ShownLine]
    taxes: Any
    discount_minor: int


@dataclass(frozen=True)
class Movement:
    """An entry of the ledger in words; `minor` positive when it lessened the debt."""

    entry: LedgerEntry
    words: str
    who: str


@dataclass(frozen=True)
class InvoicePage:
    """All that a page of one invoice prints."""

    invoice: Invoice
    status: str
    tone: str
    lines: list[ShownLine]
    taxes: Any
    discount_minor: int
    instalments: list[Instalment]
    movements: list[Movement]
    credit_notes: list[CreditNote]
    reports: list[TransferReport]


def page_of(invoice: Invoice) -> InvoicePage:
    """Everything of one invoice, in seven questions however long it is."""
    lines = list(invoice.lines.all())
    sums = invoice.sums_of(lines)
    entries = (
        LedgerEntry.objects.filter(payable=invoice.payable)
        .exclude(kind=EntryKind.FEE)
        .select_related("client", "staff", "payment")
        .order_by("happened_at", "pk")
    )
    return InvoicePage(
        invoice=invoice,
        status=words_of(invoice),
        tone=tone_of(invoice),
        lines=[ShownLine(line, one, _tax_words(line)) for line, one in zip(lines, sums.lines, strict=True)],
        taxes=sums.taxes,
        discount_minor=sum(one.discount_minor for one in sums.lines) - _of_lines(lines),
        instalments=list(invoice.instalments.all()),
        movements=[
            Movement(entry, WORDS.get(EntryKind(entry.kind), entry.kind), _who(entry)) for entry in entries
        ],
        credit_notes=list(invoice.credit_notes.all()),
        reports=list(invoice.transfer_reports.select_related("client", "proof")),
    )


def content_of(pattern: Pattern) -> Content:
    """The lines of a quote or of a repeating invoice, and what they come to."""
    lines = list(pattern.lines.all())
    sums = pattern.sums_of(lines)
    shown = [ShownLine(line, one, _tax_words(line)) for line, one in zip(lines, sums.lines, strict=True)]
    return Content(shown, sums.taxes, sums.discount_minor - _of_lines(lines))


def _of_lines(lines: Sequence[Line | PatternLine]) -> int:
    """What the lines' own discounts come to; the rest is off the whole."""
    return add_up([line.priced for line in lines]).discount_minor


def _who(entry: LedgerEntry) -> str:
    if entry.client is not None:
        return entry.client.shown_name
    return str(entry.staff) if entry.staff else ""


def _tax_words(line: Line | PatternLine) -> str:
    if not line.tax_percent:
        return line.tax_name
    words = f"{line.tax_name}\u00a0{line.tax_percent.normalize():f}\u00a0%"
    return f"{words}, included" if line.tax_included else words
