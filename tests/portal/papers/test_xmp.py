"""Metadata written again behind a PDF that is laid out as typst does it."""

import re
from xml.etree import ElementTree as ET

import pypdfium2
import pytest

from portal.papers.xmp import UnknownLayoutError, with_metadata

DESCRIBED = (
    '<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"'
    ' xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"'
    ' xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"><pdfaExtension:schemas><rdf:Bag>'
    '<rdf:li rdf:parseType="Resource"><pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix></rdf:li>'
    "</rdf:Bag></pdfaExtension:schemas></rdf:Description>"
)


def typeset(more: str = "", stream: bytes = b"") -> bytes:
    """A PDF of one empty page."""
    packet = (
        '<?xpacket begin="\ufeff"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/">'
        "<xmp:CreatorTool>Typst 0.15.2</xmp:CreatorTool>"
        f"<xmp:CreateDate>2026-11-01T00:00:00+00:00</xmp:CreateDate></rdf:Description>{more}</rdf:RDF></x:xmpmeta>"
        '<?xpacket end="r"?>'
    ).encode()
    bodies = [
        b"<</Type/Pages/Kids[2 0 R]/Count 1>>",
        b"<</Type/Page/Parent 1 0 R/MediaBox[0 0 99 99]/Contents 5 0 R>>",
        b"<</Title(endobj /Creator <00>)/Creator(Typst \\(0.15.2\\))/CreationDate(D:20261101)>>",
        b"<</Type/Metadata/Subtype/XML/Length %d>>\nstream\n%s\nendstream" % (len(packet), packet),
        b"<</Length %d>>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Catalog/Pages 1 0 R/Metadata 4 0 R>>",
    ]
    written, starts = b"%PDF-1.7\n", []
    for number, body in enumerate(bodies, start=1):
        starts.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    entries = b"".join(b"%010d 00000 n\r\n" % start for start in starts)
    table = b"xref\n0 7\n0000000000 65535 f\r\n" + entries
    trailer = b"trailer\n<</Size 7/Root 6 0 R/Info 3 0 R/ID[<00><01>]>>\n"
    return written + table + trailer + b"startxref\n%d\n%%%%EOF" % len(written)


def packet_of(pdf: bytes) -> str:
    packets: list[bytes] = re.findall(rb"stream\n(<\?xpacket.*?)\nendstream", pdf, re.DOTALL)
    return packets[-1].decode()


def test_the_agency_made_it_not_the_typesetter() -> None:
    pdf = with_metadata(typeset(), title="A", creator="Büro <Süd> & 株", attachment="")
    read = pypdfium2.PdfDocument(pdf)
    assert read.get_metadata_dict()["Creator"] == "Büro <Süd> & 株"
    assert read.get_metadata_dict()["Title"] == "A"
    assert read.get_metadata_dict()["CreationDate"] == "D:20261101000000+00'00"
    assert len(read) == 1
    assert "Typst" not in packet_of(pdf)
    assert "Büro &lt;Süd&gt; &amp; 株" in packet_of(pdf)
    assert "factur" not in packet_of(pdf)


@pytest.mark.parametrize("before", ["", DESCRIBED])
def test_an_invoice_inside_is_announced_once_with_its_schema(before: str) -> None:
    packet = packet_of(with_metadata(typeset(before), title="A", creator="Nord", attachment="factur-x.xml"))
    root = ET.fromstring(packet)
    said = {name.tag.partition("}")[2]: name.text for name in root.iter() if "factur-x" in name.tag}
    assert said == {
        "DocumentType": "INVOICE",
        "DocumentFileName": "factur-x.xml",
        "Version": "1.0",
        "ConformanceLevel": "EN 16931",
    }
    assert packet.count("<pdfaExtension:schemas>") == 1
    assert packet.count("<pdfaSchema:prefix>fx</pdfaSchema:prefix>") == 1


def test_bytes_of_a_stream_are_not_taken_for_objects() -> None:
    trap = b"3 0 obj <</Creator(trap)>> endobj trailer << /Root 9 0 R >> startxref 1 %%EOF"
    pdf = with_metadata(typeset(stream=trap), title="A", creator="Nord", attachment="")
    assert pypdfium2.PdfDocument(pdf).get_metadata_dict()["Creator"] == "Nord"
    assert trap in pdf


@pytest.mark.parametrize(
    "pdf", [b"", b"%PDF-1.7\n", typeset()[:-40], typeset().replace(b"/Metadata 4", b"/Other 4")]
)
def test_another_layout_is_refused_rather_than_guessed_at(pdf: bytes) -> None:
    with pytest.raises(UnknownLayoutError):
        with_metadata(pdf, title="A", creator="Nord", attachment="")
