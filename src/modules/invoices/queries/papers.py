"""Invoices as papers: rows in, plain values for the PDF out. The one place that knows both."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.core.files.storage import default_storage

from modules.invoices.models import (
    CreditNote,
    Instalment,
    Invoice,
    InvoiceSettings,
    Line,
    PatternLine,
    State,
)
from modules.invoices.models.arithmetic import Sums, whole
from modules.invoices.models.invoices import party
from modules.invoices.queries.statements import WORDS, Statement
from portal.agency import current_agency
from portal.branding.brand import shown_name
from portal.branding.queries import load_settings
from portal.papers import paper as sheet
from portal.payments.models import EntryKind, LedgerEntry
from portal.payments.queries import transfer_words

MONEY_IN = (EntryKind.CHARGE, EntryKind.TRANSFER, EntryKind.REFUND, EntryKind.REFUND_FAILED)


def invoice_pdf(invoice: Invoice) -> bytes:
    """The invoice as PDF, with the XML inside where it can be one."""
    return render_in_brand(paper_of(invoice))


def receipt_pdf(invoice: Invoice) -> bytes:
    """What was received for the invoice, as PDF."""
    return render_in_brand(paper_of(invoice, kind=sheet.Kind.RECEIPT))


def credit_note_pdf(note: CreditNote) -> bytes:
    """The credit note as PDF."""
    return render_in_brand(credit_paper_of(note))


def statement_pdf(statement: Statement, *, owner: dict[str, str]) -> bytes:
    """A statement of account as PDF."""
    return render_in_brand(statement_paper_of(statement, owner=owner))


def paper_of(invoice: Invoice, *, kind: sheet.Kind = sheet.Kind.INVOICE) -> sheet.InvoicePaper:
    """An issued invoice (or a draft, with the details of today) as a paper."""
    lines = list(invoice.lines.all())
    sums = invoice.sums_of(lines)
    entries = LedgerEntry.objects.filter(payable=invoice.payable, kind__in=MONEY_IN)
    standing = _standing(invoice, kind)
    return sheet.InvoicePaper(
        kind=kind,
        number=invoice.number or "",
        issued_on=invoice.issued_on or current_agency().today(),
        due_on=invoice.due_on,
        delivered_on=invoice.delivered_on,
        currency=invoice.currency,
        seller=party_of(invoice.seller or party(InvoiceSettings.load())),
        buyer=party_of(invoice.buyer or {"name": str(invoice.owner)}),
        lines=lines_of(lines, sums),
        taxes=taxes_of(sums),
        net_minor=invoice.net_minor,
        tax_minor=invoice.tax_minor,
        gross_minor=invoice.gross_minor,
        credited_minor=standing.credited,
        fee_minor=standing.fee,
        paid_minor=standing.paid,
        due_minor=standing.due,
        instalments=tuple(_instalment(part) for part in invoice.instalments.all()),
        payments=tuple(_payment(entry) for entry in entries.select_related("client").order_by("happened_at")),
        notes=_notes(
            f"Void: {invoice.void_reason}. Nothing is to be paid." if invoice.voided_at else "",
            invoice.notes,
            invoice.reference and f"Your order: {invoice.reference}",
        ),
        terms=invoice.terms,
        payment_words=transfer_words(),
        reverse_charge=any(line.tax_category == "AE" for line in lines),
        prices_include_tax=are_gross(lines),
        language=current_agency().language,
    )


def lines_of(lines: Sequence[Line | PatternLine], sums: Sums) -> tuple[sheet.Line, ...]:
    """Lines as a paper has them."""
    all_inside = are_gross(lines)
    return tuple(
        sheet.Line(
            description=line.description,
            quantity=line.quantity,
            unit=line.unit,
            # A paper's unit prices are all with tax or all without: a mixed one shows nets.
            unit_minor=line.unit_minor
            if line.tax_included == all_inside
            else _net_unit(line.quantity, one.net_minor),
            net_minor=one.net_minor,
            tax_rate=line.tax_percent,
            tax_name=line.tax_name,
            discount_minor=one.discount_minor if line.tax_included == all_inside else 0,
        )
        for line, one in zip(lines, sums.lines, strict=True)
    )


def taxes_of(sums: Sums) -> tuple[sheet.TaxTotal, ...]:
    """Taxes as a paper has them."""
    return tuple(
        sheet.TaxTotal(
            one.tax.percent,
            one.tax.name,
            one.tax.category,
            one.base_minor,
            one.tax_minor,
            reason="" if one.tax.percent else one.tax.name or "No tax is charged",
        )
        for one in sums.taxes
    )


def are_gross(lines: Sequence[Line | PatternLine]) -> bool:
    """Whether all prices include tax."""
    return bool(lines) and all(line.tax_included for line in lines)


class _Standing(NamedTuple):
    credited: int = 0
    fee: int = 0
    paid: int = 0
    due: int = 0


def _standing(invoice: Invoice, kind: sheet.Kind) -> _Standing:
    """What is due with all that came after issue: payments, credit notes, late fees.

    What counts towards the invoice is called paid, so that the column adds up: of money that came twice or
    was given back, the payments below tell. A write-off is no business of the client's.
    """
    if not invoice.is_issued:
        return _Standing(due=invoice.gross_minor)
    if invoice.voided_at is not None:
        return _Standing()
    owed = invoice.gross_minor + invoice.fee_minor - invoice.credited_minor
    is_given_up = invoice.state == State.UNCOLLECTIBLE
    due = max(0, owed - invoice.kept_minor) if is_given_up else invoice.due_minor
    paid = invoice.kept_minor if kind == sheet.Kind.RECEIPT else owed - due
    return _Standing(invoice.credited_minor, invoice.fee_minor, paid, due)


def credit_paper_of(note: CreditNote) -> sheet.InvoicePaper:
    """A credit note as a paper: one line for each rate."""
    invoice = note.invoice
    return sheet.InvoicePaper(
        kind=sheet.Kind.CREDIT_NOTE,
        number=note.number,
        issued_on=note.issued_on,
        currency=invoice.currency,
        seller=party_of(note.seller),
        buyer=party_of(note.buyer),
        lines=tuple(
            sheet.Line(
                description=note.reason,
                quantity=Decimal(1),
                unit="",
                unit_minor=tax["base_minor"],
                net_minor=tax["base_minor"],
                tax_rate=Decimal(tax["percent"]),
                tax_name=tax["name"],
            )
            for tax in note.taxes
            if tax["base_minor"] or tax["tax_minor"]
        ),
        taxes=tuple(
            sheet.TaxTotal(
                Decimal(tax["percent"]),
                tax["name"],
                tax["category"],
                tax["base_minor"],
                tax["tax_minor"],
                reason="" if Decimal(tax["percent"]) else tax["name"] or "No tax is charged",
            )
            for tax in note.taxes
            if tax["base_minor"] or tax["tax_minor"]
        ),
        net_minor=note.net_minor,
        tax_minor=note.tax_minor,
        gross_minor=note.gross_minor,
        due_minor=note.gross_minor,
        refers_to=invoice.number or "",
        refers_to_on=invoice.issued_on,
        language=current_agency().language,
    )


def statement_paper_of(statement: Statement, *, owner: dict[str, str]) -> sheet.StatementPaper:
    """A statement as a paper."""
    return sheet.StatementPaper(
        owner=party_of(owner),
        seller=party_of(party(InvoiceSettings.load())),
        from_on=statement.from_on,
        to_on=statement.to_on,
        issued_on=current_agency().today(),
        currency=statement.currency,
        opening_minor=statement.opening_minor,
        rows=tuple(
            sheet.StatementRow(row.on, _with(row.words, row.who), row.minor, row.balance_minor, row.number)
            for row in statement.lines
        ),
        closing_minor=statement.closing_minor,
        payment_words=transfer_words(),
        language=current_agency().language,
    )


def brand() -> sheet.Brand:
    """The agency's, as its portal has it."""
    portal = load_settings()
    logo = b""
    if portal.logo is not None:
        with default_storage.open(portal.logo.storage_key) as file:
            logo = file.read()
    return sheet.Brand(
        name=shown_name(current_agency(), portal), logo_bytes=logo or None, accent=portal.accent
    )


