"""Papers as PDF: tagged (PDF/UA-1), for the archive (PDF/A-3), with the electronic invoice inside."""

import json
import re
import unicodedata
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import structlog
import typst

from portal.papers.fonts import families, fonts
from portal.papers.logos import Logo, logo_of
from portal.papers.paper import Brand, InvoicePaper, StatementPaper
from portal.papers.rules import problems
from portal.papers.sheet import Sheet, sheet_of
from portal.papers.words import words_of
from portal.papers.xml import en16931
from portal.papers.xmp import with_metadata
from ui.theme import DEFAULT_ACCENT, theme

log = structlog.get_logger(__name__)

ATTACHMENT = "factur-x.xml"
_TEMPLATE = (Path(__file__).parent / "sheet.typ").read_bytes()
_STANDARDS: list["typst.PDFStandard"] = ["a-3a", "ua-1"]
# "the text … could not be displayed", "the PDF contains the codepoint …" (private use, which PDF/A-3a forbids)
_UNSHOWN = re.compile(r'the (?:text|PDF contains the codepoint) `?"((?:[^"\\]|\\.)*)"')
_TRIES = 12


def render(paper: InvoicePaper | StatementPaper, brand: Brand) -> bytes:
    """The paper as PDF/A-3 and PDF/UA-1; an invoice or credit note that can be one holds its EN 16931 XML.

    Letters that no font has are printed as "?" and said to be so on the paper; the XML keeps them.
    """
    xml = b""
    if isinstance(paper, InvoicePaper) and not problems(paper):
        xml = en16931(paper)
    sheet = sheet_of(paper, brand.name)
    written = _typeset(sheet, brand, paper.language, xml)
    return with_metadata(
        written, title=sheet.title, creator=sheet.author, attachment=ATTACHMENT if xml else ""
    )


def _typeset(sheet: Sheet, brand: Brand, language: str, xml: bytes) -> bytes:
    logo = logo_of(brand.logo_bytes)
    # Private use and unassigned code points look like anything, or nothing.
    found = {letter for letter in _text_of(sheet) if unicodedata.category(letter) in {"Co", "Cn"}}
    missing: set[str] = set()
    for _ in range(_TRIES):
        missing |= found
        if found:
            log.warning("papers.letters_without_font", code_points=sorted(f"U+{ord(c):04X}" for c in found))
        data = _data(sheet, _without(sheet, missing) if missing else sheet, brand, logo, language)
        try:
            return _compiled(data, xml)
        except typst.TypstError as error:
            found = _unshown(error) - missing
            if not found:
                raise
    raise RuntimeError("a paper has letters that no font shows")


def _compiled(data: dict[str, Any], xml: bytes) -> bytes:
    inputs = {"sheet": json.dumps(data, ensure_ascii=False)}
    if xml:
        inputs["xml"] = xml.decode()
    day = datetime.combine(date(*data["day"]), time(), UTC)
    compiler = typst.Compiler(_TEMPLATE, font_paths=fonts(), sys_inputs=inputs)
    written = compiler.compile(format="pdf", pdf_standards=_STANDARDS, timestamp=day)
    assert isinstance(written, bytes)
    return written


def _data(sheet: Sheet, shown: Sheet, brand: Brand, logo: Logo | None, language: str) -> dict[str, Any]:
    colors = theme(_accent(brand))
    picture = None
    if logo:
        picture = {
            "bytes": list(logo.png),
            "width": logo.width_mm,
            "height": logo.height_mm,
            "on_dark": logo.on_dark,
        }
    written = shown.as_json()
    return written | {
        "fonts": families(language, _text_of(shown)),
        # What a paper says of itself needs no font.
        "title": sheet.title,
        "author": sheet.author,
        "brand": shown.author,
        "logo": picture,
        "attachment_words": words_of(sheet.language)["invoice"],
        "colors": {
            "accent": colors.light.ink,
            "ink": colors.neutral("ink"),
            "ink_soft": colors.neutral("ink-soft"),
            "line": colors.neutral("line"),
        },
    }


def _text_of(sheet: Sheet) -> str:
    return json.dumps(sheet.as_json(), ensure_ascii=False)


def _accent(brand: Brand) -> str:
    try:
        theme(brand.accent)
    except ValueError:
        return DEFAULT_ACCENT
    return brand.accent


def _unshown(error: "typst.TypstError") -> set[str]:
    """The letters that the standards would have refused to print as an empty box."""
    said = f"{error.message}\n{error.diagnostic}"
    letters = "".join(_unescaped(text) for text in _UNSHOWN.findall(said))
    return {letter for letter in letters if not letter.isspace() and not letter.isascii()}


def _unescaped(text: str) -> str:
    text = re.sub(r"\\u\{([0-9a-fA-F]+)\}", lambda match: chr(int(match[1], 16)), text)
    return re.sub(r"\\(.)", r"\1", text)


def _without(sheet: Sheet, missing: set[str]) -> Sheet:
    """The sheet with "?" for those letters, and a sentence that says so."""
    table = str.maketrans(dict.fromkeys(missing, "?"))

    def shown(part: Any) -> Any:
        if isinstance(part, str):
            return part.translate(table)
        if isinstance(part, list | tuple):
            return type(part)(shown(inner) for inner in part)
        return (
            replace(part, **{k: shown(v) for k, v in vars(part).items()})
            if hasattr(part, "__dict__")
            else part
        )

    cleaned: Sheet = shown(sheet)
    said = words_of(sheet.language)["not_shown"]
    return replace(cleaned, blocks=[*cleaned.blocks, ("", said)])
