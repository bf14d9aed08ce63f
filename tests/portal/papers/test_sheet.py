"""What is printed, in which words."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from portal.papers.letters import one_line, plain
from portal.papers.paper import Kind, Line, Party, Payment, StatementPaper, StatementRow
from portal.papers.sheet import breakable, sheet_of, shown_minor
from portal.papers.words import WORDS
from tests.portal.papers.examples import BUYER, SELLER, inclusive, invoice, untaxed


def test_every_language_has_every_word_with_the_same_places() -> None:
    for words in WORDS.values():
        assert words.keys() == WORDS["en"].keys()
        assert {key: words[key].count("{}") for key in words} == {
            key: WORDS["en"][key].count("{}") for key in words
        }


@pytest.mark.parametrize(
    ("language", "heading", "day", "amount", "quantity"),
    [
        ("en", "Invoice", "1 November 2026", "€315.00", "3.5 hours"),
        ("de-AT", "Rechnung", "1. November 2026", "315,00\u00a0€", "3,5 hours"),
        ("fr", "Facture", "1 novembre 2026", "315,00\u00a0€", "3,5 hours"),
        ("es", "Factura", "1 de noviembre de 2026", "315,00\u00a0€", "3,5 hours"),
        ("ja", "Invoice", "1 November 2026", "€315.00", "3.5 hours"),
        ("no language!", "Invoice", "1 November 2026", "€315.00", "3.5 hours"),
    ],
)
def test_words_days_and_numbers_are_in_the_papers_language(
    language: str, heading: str, day: str, amount: str, quantity: str
) -> None:
    sheet = sheet_of(invoice(language=language), "Nord")
    assert sheet.heading == heading
    assert sheet.facts[1][1] == day
    assert sheet.table.rows[0][4] == amount
    assert sheet.table.rows[0][1] == quantity


def test_an_invoice_says_what_was_paid_and_what_is_left() -> None:
    assert sheet_of(invoice(), "Nord").sums == [
        ("Loyalty", "−€10.00", "plain"),
        ("Net", "€390.00", "plain"),
        ("VAT 19\u00a0%", "€74.10", "plain"),
        ("Total", "€464.10", "strong"),
        ("Paid", "−€100.00", "plain"),
        ("To pay", "€364.10", "strong"),
    ]


def test_a_quote_asks_for_nothing_yet_and_says_until_when() -> None:
    sheet = sheet_of(invoice(kind=Kind.QUOTE), "Nord")
    assert "To pay" not in [label for label, *_ in sheet.sums]
    assert ("Valid until", "15 November 2026") in sheet.facts


def test_a_credit_note_does_not_ask_for_money() -> None:
    sheet = sheet_of(invoice(kind=Kind.CREDIT_NOTE, refers_to="7", payment_words="Pay to IBAN"), "Nord")
    assert ("Corrects invoice", "7") in sheet.facts
    assert "Pay to IBAN" not in str(sheet.blocks)


def test_lines_with_tax_show_what_the_client_pays() -> None:
    sheet = sheet_of(inclusive(), "Nord")
    assert [row[4] for row in sheet.table.rows] == ["€9.99"] * 3
    assert shown_minor(Line("Half", Decimal("0.5"), "", 333, 0)) == 167


@pytest.mark.parametrize(
    ("currency", "shown"), [("JPY", "¥10,000"), ("KWD", "KWD\u00a010.000"), ("USD", "$100.00")]
)
def test_each_currency_has_its_own_decimals(currency: str, shown: str) -> None:
    assert sheet_of(untaxed(currency=currency), "Nord").table.rows[0][4] == shown


def test_who_paid_stands_beside_the_payment() -> None:
    paid = (Payment(date(2026, 11, 3), 10000, "Ana Díaz", "Card ending 4242"),)
    (table,) = sheet_of(invoice(payments=paid), "Nord").tables
    assert table.rows == [["3 November 2026", "Ana Díaz", "Card ending 4242", "€100.00"]]


def test_american_sellers_print_on_letter_paper() -> None:
    assert sheet_of(invoice(seller=replace(SELLER, country="us")), "Nord").page == "us-letter"
    assert sheet_of(invoice(), "Nord").page == "a4"


def test_a_statement_goes_from_opening_to_closing() -> None:
    paper = StatementPaper(
        owner=BUYER,
        seller=SELLER,
        from_on=date(2026, 10, 1),
        to_on=date(2026, 10, 31),
        issued_on=date(2026, 11, 1),
        currency="EUR",
        opening_minor=0,
        rows=(StatementRow(date(2026, 10, 5), "Invoice", 46410, 46410, "2026-17"),),
        closing_minor=46410,
    )
    sheet = sheet_of(paper, "Nord")
    assert [row[4] for row in sheet.table.rows] == ["€0.00", "€464.10"]
    assert sheet.sums == [("Closing balance", "€464.10", "strong")]
    empty = sheet_of(replace(paper, rows=(), closing_minor=0), "Nord")
    assert "Nothing was invoiced" in empty.blocks[0][1]


def test_text_cannot_turn_its_surroundings_or_hold_what_no_page_shows() -> None:
    assert one_line("a\x00b\x1b\u202egnp.exe\u2066\ud800 \r\n c") == "abgnp.exe c"
    assert plain("a\r\nb\u2028c\td") == "a\nb\nc d"
    assert plain("e\u0301") == "é"


def test_long_words_may_break_and_read_the_same() -> None:
    word = "x" * 200
    assert breakable(word).replace("\u200b", "") == word
    assert max(map(len, breakable(word).split("\u200b"))) <= 12
    assert breakable("a short one") == "a short one"
    party = Party("n" * 100, ("a" * 100,))
    assert all("\u200b" in line for line in sheet_of(invoice(buyer=party), "Nord").receiver)
