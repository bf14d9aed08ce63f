"""What keeps a paper from being an electronic invoice, in the terms of EN 16931-1 (rules BR-*)."""

import re
from collections.abc import Iterator
from decimal import Decimal

from kit.money import exponent
from portal.papers.amounts import TaxGroup, groups, net_lines, tax_of
from portal.papers.letters import one_line
from portal.papers.paper import Allowance, Category, InvoicePaper, Kind, Line, Party

# A VAT identifier starts with its country (BR-CO-09); Greece writes EL, Northern Ireland XI.
_VAT_ID = re.compile(r"[A-Z]{2}[A-Z0-9+*]{2,13}")
_OWN_PREFIX = {"GR": ("EL",), "GB": ("GB", "XI")}
_COUNTRY = re.compile(r"[A-Z]{2}")


def problems(paper: InvoicePaper) -> list[str]:
    """Why there is no electronic invoice of this paper, each in one sentence for staff; empty: there is one."""
    if paper.kind not in {Kind.INVOICE, Kind.CREDIT_NOTE}:
        return ["Only invoices and credit notes are electronic invoices."]
    return [*_who(paper), *_what(paper), *_taxes(paper), *_sums(paper)]


def vat_id(party: Party) -> str:
    """The party's VAT identifier without blanks, "" when its tax number is none."""
    number = re.sub(r"[\s.\-/]", "", one_line(party.tax_id)).upper()
    country = party.country.upper()
    prefixes = _OWN_PREFIX.get(country, (country,) if country else ())
    return number if _VAT_ID.fullmatch(number) and number.startswith(tuple(prefixes)) else ""


def _who(paper: InvoicePaper) -> Iterator[str]:
    for role, party in (("seller", paper.seller), ("buyer", paper.buyer)):
        if not one_line(party.name):
            yield f"The {role} has no name (BR-06, BR-07)."
        if not _COUNTRY.fullmatch(party.country.upper()):
            yield f"The {role}'s country is not known (BR-09, BR-11)."
    if not one_line(paper.seller.tax_id):
        yield "The seller has no tax number (BR-CO-26, BR-S-02)."
    reverses = any(tax.category == Category.REVERSE_CHARGE for tax in paper.taxes)
    if reverses and not (vat_id(paper.seller) and vat_id(paper.buyer)):
        yield "Reverse charge needs the VAT identifiers of seller and buyer (BR-AE-02)."


def _what(paper: InvoicePaper) -> Iterator[str]:
    if not one_line(paper.number):
        yield "The paper has no number (BR-02)."
    if not paper.lines:
        yield "The paper has no lines (BR-16)."
    if not all(one_line(line.description) for line in paper.lines):
        yield "A line has no description (BR-25)."
    if any(line.net_minor and not line.quantity for line in paper.lines):
        yield "A line of no quantity costs something (BR-22)."
    if any(part.minor < 0 for part in paper.allowances):
        yield "A discount is negative (BR-31)."
    if exponent(paper.currency) > 2 and any(minor % 10 for minor in _all_amounts(paper)):
        yield f"EN 16931 has two decimals, this amount in {paper.currency} needs three (BR-DEC)."


def _taxes(paper: InvoicePaper) -> Iterator[str]:
    if not paper.taxes:
        yield "The paper says nothing of taxes (BR-CO-18)."
    parts: list[Line | Allowance] = [*paper.lines, *paper.allowances]
    if any(tax_of(paper, part) is None for part in parts):
        yield "A line has a tax that the paper's sums lack (BR-S-08)."
    for group in groups(paper):
        yield from _tax(paper, group)


def _tax(paper: InvoicePaper, group: TaxGroup) -> Iterator[str]:
    tax = group.tax
    if tax.category not in set(Category):
        yield f"The tax category {tax.category} is not supported (BR-CL-17)."
    elif tax.category == Category.STANDARD and tax.rate <= 0:
        yield "A standard rate is above zero (BR-S-05)."
    elif tax.category != Category.STANDARD and (tax.rate or tax.tax_minor):
        yield "Only the standard rate has a tax (BR-Z-05, BR-E-05, BR-AE-05)."
    whole = 10 ** exponent(paper.currency)
    if abs(Decimal(tax.base_minor) * tax.rate / 100 - tax.tax_minor) > whole:
        yield f"The tax of {tax.rate.normalize():f} % is not that of its base (BR-CO-17)."


def _sums(paper: InvoicePaper) -> Iterator[str]:
    nets = sum(line.net_minor for line in net_lines(paper)) - sum(part.minor for part in paper.allowances)
    if nets != paper.net_minor:
        yield "The lines do not add up to the net amount (BR-CO-10, BR-CO-13)."
    if sum(tax.base_minor for tax in paper.taxes) != paper.net_minor:
        yield "The bases of the taxes do not add up to the net amount (BR-S-08)."
    if sum(tax.tax_minor for tax in paper.taxes) != paper.tax_minor:
        yield "The taxes do not add up (BR-CO-14)."
    if paper.net_minor + paper.tax_minor != paper.gross_minor:
        yield "Net and tax do not add up to the total (BR-CO-15)."
    owed = paper.gross_minor + paper.fee_minor - paper.credited_minor
    if owed - paper.paid_minor != paper.due_minor:
        yield "What is due is not the total less what was paid (BR-CO-16)."


def _all_amounts(paper: InvoicePaper) -> Iterator[int]:
    yield from (paper.net_minor, paper.tax_minor, paper.gross_minor, paper.paid_minor)
    yield from (paper.credited_minor, paper.fee_minor)
    for tax in paper.taxes:
        yield from (tax.base_minor, tax.tax_minor)
    for line in net_lines(paper):
        yield from (line.net_minor, line.discount_minor)
    yield from (part.minor for part in paper.allowances)
