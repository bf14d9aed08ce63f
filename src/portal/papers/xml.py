"""The electronic invoice: UN/CEFACT Cross Industry Invoice (D16B), profile EN 16931 of Factur-X / ZUGFeRD 2.

The order of elements is that of the schema. Terms BT-* and groups BG-* are those of EN 16931-1.
"""

from datetime import date
from decimal import Decimal
from xml.etree import ElementTree as ET

from kit.money import decimal_text
from portal.papers.amounts import TaxGroup, groups, net_lines, tax_of
from portal.papers.letters import one_line, plain
from portal.papers.paper import Category, InvoicePaper, Kind, Line, Party
from portal.papers.rules import problems, vat_id
from portal.papers.units import code_of
from portal.papers.words import words_of

_NAMESPACES = {
    "xmlns:rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "xmlns:ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "xmlns:udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
    "xmlns:qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
}
_PROFILE = "urn:cen.eu:en16931:2017"
_TYPE_CODES = {Kind.INVOICE: "380", Kind.CREDIT_NOTE: "381"}
# UNTDID 4461: how is said in words, so the code promises nothing (58 would need an IBAN, BR-61).
_INSTRUMENT_NOT_DEFINED = "1"
_REASON_CODES = {Category.REVERSE_CHARGE: "VATEX-EU-AE", Category.EXPORT: "VATEX-EU-G"}


class NotElectronicError(ValueError):
    """The paper cannot be an electronic invoice; `reasons` says why."""

    def __init__(self, reasons: list[str]) -> None:
        self.reasons = reasons
        super().__init__(" ".join(reasons))


def en16931(paper: InvoicePaper) -> bytes:
    """The paper as XML in UTF-8, always the same bytes for the same paper.

    Raises:
        NotElectronicError: it breaks a rule of EN 16931, or is neither invoice nor credit note.
    """
    if reasons := problems(paper):
        raise NotElectronicError(reasons)
    root = ET.Element("rsm:CrossIndustryInvoice", _NAMESPACES)
    _put(root, "rsm:ExchangedDocumentContext/ram:GuidelineSpecifiedDocumentContextParameter/ram:ID", _PROFILE)
    _document(ET.SubElement(root, "rsm:ExchangedDocument"), paper)
    trade = ET.SubElement(root, "rsm:SupplyChainTradeTransaction")
    for number, line in enumerate(net_lines(paper), start=1):
        _line(ET.SubElement(trade, "ram:IncludedSupplyChainTradeLineItem"), paper, line, number)
    agreement = ET.SubElement(trade, "ram:ApplicableHeaderTradeAgreement")
    _party(ET.SubElement(agreement, "ram:SellerTradeParty"), paper.seller, is_seller=True)
    _party(ET.SubElement(agreement, "ram:BuyerTradeParty"), paper.buyer, is_seller=False)
    delivery = ET.SubElement(trade, "ram:ApplicableHeaderTradeDelivery")
    if paper.delivered_on:
        _day(delivery, "ram:ActualDeliverySupplyChainEvent/ram:OccurrenceDateTime", paper.delivered_on)
    _settlement(ET.SubElement(trade, "ram:ApplicableHeaderTradeSettlement"), paper)
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _document(document: ET.Element, paper: InvoicePaper) -> None:
    _put(document, "ram:ID", one_line(paper.number))
    _put(document, "ram:TypeCode", _TYPE_CODES[Kind(paper.kind)])
    _day(document, "ram:IssueDateTime", paper.issued_on)
    for note in (paper.notes, paper.terms):
        if plain(note):
            _put(document, "ram:IncludedNote/ram:Content", plain(note))


