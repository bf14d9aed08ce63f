"""DATEV's format for bookings from other programs: header 700, category 21, version 13.

https://developer.datev.de/datev/platform/en/dtvf/formate/booking-batch (fields, types, order)
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from kit.money import exponent

MOST_ROWS = 99_999
TEXT_LETTERS, DOCUMENT_LETTERS = 60, 36
NAMES = (
    "Umsatz (ohne Soll/Haben-Kz);Soll/Haben-Kennzeichen;WKZ Umsatz;Kurs;Basis-Umsatz;WKZ Basis-Umsatz;Konto;"
    "Gegenkonto (ohne BU-Schlüssel);BU-Schlüssel;Belegdatum;Belegfeld 1;Belegfeld 2;Skonto;Buchungstext;"
    "Postensperre;Diverse Adressnummer;Geschäftspartnerbank;Sachverhalt;Zinssperre;Beleglink;"
    + "".join(f"Beleginfo - Art {n};Beleginfo - Inhalt {n};" for n in range(1, 9))
    + "KOST1 - Kostenstelle;KOST2 - Kostenstelle;Kost-Menge;EU-Land u. UStID (Bestimmung);"
    "EU-Steuersatz (Bestimmung);Abw. Versteuerungsart;Sachverhalt L+L;Funktionsergänzung L+L;"
    "BU 49 Hauptfunktionstyp;BU 49 Hauptfunktionsnummer;BU 49 Funktionsergänzung;"
    + "".join(f"Zusatzinformation - Art {n};Zusatzinformation- Inhalt {n};" for n in range(1, 21))
    + "Stück;Gewicht;Zahlweise;Forderungsart;Veranlagungsjahr;Zugeordnete Fälligkeit;Skontotyp;Auftragsnummer;"
    "Buchungstyp;USt-Schlüssel (Anzahlungen);EU-Land (Anzahlungen);Sachverhalt L+L (Anzahlungen);"
    "EU-Steuersatz (Anzahlungen);Erlöskonto (Anzahlungen);Herkunft-Kz;Buchungs GUID;KOST-Datum;"
    "SEPA-Mandatsreferenz;Skontosperre;Gesellschaftername;Beteiligtennummer;Identifikationsnummer;"
    "Zeichnernummer;Postensperre bis;Bezeichnung SoBil-Sachverhalt;Kennzeichen SoBil-Buchung;Festschreibung;"
    "Leistungsdatum;Datum Zuord. Steuerperiode;Fälligkeit;Generalumkehr (GU);Steuersatz;Land;"
    "Abrechnungsreferenz;BVV-Position;EU-Land u. UStID (Ursprung);EU-Steuersatz (Ursprung);Abw. Skontokonto"
)
COLUMNS = NAMES.split(";")
# Fields of type text, counted from 1: they stand in quotation marks even when empty.
TEXTS = frozenset(
    [2, 3, 6, 9, 11, 12, 14, 16, *range(20, 39), 40, 42, *range(48, 88), 91, 95, 96, 98, 102, 103, 105, 107]
    + [109, 110, 112, 118, 120, 121, 123]
)


@dataclass(frozen=True)
class Booking:
    """One booking on the debtors' account: `minor` positive is a debit (Soll), negative a credit (Haben)."""

    minor: int
    account: str
    against: str
    day: date
    document: str
    words: str


@dataclass(frozen=True)
class Batch:
    """What the first line says of all bookings."""

    advisor: int
    client_number: int
    year_begins_on: date
    account_digits: int
    from_on: date
    to_on: date
    currency: str
    chart: str
    made_at: datetime


def written(batch: Batch, parts: Iterable[Iterable[Booking]]) -> Iterator[bytes]:
    """The file, part by part, in Windows-1252 as DATEV reads it."""
    yield _encoded(_header(batch)) + _encoded(NAMES)
    for bookings in parts:
        yield b"".join(_encoded(_line(booking, batch.currency)) for booking in bookings)


def _header(batch: Batch) -> str:
    made = f"{batch.made_at:%Y%m%d%H%M%S}{batch.made_at.microsecond // 1000:03d}"
    days = [f"{day:%Y%m%d}" for day in (batch.year_begins_on, batch.from_on, batch.to_on)]
    fields = [
        '"EXTF"', "700", "21", '"Buchungsstapel"', "13", made, "", '"RE"', '""', '""', str(batch.advisor),
        str(batch.client_number), days[0], str(batch.account_digits), days[1], days[2],
        _quoted(f"Rechnungen {batch.from_on:%m/%Y}"), '""', "1", "0", "0", _quoted(batch.currency), "", '""', "",
        "", _quoted(batch.chart), "", "", '""', '""',
    ]  # fmt: skip
    return ";".join(fields)


def _line(booking: Booking, currency: str) -> str:
    filled = {
        1: _amount(abs(booking.minor), currency),
        2: "S" if booking.minor > 0 else "H",
        3: currency,
        7: booking.account,
        8: booking.against,
        10: f"{booking.day:%d%m}",
        11: re.sub(r"[^A-Za-z0-9$&%*+/-]", "-", booking.document)[:DOCUMENT_LETTERS],
        14: booking.words[:TEXT_LETTERS],
    }
    cells = (filled.get(place, "") for place in range(1, len(COLUMNS) + 1))
    return ";".join(_quoted(cell) if place in TEXTS else cell for place, cell in enumerate(cells, 1))


def _amount(minor: int, currency: str) -> str:
    """With a comma and two decimals, whatever the currency has; a third one cannot be said here."""
    digits = exponent(currency)
    cents = minor * 100 if digits == 0 else minor if digits == 2 else round(minor / 10)
    return f"{cents // 100},{cents % 100:02d}"


def _quoted(text: str) -> str:
    # A spreadsheet takes what begins like this for a formula, in quotation marks, too.
    bare = "".join(" " if unicodedata.category(letter) == "Cc" else letter for letter in text).strip()
    safe = f"'{bare}" if bare[:1] in ("=", "+", "-", "@") else bare
    return '"' + safe.replace('"', '""') + '"'


def _encoded(line: str) -> bytes:
    """What Windows-1252 lacks loses its marks first (ş is s), and is a question mark only then."""
    letters = []
    for letter in line:
        try:
            letters.append(letter.encode("cp1252"))
        except UnicodeEncodeError:
            plain = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore")
            letters.append(plain or b"?")
    return b"".join(letters) + b"\r\n"
