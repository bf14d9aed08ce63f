"""A paper as the template draws it: words, amounts and days already written out in the paper's language.

The template knows only headings, facts, parties, tables, sums and blocks, so every kind looks the same.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from kit.money import format_money
from portal.papers.amounts import groups, tax_of
from portal.papers.letters import one_line, plain
from portal.papers.paper import InvoicePaper, Kind, Line, Party, StatementPaper, TaxTotal
from portal.papers.words import WORDS, day_in_words, number_in_words, words_of

# A longer word may be broken anywhere, or it would run out of its column. Scripts that write without spaces
# are left alone: the typesetter knows where their words end.
_LONGEST_WORD, _PIECE = 18, 9
_WITHOUT_SPACES = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"  # Han, Kana, Hangul
)
_LONG_WORD = re.compile(rf"[^\s{_WITHOUT_SPACES}]{{{_LONGEST_WORD},}}")
_LETTER_COUNTRIES = {"US", "CA", "MX", "PH", "CL", "CO"}
_TAG = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{2}))?(?:[-_].*)?")
_HIDDEN_SPACE, _JOINER = "\u200b", "\u200d"


@dataclass(frozen=True)
class Table:
    """Columns are (label, "start" | "end", "fill" | "fit"); a cell's lines after the first are small."""

    key: str
    title: str
    columns: list[tuple[str, str, str]]
    rows: list[list[str]]


@dataclass(frozen=True)
class Sheet:
    """Everything printed, in its order."""

    language: str
    region: str
    page: str
    title: str
    author: str
    day: tuple[int, int, int]
    heading: str
    number: str
    facts: list[tuple[str, str]]
    sender: list[str]
    sender_label: str
    receiver: list[str]
    receiver_label: str
    table: Table
    # label, amount, "plain" or "strong"
    sums: list[tuple[str, str, str]]
    tables: list[Table]
    blocks: list[tuple[str, str]]
    footer: str
    page_words: str

    def as_json(self) -> dict[str, object]:
        """Plain lists and strings."""
        return asdict(self)


def sheet_of(paper: InvoicePaper | StatementPaper, brand_name: str) -> Sheet:
    """What to print for the paper."""
    return (
        _Statement(paper).sheet(brand_name)
        if isinstance(paper, StatementPaper)
        else _Invoice(paper).sheet(brand_name)
    )


class _Writer:
    """Writes in one language and currency."""

    def __init__(self, language: str, currency: str) -> None:
        match = _TAG.fullmatch(language.strip())
        # One language a paper: days in another than the words beside them would help nobody.
        known = match is not None and match[1].lower() in WORDS
        self.language = match[1].lower() if match and known else "en"
        self.region = (match[2] or "").upper() if match and known else ""
        self.tag = f"{self.language}-{self.region.lower()}" if self.region else self.language
        self.currency = currency
        self.words = words_of(self.language)

    def money(self, minor: int) -> str:
        return format_money(minor, self.currency, self.language)

    def day(self, day: date) -> str:
        return day_in_words(day, self.tag)

    def number(self, number: Decimal) -> str:
        return number_in_words(number, self.tag)

    def rate(self, tax: TaxTotal) -> str:
        return f"{one_line(tax.name) or self.words['tax']} {self.number(tax.rate)}\u00a0%"

    def party(self, party: Party) -> list[str]:
        # Kept together as far as a line holds it.
        tax_id = one_line(party.tax_id)
        tax_id = tax_id.replace(" ", "\u00a0") if len(tax_id) < _LONGEST_WORD else breakable(tax_id)
        lines = [party.name, *party.address_lines, party.email]
        written = [breakable(one_line(line)) for line in lines if one_line(line)]
        return [*written, *([f"{self.words['tax_id']}: {tax_id}"] if tax_id else [])]