def _line(item: ET.Element, paper: InvoicePaper, line: Line, number: int) -> None:
    _put(item, "ram:AssociatedDocumentLineDocument/ram:LineID", str(number))
    name, _, rest = plain(line.description).partition("\n")
    product = ET.SubElement(item, "ram:SpecifiedTradeProduct")
    _put(product, "ram:Name", name)
    if rest.strip():
        _put(product, "ram:Description", rest.strip())
    unit = code_of(line.unit)
    price, basis, quantity, discount_minor = _price(paper, line)
    net_price = _put(item, "ram:SpecifiedLineTradeAgreement/ram:NetPriceProductTradePrice")
    _put(net_price, "ram:ChargeAmount", price)
    if basis is not None:
        _put(net_price, "ram:BasisQuantity", _number(basis), unitCode=unit)
    _put(item, "ram:SpecifiedLineTradeDelivery/ram:BilledQuantity", _number(quantity), unitCode=unit)
    settlement = ET.SubElement(item, "ram:SpecifiedLineTradeSettlement")
    tax = tax_of(paper, line)
    assert tax is not None  # `problems` saw to it
    _tax_category(ET.SubElement(settlement, "ram:ApplicableTradeTax"), tax.category, tax.rate)
    if discount_minor:
        allowance = ET.SubElement(settlement, "ram:SpecifiedTradeAllowanceCharge")
        _put(allowance, "ram:ChargeIndicator/udt:Indicator", "false")
        _put(allowance, "ram:ActualAmount", _amount(discount_minor, paper))
        _put(allowance, "ram:Reason", words_of(paper.language)["discount"])
    total = "ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount"
    _put(settlement, total, _amount(line.net_minor, paper))


def _price(paper: InvoicePaper, line: Line) -> tuple[str, Decimal | None, Decimal, int]:
    """Price without tax (BT-146), its base quantity (BT-149), quantity (BT-129), discount (BT-136).

    A price is never negative (BR-27), so a line that takes away has a negative quantity. Where the printed
    price holds tax, or does not give the net to the cent, the price is that of the whole quantity: exact.
    """
    sign = -1 if line.unit_minor < 0 else 1
    exact = line.quantity * line.unit_minor - line.discount_minor - line.net_minor
    if not paper.prices_include_tax and abs(exact) <= Decimal("0.5") and line.discount_minor >= 0:
        unit_minor, quantity = sign * line.unit_minor, sign * line.quantity
        return _amount(unit_minor, paper), None, quantity, line.discount_minor
    whole = abs(line.quantity) or Decimal(1)
    quantity = whole if line.net_minor >= 0 else -whole
    return _amount(abs(line.net_minor), paper), whole, quantity, 0


def _party(element: ET.Element, party: Party, *, is_seller: bool) -> None:
    number, vat = one_line(party.tax_id), vat_id(party)
    if is_seller and not vat:
        # BR-CO-26 wants an identifier that is no tax registration.
        _put(element, "ram:ID", number)
    _put(element, "ram:Name", one_line(party.name))
    if is_seller and one_line(party.email):
        contact = _put(element, "ram:DefinedTradeContact")
        _put(contact, "ram:EmailURIUniversalCommunication/ram:URIID", one_line(party.email))
    address = ET.SubElement(element, "ram:PostalTradeAddress")
    lines = [line for line in map(one_line, party.address_lines) if line]
    for tag, text in zip(("One", "Two", "Three"), [*lines[:2], ", ".join(lines[2:])], strict=False):
        if text:
            _put(address, f"ram:Line{tag}", text)
    _put(address, "ram:CountryID", party.country.upper())
    if one_line(party.email):
        _put(element, "ram:URIUniversalCommunication/ram:URIID", one_line(party.email), schemeID="EM")
    if vat:
        _put(element, "ram:SpecifiedTaxRegistration/ram:ID", vat, schemeID="VA")
    elif is_seller:
        _put(element, "ram:SpecifiedTaxRegistration/ram:ID", number, schemeID="FC")


def _settlement(settlement: ET.Element, paper: InvoicePaper) -> None:
    _put(settlement, "ram:InvoiceCurrencyCode", paper.currency)
    means = ET.SubElement(settlement, "ram:SpecifiedTradeSettlementPaymentMeans")
    _put(means, "ram:TypeCode", _INSTRUMENT_NOT_DEFINED)
    if plain(paper.payment_words):
        _put(means, "ram:Information", plain(paper.payment_words))
    for group in groups(paper):
        _tax(ET.SubElement(settlement, "ram:ApplicableTradeTax"), group, paper)
    for group in groups(paper):
        _allowances(settlement, group, paper)
    _terms(settlement, paper)
    _totals(ET.SubElement(settlement, "ram:SpecifiedTradeSettlementHeaderMonetarySummation"), paper)
    if one_line(paper.refers_to):
        earlier = ET.SubElement(settlement, "ram:InvoiceReferencedDocument")
        _put(earlier, "ram:IssuerAssignedID", one_line(paper.refers_to))
        if paper.refers_to_on:
            day = _put(earlier, "ram:FormattedIssueDateTime/qdt:DateTimeString", _digits(paper.refers_to_on))
            day.set("format", "102")


