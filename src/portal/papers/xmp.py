"""What a PDF says of itself: the agency's name instead of the typesetter's, and that it holds an invoice.

Typst writes neither its maker's name nor the properties of Factur-X as we want them (typst issue 5667), so
an incremental update (ISO 32000-1, 7.5.6) follows the file: the two objects again, and a table of them.
"""

import re
from html import escape

_TRAILER = re.compile(rb"trailer\s*<<(.*)>>\s*startxref\s+(\d+)\s+%%EOF\s*", re.DOTALL)
_TABLE = re.compile(rb"xref\s+0 (\d+)\s+")
_ENTRY_BYTES = 20
_MADE_BY = re.compile(r"(<(xmp:CreatorTool|stEvt:softwareAgent)>)[^<]*(</\2>)")
_MADE_ON = re.compile(r"<xmp:CreateDate>([0-9T:Z+-]+)</xmp:CreateDate>")

_URI = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
_BAG, _END = "<pdfaExtension:schemas><rdf:Bag>", "</rdf:Bag></pdfaExtension:schemas>"
_PROPERTIES = {
    "DocumentFileName": "name of the embedded XML invoice file",
    "DocumentType": "INVOICE",
    "Version": "The actual version of the Factur-X XML schema",
    "ConformanceLevel": "The conformance level of the embedded Factur-X data",
}


class UnknownLayoutError(ValueError):
    """The PDF is not laid out as typst does it."""


def with_metadata(pdf: bytes, *, title: str, creator: str, attachment: str) -> bytes:
    """`pdf` as made by typst, saying that `creator` made it and, if so, that `attachment` is the invoice.

    Raises:
        UnknownLayoutError: another kind of PDF; nothing is guessed.
    """
    file = _File(pdf)
    metadata_number = file.reference(file.object(file.reference(file.trailer, b"Root")), b"Metadata")
    packet = _packet(file.object(metadata_number), creator, attachment)
    head = b"<</Type/Metadata/Subtype/XML/Length %d>>\nstream\n" % len(packet)
    changed = {
        file.reference(file.trailer, b"Info"): _info(packet.decode(), title, creator),
        metadata_number: head + packet + b"\nendstream",
    }
    return file.followed_by(changed)


def _info(packet: str, title: str, creator: str) -> bytes:
    """The old kind of metadata (14.3.3), anew: PDF/A wants it to say what the new kind says."""
    entries = {"Title": _text(title), "Author": _text(creator), "Creator": _text(creator)}
    if made := _MADE_ON.search(packet):
        # 2026-11-01T00:00:00+00:00 → D:20261101000000+00'00 (7.9.4)
        day, _, zone = made[1].partition("+")
        moment = "D:" + re.sub(r"[-:T]", "", day) + (f"+{zone.replace(':', chr(39))}" if zone else "")
        entries |= {"CreationDate": f"({moment})", "ModDate": f"({moment})"}
    return f"<<{''.join(f'/{name}{value}' for name, value in entries.items())}>>".encode()


def _text(words: str) -> str:
    return f"<FEFF{words.encode('utf-16-be').hex().upper()}>"


