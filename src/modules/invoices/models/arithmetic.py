"""What lines come to. Pure: whole minor units in, whole minor units out, no rows, no clock.

Tax is reckoned once for each rate on the sum of its lines (EN 16931, BR-CO-17), so that the total does not
depend on how work is cut into lines. Prices that include tax keep their gross to the cent: the net is taken
out of it. Halves round away from zero, as on paper.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Tax:
    """A rate as a line carries it. `category` is EN 16931's: S, Z, E, AE (reverse charge), G."""

    percent: Decimal = Decimal(0)
    name: str = ""
    category: str = "E"


@dataclass(frozen=True)
class PricedLine:
    """One line before sums: so many at so much."""

    quantity: Decimal
    unit_minor: int
    tax: Tax = field(default_factory=Tax)
    tax_included: bool = False
    discount_percent: Decimal = Decimal(0)


@dataclass(frozen=True)
class LineSum:
    """What one line comes to. `amount_minor` is as priced (with tax if that is included), after discounts."""

    full_minor: int
    discount_minor: int
    amount_minor: int
    net_minor: int


@dataclass(frozen=True)
class TaxSum:
    """All lines of one rate."""

    tax: Tax
    base_minor: int
    tax_minor: int


@dataclass(frozen=True)
class Sums:
    """What all lines come to; net + tax = gross, the lines' nets and the rates' bases add up to net."""

    lines: tuple[LineSum, ...]
    taxes: tuple[TaxSum, ...]
    net_minor: int
    tax_minor: int
    gross_minor: int
    discount_minor: int


def whole(amount: Decimal) -> int:
    """The nearest whole number; a half goes away from zero."""
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def spread(total: int, weights: Sequence[int]) -> list[int]:
    """`total` in proportion to `weights`, exact in sum. Without any weight the first one takes all.

    Each part is the difference of two rounded running sums, so no part is off by more than one.
    """
    whole_weight = sum(weights)
    if not whole_weight:
        return [total, *[0] * (len(weights) - 1)] if weights else []
    parts, given, seen = [], 0, 0
    for weight in weights:
        seen += weight
        reached = whole(Decimal(total) * seen / whole_weight)
        parts.append(reached - given)
        given = reached
    return parts


def add_up(
    lines: Sequence[PricedLine], *, discount_percent: Decimal = Decimal(0), discount_minor: int = 0
) -> Sums:
    """The sums of an invoice.

    Args:
        discount_percent: off the whole, after the lines' own discounts.
        discount_minor: the same as an amount, spread over the lines by what they come to.
    """
    full = [whole(line.quantity * line.unit_minor) for line in lines]
    after = [
        amount - whole(amount * line.discount_percent / HUNDRED)
        for amount, line in zip(full, lines, strict=True)
    ]
    off = discount_minor + whole(sum(after) * discount_percent / HUNDRED)
    amounts = [amount - part for amount, part in zip(after, spread(off, after), strict=True)]
    taxes, nets = _taxes(lines, amounts)
    sums = tuple(
        LineSum(whole_amount, whole_amount - amount, amount, net)
        for whole_amount, amount, net in zip(full, amounts, nets, strict=True)
    )
    net, tax = sum(nets), sum(one.tax_minor for one in taxes)
    return Sums(sums, taxes, net, tax, net + tax, sum(full) - sum(amounts))


def _taxes(lines: Sequence[PricedLine], amounts: Sequence[int]) -> tuple[tuple[TaxSum, ...], list[int]]:
    nets = list(amounts)
    sums = []
    for tax in dict.fromkeys(line.tax for line in lines):
        outside = [i for i, line in enumerate(lines) if line.tax == tax and not line.tax_included]
        inside = [i for i, line in enumerate(lines) if line.tax == tax and line.tax_included]
        gross_inside = sum(amounts[i] for i in inside)
        net_inside = whole(gross_inside * HUNDRED / (HUNDRED + tax.percent))
        for i, net in zip(inside, spread(net_inside, [amounts[i] for i in inside]), strict=True):
            nets[i] = net
        net_outside = sum(amounts[i] for i in outside)
        tax_outside = whole(net_outside * tax.percent / HUNDRED)
        sums.append(TaxSum(tax, net_outside + net_inside, tax_outside + gross_inside - net_inside))
    return tuple(sums), nets