def _tax(element: ET.Element, group: TaxGroup, paper: InvoicePaper) -> None:
    tax, words = group.tax, words_of(paper.language)
    _put(element, "ram:CalculatedAmount", _amount(tax.tax_minor, paper))
    _put(element, "ram:TypeCode", "VAT")
    if tax.category not in {Category.STANDARD, Category.ZERO}:
        default = words["reverse_charge"] if tax.category == Category.REVERSE_CHARGE else words["exempt"]
        _put(element, "ram:ExemptionReason", one_line(tax.reason) or default)
    _put(element, "ram:BasisAmount", _amount(tax.base_minor, paper))
    _put(element, "ram:CategoryCode", tax.category)
    if code := _REASON_CODES.get(Category(tax.category)):
        _put(element, "ram:ExemptionReasonCode", code)
    _put(element, "ram:RateApplicablePercent", _number(tax.rate))


def _allowances(settlement: ET.Element, group: TaxGroup, paper: InvoicePaper) -> None:
    for part in group.allowances:
        element = ET.SubElement(settlement, "ram:SpecifiedTradeAllowanceCharge")
        _put(element, "ram:ChargeIndicator/udt:Indicator", "false")
        _put(element, "ram:ActualAmount", _amount(part.minor, paper))
        _put(element, "ram:Reason", one_line(part.label) or words_of(paper.language)["discount"])
        tax = ET.SubElement(element, "ram:CategoryTradeTax")
        _tax_category(tax, group.tax.category, group.tax.rate)


def _terms(settlement: ET.Element, paper: InvoicePaper) -> None:
    """Due date or terms: one of them where something is due (BR-CO-25)."""
    words = plain(paper.terms) or plain(paper.payment_words)
    if not paper.due_on and not words and paper.due_minor <= 0:
        return
    terms = ET.SubElement(settlement, "ram:SpecifiedTradePaymentTerms")
    if not paper.due_on:
        _put(terms, "ram:Description", words or words_of(paper.language)["on_receipt"])
        return
    if plain(paper.terms):
        _put(terms, "ram:Description", plain(paper.terms))
    _day(terms, "ram:DueDateDateTime", paper.due_on)


def _totals(totals: ET.Element, paper: InvoicePaper) -> None:
    # A late fee is a claim of its own that the norm's sums have no place for; a credit note lessens what is due.
    due = min(paper.due_minor, paper.gross_minor)
    allowances = sum(part.minor for part in paper.allowances)
    amounts = {
        "LineTotalAmount": paper.net_minor + allowances,
        "ChargeTotalAmount": 0,
        "AllowanceTotalAmount": allowances,
        "TaxBasisTotalAmount": paper.net_minor,
        "TaxTotalAmount": paper.tax_minor,
        "GrandTotalAmount": paper.gross_minor,
        "TotalPrepaidAmount": paper.gross_minor - due,
        "DuePayableAmount": due,
    }
    for name, minor in amounts.items():
        amount = _put(totals, f"ram:{name}", _amount(minor, paper))
        if name == "TaxTotalAmount":
            amount.set("currencyID", paper.currency)


def _tax_category(element: ET.Element, category: str, rate: Decimal) -> None:
    _put(element, "ram:TypeCode", "VAT")
    _put(element, "ram:CategoryCode", category)
    _put(element, "ram:RateApplicablePercent", _number(rate))


def _put(parent: ET.Element, path: str, text: str | None = None, **attributes: str) -> ET.Element:
    """A new element below `parent`, with new ones for every step of `path`."""
    for tag in path.split("/"):
        parent = ET.SubElement(parent, tag)
    parent.text = text
    parent.attrib.update(attributes)
    return parent


def _day(parent: ET.Element, path: str, day: date) -> None:
    _put(parent, f"{path}/udt:DateTimeString", _digits(day), format="102")


def _amount(minor: int, paper: InvoicePaper) -> str:
    """The amount with at most two decimals (BR-DEC-*); a third one is 0, `problems` saw to it."""
    text = decimal_text(minor, paper.currency)
    return text[:-1] if len(text.partition(".")[2]) > 2 else text


def _number(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _digits(day: date) -> str:
    return day.isoformat().replace("-", "")
