"""What stands on a paper: plain values, so that a PDF can be made without a database.

Amounts are integer minor units of `currency` (ISO 4217, upper case); rates are per cent (`Decimal("19")`).
Nothing is computed here and nothing is looked up: a paper shows what was agreed when it was issued.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Kind(StrEnum):
    """What a paper is."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    RECEIPT = "receipt"
    QUOTE = "quote"


class Category(StrEnum):
    """Why a tax rate is what it is (UNTDID 5305, the part that EN 16931 names BT-118)."""

    STANDARD = "S"
    ZERO = "Z"
    EXEMPT = "E"
    REVERSE_CHARGE = "AE"
    EXPORT = "G"


@dataclass(frozen=True)
class Party:
    """Who sells or buys. `country` is ISO 3166-1 alpha-2 or "" when unknown."""

    name: str
    address_lines: tuple[str, ...] = ()
    tax_id: str = ""
    email: str = ""
    country: str = ""


@dataclass(frozen=True)
class Line:
    """One position.

    `unit_minor` and `discount_minor` (a positive amount off the whole line) are as the client reads them,
    so with tax where `prices_include_tax`. `net_minor` is always without tax. A line may be negative.
    """

    description: str
    quantity: Decimal
    unit: str
    unit_minor: int
    net_minor: int
    tax_rate: Decimal = Decimal(0)
    tax_name: str = ""
    discount_minor: int = 0


@dataclass(frozen=True)
class Allowance:
    """An amount off the whole paper, without tax, given per tax rate. `minor` is positive."""

    label: str
    minor: int
    tax_rate: Decimal = Decimal(0)
    tax_name: str = ""


@dataclass(frozen=True)
class TaxTotal:
    """The tax of one rate over the whole paper.

    A paper without tax has one of these, too: rate 0, category E or Z. `reason` is why nothing is charged,
    in the paper's language; needed for E.
    """

    rate: Decimal
    name: str
    category: str
    base_minor: int
    tax_minor: int
    reason: str = ""


@dataclass(frozen=True)
class Instalment:
    """One part of a payment plan. `state` is "open", "paid", "overdue" or a word of your own."""

    label: str
    due_on: date | None
    minor: int
    state: str = "open"


@dataclass(frozen=True)
class Payment:
    """Money that came in (or, negative, went back). `by` is who paid, `method` how, in plain words."""

    on: date
    minor: int
    by: str = ""
    method: str = ""


@dataclass(frozen=True)
class InvoicePaper:
    """An invoice, credit note, receipt or quote.

    `net_minor` is the sum of the lines less the allowances; `gross_minor` is net and tax; `due_minor` is
    gross with the late fee, less what was credited and paid. On a credit note the amounts are positive and
    mean what the client gets back. `due_on` of a quote is the day until which it holds. `language` is a tag
    such as "de" or "pt-br".
    """

    kind: Kind | str
    number: str
    issued_on: date
    currency: str
    seller: Party
    buyer: Party
    lines: tuple[Line, ...]
    taxes: tuple[TaxTotal, ...]
    net_minor: int
    tax_minor: int
    gross_minor: int
    paid_minor: int = 0
    due_minor: int = 0
    credited_minor: int = 0
    fee_minor: int = 0
    due_on: date | None = None
    delivered_on: date | None = None
    allowances: tuple[Allowance, ...] = ()
    instalments: tuple[Instalment, ...] = ()
    payments: tuple[Payment, ...] = ()
    notes: str = ""
    terms: str = ""
    payment_words: str = ""
    refers_to: str = ""
    refers_to_on: date | None = None
    reverse_charge: bool = False
    prices_include_tax: bool = False
    language: str = "en"


@dataclass(frozen=True)
class StatementRow:
    """One movement. `minor` is signed: what was invoiced is positive, what was paid or credited negative."""

    on: date
    words: str
    minor: int
    balance_minor: int
    number: str = ""


@dataclass(frozen=True)
class StatementPaper:
    """What happened on a client's account between two days, in one currency. `owner` is the client."""

    owner: Party
    seller: Party
    from_on: date
    to_on: date
    issued_on: date
    currency: str
    opening_minor: int
    rows: tuple[StatementRow, ...]
    closing_minor: int
    overdue_minor: int = 0
    payment_words: str = ""
    notes: str = ""
    language: str = "en"


@dataclass(frozen=True)
class Brand:
    """Whose paper it is. `accent` is a hex colour; a logo that cannot be read gives way to the name."""

    name: str
    logo_bytes: bytes | None = None
    accent: str = "#4f46e5"
