"""Amounts of money: integer minor units and an ISO 4217 code in upper case. Never a float."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

# https://docs.stripe.com/currencies#zero-decimal; ISK and UGX have no minor unit either (ISO 4217).
_NO_DECIMALS = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "MGA"]
    + ["PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"]
)
_THREE_DECIMALS = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])
# Stripe takes these with two decimals, which must be 00, for the sake of old programs.
_PADDED_FOR_STRIPE = frozenset({"ISK", "UGX"})
_CODE = re.compile(r"[A-Z]{3}")
_SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹", "KRW": "₩", "BRL": "R$", "PLN": "zł"}
_NARROW, _FIXED = "\u202f", "\u00a0"
# All of them group digits, none ever stands before decimals.
_SPACES = re.compile(r"[\s'’]")
# Language → sign of thousands, sign of decimals, whether the currency stands behind.
_WRITTEN = {
    "en": (",", ".", False),
    "de": (".", ",", True),
    "es": (".", ",", True),
    "fr": (_NARROW, ",", True),
}
LARGEST = 10**15


@dataclass(frozen=True, order=False)
class Money:
    """An amount; `minor` in the currency's smallest unit (cents, yen, fils), negative for money going back."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if isinstance(self.minor, bool) or not isinstance(self.minor, int):
            raise TypeError("minor units are whole numbers")
        _known(self.currency)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other).minor, self.currency)

    def __mul__(self, times: int) -> "Money":
        return Money(self.minor * times, self.currency)

    __rmul__ = __mul__

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def split(self, n: int) -> "list[Money]":
        """`n` parts whose sum is exactly this; what does not divide goes to the first.

        Raises:
            ValueError: fewer than one part.
        """
        return [Money(part, self.currency) for part in split(self.minor, n)]

    def __str__(self) -> str:
        return format_money(self.minor, self.currency)

    def _same(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add up")
        return other


def split(minor: int, n: int) -> list[int]:
    """`n` parts of an amount; the sum is exact, the remainder goes to the first.

    >>> split(1000, 3)
    [334, 333, 333]

    Raises:
        ValueError: fewer than one part.
    """
    if n < 1:
        raise ValueError("at least one part")
    share, rest = divmod(abs(minor), n)
    sign = -1 if minor < 0 else 1
    return [sign * (share + rest), *([sign * share] * (n - 1))]


def exponent(currency: str) -> int:
    """How many decimals the currency has.

    Raises:
        ValueError: not a currency code in upper case.
    """
    code = _known(currency)
    return 0 if code in _NO_DECIMALS else 3 if code in _THREE_DECIMALS else 2


def to_stripe(minor: int, currency: str) -> int:
    """The amount as Stripe takes it (https://docs.stripe.com/currencies#special-cases).

    Raises:
        ValueError: Stripe cannot take it: the last of three decimals must be zero.
    """
    if currency in _PADDED_FOR_STRIPE:
        return minor * 100
    if exponent(currency) == 3 and minor % 10:
        raise ValueError(f"the last decimal of an amount in {currency} must be 0")
    return minor


def from_stripe(amount: int, currency: str) -> int:
    """An amount of Stripe's in our minor units; `currency` in either case.

    Raises:
        ValueError: it has decimals where the currency has none.
    """
    code = currency.upper()
    if code not in _PADDED_FOR_STRIPE:
        _known(code)
        return amount
    whole, rest = divmod(amount, 100)
    if rest:
        raise ValueError(f"{amount} is no whole number of {code}")
    return whole


def decimal_text(minor: int, currency: str) -> str:
    """The bare number, as forms and files have it: `-1234.50`."""
    digits = exponent(currency)
    text = f"{abs(minor):0{digits + 1}d}"
    sign = "-" if minor < 0 else ""
    return f"{sign}{text[:-digits]}.{text[-digits:]}" if digits else f"{sign}{text}"


def format_money(minor: int, currency: str, language: str = "en") -> str:
    """The amount as people of a language write it.

    >>> format_money(123450, "EUR", "en")
    '€1,234.50'
    """
    thousands, point, is_behind = _WRITTEN.get(language[:2].lower(), _WRITTEN["en"])
    whole, _, decimals = decimal_text(abs(minor), currency).partition(".")
    number = _grouped(whole, thousands) + (point + decimals if decimals else "")
    sign = "\u2212" if minor < 0 else ""
    symbol = _SYMBOLS.get(currency, currency)
    if is_behind:
        return f"{sign}{number}{_FIXED}{symbol}"
    return f"{sign}{symbol}{'' if currency in _SYMBOLS else _FIXED}{number}"


class AmbiguousAmount(ValueError):
    """What was typed means two amounts, one of them a thousand times the other. The message is for who typed it."""


def parse_money(text: str, currency: str) -> int:
    """Minor units of an amount as people type it: `1,234.50`, `1.234,50`, `1234.5`, `€ 12`.

    A single sign before three last digits (`12.345`, `1,500`) is refused: whether it is thousands or a cent too
    many, nobody can tell. In currencies without decimals it can only be thousands; in those with three, a point
    is the decimal point.

    Raises:
        AmbiguousAmount: it could be read in two ways.
        ValueError: no amount, or more decimals than the currency has.
    """
    digits = exponent(currency)
    bare = text.replace("\u2212", "-").replace(currency, "", 1)
    if symbol := _SYMBOLS.get(currency):
        bare = bare.replace(symbol, "", 1)
    bare = _SPACES.sub(" ", bare).strip()
    match = re.fullmatch(r"(-?) ?([0-9][0-9., ]*|[.,][0-9]+)", bare)
    if not match:
        raise ValueError(f"not an amount: {text!r}")
    whole, decimals = _apart(match[2], digits)
    if len(decimals) > digits:
        raise ValueError(f"{currency} has {digits} decimals")
    minor = int((whole or "0") + decimals.ljust(digits, "0"))
    if minor > LARGEST:
        raise ValueError("too large")
    return -minor if match[1] else minor


def _apart(number: str, digits: int) -> tuple[str, str]:
    """Whole part and decimals, by the signs between the digits."""
    signs = [sign for sign in number if not sign.isdigit()]
    if not signs:
        return number, ""
    last = signs[-1]
    whole, _, rest = number.rpartition(last)
    if last not in ".," or signs.count(last) > 1:
        return _ungrouped(number, last), ""
    if len(rest) == 3 and len(signs) == 1 and 1 <= len(whole) <= 3 and whole != "0":
        if digits == 0:
            return whole + rest, ""
        if digits == 2 or last == ",":
            raise AmbiguousAmount(_which(whole, rest, digits))
    return _ungrouped(whole, signs[0]), rest


def _which(whole: str, rest: str, digits: int) -> str:
    decimals = "0" * digits
    return f"Is that {whole}{rest} or {whole}.{rest}? Write the decimals, too, e.g. {whole}{rest}.{decimals}."


def _ungrouped(whole: str, sign: str) -> str:
    groups: Sequence[str] = whole.split(sign)
    if not all(group.isdigit() for group in groups if group) or (len(groups) > 1 and not all(groups)):
        raise ValueError("not an amount")
    if len(groups) > 1 and (len(groups[0]) > 3 or any(len(group) != 3 for group in groups[1:])):
        raise ValueError("thousands come in groups of three")
    return "".join(groups)


def _grouped(whole: str, sign: str) -> str:
    return f"{int(whole):,}".replace(",", sign)


def _known(currency: str) -> str:
    if not _CODE.fullmatch(currency):
        raise ValueError(f"not a currency: {currency!r}")
    return currency