class _Invoice(_Writer):
    def __init__(self, paper: InvoicePaper) -> None:
        super().__init__(paper.language, paper.currency)
        self.paper = paper
        self.is_credit = paper.kind == Kind.CREDIT_NOTE

    def sheet(self, brand_name: str) -> Sheet:
        paper, words = self.paper, self.words
        heading, number = words[paper.kind], one_line(paper.number)
        return Sheet(
            language=self.language,
            region=self.region,
            page=_page_of(paper.seller),
            title=f"{heading} {number} · {one_line(brand_name)}",
            author=one_line(brand_name),
            day=_day(paper.issued_on),
            heading=heading,
            number=number,
            facts=self._facts(),
            sender=self.party(paper.seller),
            sender_label=words["from"],
            receiver=self.party(paper.buyer),
            receiver_label=words["to"],
            table=self._lines(),
            sums=self._sums(),
            tables=[table for table in (self._taxes(), self._instalments(), self._payments()) if table.rows],
            blocks=self._blocks(),
            footer=f"{one_line(paper.seller.name)} · {heading} {number}",
            page_words=words["page"],
        )

    def _facts(self) -> list[tuple[str, str]]:
        paper, words = self.paper, self.words
        due = words["valid_until" if paper.kind == Kind.QUOTE else "due_on"]
        refers = words["refers_to" if self.is_credit else "receipt_for"]
        earlier = [one_line(paper.refers_to), self.day(paper.refers_to_on) if paper.refers_to_on else ""]
        facts = [
            (words["number"], breakable(one_line(paper.number))),
            (words["issued_on"], self.day(paper.issued_on)),
            (words["delivered_on"], self.day(paper.delivered_on) if paper.delivered_on else ""),
            (due, self.day(paper.due_on) if paper.due_on else ""),
            (refers, breakable(" · ".join(filter(None, earlier))) if earlier[0] else ""),
        ]
        return [fact for fact in facts if fact[1]]

    def _lines(self) -> Table:
        words, inclusive = self.words, self.paper.prices_include_tax
        columns = [
            (words["description"], "start", "fill"),
            (words["quantity"], "end", "fit"),
            (words["price_with_tax" if inclusive else "price"], "end", "fit"),
            (words["tax"], "end", "fit"),
            (words["amount_with_tax" if inclusive else "amount"], "end", "fit"),
        ]
        return Table("lines", "", columns, [self._line(line) for line in self.paper.lines])

    def _line(self, line: Line) -> list[str]:
        description = breakable(plain(line.description))
        if line.discount_minor:
            description += f"\n{self.words['discount']}: {self.money(-line.discount_minor)}"
        quantity = " ".join(filter(None, (self.number(line.quantity), breakable(one_line(line.unit)))))
        shown = shown_minor(line) if self.paper.prices_include_tax else line.net_minor
        rate = f"{self.number(line.tax_rate)}\u00a0%" if tax_of(self.paper, line) else ""
        return [description, quantity, self.money(line.unit_minor), rate, self.money(shown)]

    def _sums(self) -> list[tuple[str, str, str]]:
        paper, words = self.paper, self.words
        sums = [
            (one_line(part.label) or words["discount"], self.money(-part.minor), "plain")
            for part in paper.allowances
        ]
        sums.append((words["net"], self.money(paper.net_minor), "plain"))
        sums += [(self.rate(group.tax), self.money(group.tax.tax_minor), "plain") for group in groups(paper)]
        total = words["total_credit" if self.is_credit else "total"]
        sums.append((total, self.money(paper.gross_minor), "strong"))
        if paper.kind == Kind.QUOTE:
            return sums
        sums += self._after_issue()
        if paper.paid_minor:
            paid = words["paid_out" if self.is_credit else "paid"]
            sums.append((paid, self.money(-paper.paid_minor), "plain"))
        if paper.paid_minor or paper.kind == Kind.INVOICE:
            due = words["left_credit" if self.is_credit else "due"]
            sums.append((due, self.money(paper.due_minor), "strong"))
        return sums

    def _after_issue(self) -> list[tuple[str, str, str]]:
        amounts = {"late_fee": self.paper.fee_minor, "credited": -self.paper.credited_minor}
        return [(self.words[key], self.money(minor), "plain") for key, minor in amounts.items() if minor]

    def _taxes(self) -> Table:
        words = self.words
        columns = [
            (words["tax"], "start", "fill"),
            *((words[key], "end", "fit") for key in ("base", "tax", "total")),
        ]
        rows = [
            [
                "\n".join(filter(None, (self.rate(group.tax), one_line(group.tax.reason)))),
                self.money(group.tax.base_minor),
                self.money(group.tax.tax_minor),
                self.money(group.tax.base_minor + group.tax.tax_minor),
            ]
            for group in groups(self.paper)
        ]
        # One tax says nothing that the sums do not, except why it is nothing.
        has_reason = any(one_line(tax.reason) for tax in self.paper.taxes)
        return Table("taxes", words["tax"], columns, rows if len(rows) > 1 or has_reason else [])

    def _instalments(self) -> Table:
        words = self.words
        columns = [
            (words["instalment"], "start", "fill"),
            (words["due_on"], "start", "fit"),
            (words["state"], "start", "fit"),
            (words["amount"], "end", "fit"),
        ]
        if self.paper.kind == Kind.QUOTE:
            # Nothing is due and nothing is paid yet: the labels say when.
            offered = [
                [breakable(one_line(part.label)), self.money(part.minor)] for part in self.paper.instalments
            ]
            return Table("instalments", words["instalments"], [columns[0], columns[-1]], offered)
        rows = [
            [
                breakable(one_line(part.label)),
                self.day(part.due_on) if part.due_on else "",
                words.get(f"state_{part.state}", one_line(part.state)),
                self.money(part.minor),
            ]
            for part in self.paper.instalments
        ]
        return Table("instalments", words["instalments"], columns, rows)

    def _payments(self) -> Table:
        words = self.words
        columns = [
            (words["issued_on"], "start", "fit"),
            (words["paid_by"], "start", "fill"),
            (words["method"], "start", "fit"),
            (words["amount"], "end", "fit"),
        ]
        rows = [
            [
                self.day(part.on),
                breakable(one_line(part.by)),
                breakable(one_line(part.method)),
                self.money(part.minor),
            ]
            for part in self.paper.payments
        ]
        return Table("payments", words["payments"], columns, rows)

    def _blocks(self) -> list[tuple[str, str]]:
        paper, words = self.paper, self.words
        asks_for_money = paper.kind in {Kind.INVOICE, Kind.QUOTE}
        blocks = [
            ("", words["reverse_charge"] if paper.reverse_charge else ""),
            (words["how_to_pay"], paper.payment_words if asks_for_money else ""),
            (words["terms"], paper.terms),
            (words["notes"], paper.notes),
        ]
        return [(title, breakable(plain(text))) for title, text in blocks if plain(text)]