class _File:
    """A PDF with one plain cross-reference table."""

    def __init__(self, pdf: bytes) -> None:
        self.pdf = pdf
        # From the last one: an attachment may hold the word, too.
        end = _TRAILER.fullmatch(pdf, max(0, pdf.rfind(b"trailer")))
        start = int(end[2]) if end else 0
        table = _TABLE.match(pdf, start) if end else None
        if end is None or table is None:
            raise UnknownLayoutError("no plain cross-reference table")
        self.trailer, self.start, self.count = end[1], start, int(table[1])
        entries = pdf[table.end() : table.end() + self.count * _ENTRY_BYTES]
        try:
            self._starts = [int(entries[at : at + 10]) for at in range(0, len(entries), _ENTRY_BYTES)]
        except ValueError:
            raise UnknownLayoutError("no entries of twenty bytes") from None

    def reference(self, dictionary: bytes, key: bytes) -> int:
        found = re.search(rb"/%s (\d+) 0 R" % key, dictionary)
        if not found:
            raise UnknownLayoutError(f"no {key.decode()}")
        return int(found[1])

    def object(self, number: int) -> bytes:
        """What stands between `obj` and `endobj`."""
        head = b"%d 0 obj" % number
        start = self._starts[number] if number < len(self._starts) else -1
        if start < 0 or not self.pdf.startswith(head, start):
            raise UnknownLayoutError(f"no object {number}")
        # Up to the next one, as a text may hold the word `endobj`.
        after = min((other for other in self._starts if other > start), default=self.start)
        return self.pdf[start + len(head) : self.pdf.rfind(b"endobj", start, after)].strip()

    def followed_by(self, changed: dict[int, bytes]) -> bytes:
        """The file and an update with those objects."""
        written = bytearray(self.pdf.rstrip() + b"\n")
        sections = bytearray(b"xref\n")
        for number, body in sorted(changed.items()):
            sections += b"%d 1\n%010d 00000 n \n" % (number, len(written))
            written += b"%d 0 obj\n" % number + body + b"\nendobj\n\n"
        at = len(written)
        trailer = b"trailer\n<<%s  /Prev %d\n>>\n" % (self.trailer.rstrip() + b"\n", self.start)
        return bytes(written + sections + trailer + b"startxref\n%d\n%%%%EOF\n" % at)


def _packet(metadata: bytes, creator: str, attachment: str) -> bytes:
    stream = re.search(rb"stream\r?\n(.*?)\r?\nendstream", metadata, re.DOTALL)
    if not stream or b"/Filter" in metadata[: stream.start()]:
        raise UnknownLayoutError("no readable metadata")
    packet = stream[1].decode()
    packet = _MADE_BY.sub(lambda found: f"{found[1]}{escape(creator)}{found[3]}", packet)
    return (_with_invoice(packet, attachment) if attachment else packet).encode()


def _with_invoice(packet: str, attachment: str) -> str:
    """The properties of Factur-X and, as PDF/A asks for ones it does not know, their description."""
    values = {
        "DocumentType": "INVOICE",
        "DocumentFileName": attachment,
        "Version": "1.0",
        "ConformanceLevel": "EN 16931",
    }
    said = "".join(f"<fx:{name}>{value}</fx:{name}>" for name, value in values.items())
    facts = f'<rdf:Description rdf:about="" xmlns:fx="{_URI}">{said}</rdf:Description>'
    # A packet has one list of schemas: PDF/UA may have brought it.
    if _END in packet:
        packet = packet.replace(_END, f"{_schema()}{_END}", 1)
    else:
        names = " ".join(
            f'xmlns:{name}="http://www.aiim.org/pdfa/ns/{uri}"' for name, uri in _DESCRIBING.items()
        )
        facts += f'<rdf:Description rdf:about="" {names}>{_BAG}{_schema()}{_END}</rdf:Description>'
    return packet.replace("</rdf:RDF>", f"{facts}</rdf:RDF>", 1)


_DESCRIBING = {"pdfaExtension": "extension/", "pdfaSchema": "schema#", "pdfaProperty": "property#"}


def _schema() -> str:
    described = "".join(
        '<rdf:li rdf:parseType="Resource">'
        f"<pdfaProperty:name>{name}</pdfaProperty:name>"
        "<pdfaProperty:valueType>Text</pdfaProperty:valueType>"
        "<pdfaProperty:category>external</pdfaProperty:category>"
        f"<pdfaProperty:description>{words}</pdfaProperty:description></rdf:li>"
        for name, words in _PROPERTIES.items()
    )
    return (
        '<rdf:li rdf:parseType="Resource">'
        "<pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>"
        f"<pdfaSchema:namespaceURI>{_URI}</pdfaSchema:namespaceURI>"
        "<pdfaSchema:prefix>fx</pdfaSchema:prefix>"
        f"<pdfaSchema:property><rdf:Seq>{described}</rdf:Seq></pdfaSchema:property></rdf:li>"
    )