def render_in_brand(paper: sheet.InvoicePaper | sheet.StatementPaper) -> bytes:
    """The paper as PDF with the agency's logo and colour."""
    # The typesetter is large: a process that prints nothing never loads it.
    from portal.papers.pdf import render

    return render(paper, brand())


def _notes(*texts: str) -> str:
    return "\n".join(text for text in texts if text)


def party_of(kept: dict[str, Any]) -> sheet.Party:
    """Seller or buyer as kept."""
    return sheet.Party(
        name=kept.get("name", ""),
        address_lines=tuple(line for line in kept.get("address", "").splitlines() if line.strip()),
        tax_id=kept.get("tax_id", ""),
        email=kept.get("email", ""),
        country=kept.get("country", ""),
    )


def _net_unit(quantity: Decimal, net_minor: int) -> int:

    return whole(Decimal(net_minor) / quantity) if quantity else net_minor


def _instalment(part: Instalment) -> sheet.Instalment:
    state = "overdue" if part.is_overdue else part.state
    return sheet.Instalment(part.label, part.due_on, part.minor, state)


def _payment(entry: LedgerEntry) -> sheet.Payment:
    on: date = entry.happened_at.astimezone(current_agency().tzinfo).date()
    who = entry.client.shown_name if entry.client else ""
    return sheet.Payment(on=on, minor=entry.minor, by=who, method=WORDS[EntryKind(entry.kind)])


def _with(words: str, who: str) -> str:
    return f"{words}, {who}" if who else words