class _Statement(_Writer):
    def __init__(self, paper: StatementPaper) -> None:
        super().__init__(paper.language, paper.currency)
        self.paper = paper

    def sheet(self, brand_name: str) -> Sheet:
        paper, words = self.paper, self.words
        period = f"{self.day(paper.from_on)} – {self.day(paper.to_on)}"
        blocks = [
            ("", "" if paper.rows else words["nothing_happened"]),
            (words["how_to_pay"], paper.payment_words),
            (words["notes"], paper.notes),
        ]
        return Sheet(
            language=self.language,
            region=self.region,
            page=_page_of(paper.seller),
            title=f"{words['statement']} {period} · {one_line(brand_name)}",
            author=one_line(brand_name),
            day=_day(paper.issued_on),
            heading=words["statement"],
            number="",
            facts=[(words["period"], period), (words["issued_on"], self.day(paper.issued_on))],
            sender=self.party(paper.seller),
            sender_label=words["from"],
            receiver=self.party(paper.owner),
            receiver_label=words["to"],
            table=self._movements(),
            sums=self._sums(),
            tables=[],
            blocks=[(title, breakable(plain(text))) for title, text in blocks if plain(text)],
            footer=f"{one_line(paper.seller.name)} · {words['statement']} {period}",
            page_words=words["page"],
        )

    def _movements(self) -> Table:
        words, paper = self.words, self.paper
        columns = [
            (words["issued_on"], "start", "fit"),
            (words["description"], "start", "fill"),
            (words["number"], "start", "fit"),
            (words["amount"], "end", "fit"),
            (words["balance"], "end", "fit"),
        ]
        opening = [self.day(paper.from_on), words["opening"], "", "", self.money(paper.opening_minor)]
        rows = [
            [
                self.day(row.on),
                breakable(plain(row.words)),
                breakable(one_line(row.number)),
                self.money(row.minor),
                self.money(row.balance_minor),
            ]
            for row in paper.rows
        ]
        return Table("lines", "", columns, [opening, *rows])

    def _sums(self) -> list[tuple[str, str, str]]:
        paper, words = self.paper, self.words
        sums = [(words["closing"], self.money(paper.closing_minor), "strong")]
        if paper.overdue_minor:
            sums.append((words["overdue"], self.money(paper.overdue_minor), "plain"))
        return sums


def shown_minor(line: Line) -> int:
    """What a line costs at the prices the client reads: quantity times price, rounded, less the discount."""
    exact = line.quantity * line.unit_minor
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP)) - line.discount_minor


def breakable(text: str) -> str:
    """`text` with places to break (U+200B, which the template does not print) in words too long for a column."""
    return _LONG_WORD.sub(lambda match: _HIDDEN_SPACE.join(_pieces(match[0])), text)


def _pieces(word: str) -> Iterator[str]:
    """The word in parts of some letters, never between a letter and its marks."""
    start = 0
    for at in range(1, len(word)):
        joins = unicodedata.category(word[at]).startswith("M") or _JOINER in word[at - 1 : at + 1]
        if at - start >= _PIECE and not joins:
            yield word[start:at]
            start = at
    yield word[start:]


def _page_of(seller: Party) -> str:
    return "us-letter" if seller.country.upper() in _LETTER_COUNTRIES else "a4"


def _day(day: date) -> tuple[int, int, int]:
    return day.year, day.month, day.day
