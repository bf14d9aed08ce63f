"""Which line of an invoice belongs to which tax, and what it is worth without it, to the last cent."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeVar

from portal.papers.paper import Allowance, InvoicePaper, Line, TaxTotal

TaxKey = tuple[str, Decimal]
PartT = TypeVar("PartT", Line, Allowance)


@dataclass(frozen=True)
class TaxGroup:
    """All of one category and rate: EN 16931 has one breakdown (BG-23) for each."""

    tax: TaxTotal
    lines: tuple[Line, ...]
    allowances: tuple[Allowance, ...]

    @property
    def key(self) -> TaxKey:
        return key_of(self.tax)

    @property
    def sum_minor(self) -> int:
        """The lines less the allowances; has to be the tax's base."""
        return sum(line.net_minor for line in self.lines) - sum(part.minor for part in self.allowances)


def key_of(tax: TaxTotal) -> TaxKey:
    """Category and rate: what tells one breakdown from another."""
    return tax.category, tax.rate.normalize()


def tax_of(paper: InvoicePaper, part: Line | Allowance) -> TaxTotal | None:
    """The tax of a line or allowance: of its rate and name, else of its rate. None: the paper has none."""
    of_rate = [tax for tax in paper.taxes if tax.rate == part.tax_rate]
    named = [tax for tax in of_rate if tax.name == part.tax_name]
    return next(iter(named or of_rate), None)


def groups(paper: InvoicePaper) -> list[TaxGroup]:
    """The paper's taxes with what belongs to them, in the paper's order."""
    merged: dict[TaxKey, TaxTotal] = {}
    for tax in paper.taxes:
        before = merged.get(key_of(tax))
        merged[key_of(tax)] = tax if before is None else _added(before, tax)
    return [
        TaxGroup(tax, _belonging(paper, paper.lines, key), _belonging(paper, paper.allowances, key))
        for key, tax in merged.items()
    ]


def net_lines(paper: InvoicePaper) -> list[Line]:
    """The lines, whose nets now add up to the base of their tax.

    Where prices include tax, the nets are rounded one by one and the base is rounded once: up to a cent a
    line is left over. The largest line takes it; in print such a line shows its gross, which stays.
    """
    lines = list(paper.lines)
    if not paper.prices_include_tax:
        return lines
    for group in groups(paper):
        rest = group.tax.base_minor - group.sum_minor
        if not rest or abs(rest) > len(group.lines):
            continue
        # By place, not by value: two lines may be the same.
        own = [at for at, line in enumerate(lines) if line in group.lines]
        at = max(own, key=lambda at: abs(lines[at].net_minor))
        lines[at] = replace(lines[at], net_minor=lines[at].net_minor + rest)
    return lines


def _added(tax: TaxTotal, other: TaxTotal) -> TaxTotal:
    return replace(
        tax, base_minor=tax.base_minor + other.base_minor, tax_minor=tax.tax_minor + other.tax_minor
    )


def _belonging(paper: InvoicePaper, parts: Iterable[PartT], key: TaxKey) -> tuple[PartT, ...]:
    found = ((part, tax_of(paper, part)) for part in parts)
    return tuple(part for part, tax in found if tax is not None and key_of(tax) == key)
