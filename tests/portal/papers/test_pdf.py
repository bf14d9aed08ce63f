"""Papers as PDF: tagged, archivable, with the electronic invoice, readable in any script."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import facturx
import pypdfium2
import pytest
from PIL import Image
from pypdf import PdfReader
from structlog.testing import capture_logs

from portal.papers.paper import Brand, InvoicePaper, Kind, Line, Party, StatementPaper, StatementRow, TaxTotal
from portal.papers.pdf import render
from portal.papers.xml import en16931
from tests.portal.papers.examples import BUYER, SELLER, VAT, invoice, untaxed

NORD = Brand("Studio Nord", accent="#0f766e")
STATEMENT = StatementPaper(
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
PAPERS: dict[str, InvoicePaper | StatementPaper] = {
    **{kind.value: invoice(kind=kind) for kind in Kind},
    "statement": STATEMENT,
    "nothing in it": invoice(
        number="", lines=(), allowances=(), taxes=(), buyer=Party(""), seller=Party(""), due_on=None
    ),
}
SCRIPTS = {
    "Latin": "Žluťoučký kůň, Việt Nam",
    "Greek": "Ξεσκεπάζω την ψυχοφθόρα",
    "Cyrillic": "Съешь ещё этих булок",
    "Arabic": "مرحبا بالعالم",
    "Hebrew": "שלום עולם",
    "Devanagari": "नमस्ते दुनिया",
    "Thai": "สวัสดีชาวโลก",
    "Han": "設計與開發",
    "Kana": "デザイン",
    "Hangul": "디자인 개발",
}
NO_FONT = "\U00012000\ue000"


def picture(size: tuple[int, int], mode: str = "RGB", kind: str = "PNG", color: Any = None) -> bytes:
    written = BytesIO()
    Image.new(mode, size, color).save(written, kind)
    return written.getvalue()


def text_of(pdf: bytes) -> str:
    return "\n".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))


def root_of(pdf: bytes) -> Any:
    return PdfReader(BytesIO(pdf)).trailer["/Root"]


def tags_of(pdf: bytes) -> list[str]:
    """The names of the structure elements in reading order."""

    def below(node: Any) -> list[str]:
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, list):
            return [tag for inner in node for tag in below(inner)]
        if not isinstance(node, dict):
            return []
        return [*([str(node["/S"])] if "/S" in node else []), *below(node.get("/K"))]

    return below(root_of(pdf)["/StructTreeRoot"])


def lined(count: int, **changes: Any) -> InvoicePaper:
    lines = tuple(
        Line(f"Position {n}", Decimal(1), "hours", 1000, 1000, VAT, "VAT") for n in range(1, count + 1)
    )
    net, tax = 1000 * count, 190 * count
    sums = {"net_minor": net, "tax_minor": tax, "gross_minor": net + tax, "due_minor": net + tax}
    taxes = (TaxTotal(VAT, "VAT", "S", net, tax),)
    return invoice(**({"lines": lines, "allowances": (), "taxes": taxes, "paid_minor": 0} | sums | changes))


@pytest.mark.parametrize("name", PAPERS)
def test_every_paper_is_tagged_and_for_the_archive(name: str) -> None:
    pdf = render(PAPERS[name], NORD)
    root = root_of(pdf)
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    tags = tags_of(pdf)
    assert tags.count("/H1") == 1
    assert tags.count("/Table") == tags.count("/THead") == (name != "nothing in it")
    packet = root["/Metadata"].get_data().decode()
    assert "<pdfaid:part>3</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>" in packet
    assert "<pdfuaid:part>1</pdfuaid:part>" in packet


@pytest.mark.parametrize("kind", [Kind.INVOICE, Kind.CREDIT_NOTE])
def test_an_invoice_holds_its_xml_where_factur_x_looks_for_it(kind: Kind) -> None:
    paper = invoice(kind=kind)
    pdf = render(paper, NORD)
    name, xml = facturx.get_xml_from_pdf(pdf, check_xsd=True)
    assert (name, xml) == ("factur-x.xml", en16931(paper))
    root = root_of(pdf)
    (file,) = root["/AF"]
    assert file["/AFRelationship"] == "/Alternative"
    assert file["/EF"]["/F"]["/Subtype"] == "/text/xml"
    packet = root["/Metadata"].get_data().decode()
    assert "<fx:ConformanceLevel>EN 16931</fx:ConformanceLevel>" in packet
    assert "<fx:DocumentFileName>factur-x.xml</fx:DocumentFileName>" in packet


@pytest.mark.parametrize(
    "paper",
    [
        invoice(kind=Kind.RECEIPT),
        invoice(kind=Kind.QUOTE),
        STATEMENT,
        invoice(buyer=replace(BUYER, country="")),
    ],
)
def test_what_is_no_electronic_invoice_does_not_say_it_is_one(paper: InvoicePaper | StatementPaper) -> None:
    pdf = render(paper, NORD)
    assert "/AF" not in root_of(pdf)
    assert b"factur" not in pdf


def test_metadata_speak_of_the_agency_and_nobody_else() -> None:
    pdf = render(invoice(), Brand("Büro <Süd> & 株"))
    reader = PdfReader(BytesIO(pdf))
    assert reader.metadata is not None
    assert reader.metadata.title == "Invoice 2026-17 · Büro <Süd> & 株"
    assert reader.metadata.author == reader.metadata.creator == "Büro <Süd> & 株"
    assert reader.metadata.producer is None
    packet = root_of(pdf)["/Metadata"].get_data().decode()
    assert not re.search("portico|typst", packet + str(reader.metadata), re.IGNORECASE)
    assert "portico" not in pdf.decode("latin-1").lower()


def test_the_same_paper_gives_the_same_bytes() -> None:
    assert render(invoice(), NORD) == render(invoice(), NORD)


@pytest.mark.parametrize(
    "words",
    [
        '#read("/etc/passwd")',
        "#panic()",
        "*bold* _it_ $x$ `raw` @ref <label> // gone /* gone */",
        '"); #import "@preview/x:1.0.0"',
        "\\u{41} \\ \\n #sys.inputs",
        "= Heading\n- item\n+ item",
        "(endobj) <</Type/Action>> stream endstream %%EOF",
    ],
)
def test_what_people_write_is_printed_and_never_run(words: str) -> None:
    line = Line(words, Decimal(1), words, 1000, 1000, VAT, "VAT")
    paper = lined(1, number=words, notes=words, terms=words, buyer=Party(words, (words,), words, words, "AT"))
    pdf = render(replace(paper, lines=(line,)), Brand(words))
    # Line breaks and spaces apart, as long words are broken.
    printed = re.sub(r"\s", "", text_of(pdf))
    assert printed.count(re.sub(r"\s", "", words)) >= 8
    assert tags_of(pdf).count("/H1") == 1


@pytest.mark.parametrize("script", SCRIPTS)
def test_ten_scripts_are_printed_with_letters_of_their_own(script: str) -> None:
    words = SCRIPTS[script]
    with capture_logs() as logs:
        pdf = render(invoice(notes=words, buyer=replace(BUYER, name=words)), Brand(words))
    assert not logs
    text = text_of(pdf)
    assert "cannot be printed" not in text
    if script not in {"Arabic", "Hebrew", "Devanagari", "Thai"}:  # read back in the order drawn
        assert words in text
    pages: list[Any] = list(PdfReader(BytesIO(pdf)).pages)
    fonts = {str(font["/BaseFont"]) for page in pages for font in page["/Resources"]["/Font"].values()}
    assert all("NotoSans" in font for font in fonts), fonts


def test_a_letter_without_font_is_said_to_be_missing_and_logged() -> None:
    paper = invoice(notes=f"Seal {NO_FONT}", buyer=replace(BUYER, name=f"A{NO_FONT[0]}"))
    with capture_logs() as logs:
        pdf = render(paper, Brand(f"B{NO_FONT[1]}", picture((300, 100), color="red")))
    text = text_of(pdf)
    assert "Seal ??" in text
    assert "A?" in text
    assert "Some characters of this document cannot be printed here" in text
    assert {point for entry in logs for point in entry["code_points"]} == {"U+12000", "U+E000"}
    _, xml = facturx.get_xml_from_pdf(pdf, check_xsd=True)
    assert f"Seal {NO_FONT}" in xml.decode(), "the XML needs no font"


@pytest.mark.parametrize(("currency", "printed"), [("JPY", "¥10,000"), ("KWD", "KWD 10.000")])
def test_currencies_without_and_with_three_decimals(currency: str, printed: str) -> None:
    assert printed in text_of(render(untaxed("Z", currency=currency), NORD)).replace("\u00a0", " ")


def test_two_hundred_lines_go_over_pages_that_repeat_the_columns_and_count_themselves() -> None:
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(render(lined(200), NORD))]
    assert len(pages) > 4
    found = re.findall(r"Position (\d+)\b", "\n".join(pages))
    assert found == [str(n) for n in range(1, 201)]
    assert all("Description" in page for page in pages if "Position" in page)
    assert all(f"Page {n} of {len(pages)}" in page for n, page in enumerate(pages, start=1))
    assert "€2,380.00" in pages[-1]


def test_a_description_longer_than_a_page_is_printed_whole() -> None:
    words = " ".join(f"word{n}" for n in range(3000))
    text = text_of(render(lined(1, lines=(Line(words, Decimal(1), "", 1000, 1000, VAT, "VAT"),)), NORD))
    assert re.findall(r"word\d+", text) == words.split()


def test_a_long_word_breaks_on_paper_and_is_whole_when_copied() -> None:
    address = "a.very.long.address.that.has.no.end@studio.with.a.long.name.example"
    pdf = render(invoice(buyer=replace(BUYER, email=address)), NORD)
    text = text_of(pdf)
    assert "\u200b" not in text
    assert address in text.replace("\r\n", "")


@pytest.mark.parametrize(
    ("logo", "is_drawn"),
    [
        (picture((300, 100), color="red"), True),
        (picture((300, 100), "CMYK", "JPEG"), True),
        (picture((300, 100), "I;16"), True),
        (picture((300, 100), "1"), True),
        (picture((300, 100), "RGBA", "WEBP", (255, 255, 255, 250)), True),
        (picture((1, 1)), False),
        (picture((4000, 10)), False),
        (picture((300, 100), "RGBA", color=(0, 0, 0, 0)), False),
        (picture((500, 500))[:200], False),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", False),
        (b"", False),
        (None, False),
    ],
)
def test_a_logo_that_cannot_be_shown_gives_way_to_the_name(logo: bytes | None, is_drawn: bool) -> None:
    pdf = render(invoice(), Brand("Drawn by Nord", logo))
    assert ("/Figure" in tags_of(pdf)) is is_drawn
    assert ("Drawn by Nord" in text_of(pdf)) is not is_drawn


def test_a_logo_of_an_agency_without_name_still_has_words_for_those_who_cannot_see_it() -> None:
    assert "/Figure" in tags_of(render(invoice(), Brand("", picture((300, 100), color="red"))))


@pytest.mark.parametrize("accent", ["", "red", "#fff", "#ffff00", "#000000", "x" * 99])
def test_any_accent_gives_a_paper(accent: str) -> None:
    assert render(invoice(), Brand("Nord", accent=accent)).startswith(b"%PDF-")
