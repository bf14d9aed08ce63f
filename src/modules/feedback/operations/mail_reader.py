"""Reads a stranger's mail, in a process of its own with limits: a program, started by arriving.py.

The mail comes on standard input, what was read goes out as JSON. Imports nothing of the product: whatever a
hostile mail does to a parser or a regular expression, it does it here, without the database's address in reach.
"""

import base64
import email
import email.errors
import email.header
import email.policy
import email.utils
import json
import re
import resource
import signal
import sys
from contextlib import suppress
from email.message import Message
from html.parser import HTMLParser
from typing import Any

MEMORY_BYTES = 1024 * 1024**2
SECONDS = 10
STRIPPING_SECONDS = 3.0
LONGEST_TEXT = 60_000  # characters that are looked at; more than this is no answer
SMALL_INLINE = 8 * 1024  # pictures in signatures
LANGUAGES = ["en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "da"]
BULK = {"bulk", "junk", "list", "auto_reply"}
SKIPPED = {"script", "style", "head", "title", "blockquote", "template"}
BLOCKS = {"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "table", "ul", "ol", "hr"}
VOID = {"br", "hr", "img", "meta", "link", "input", "col", "wbr", "area", "base", "source"}
# Where programs put what they quote.
QUOTES = re.compile(
    r"gmail_quote|gmail_extra|yahoo_quoted|moz-cite-prefix|divRplyFwdMsg|appendonsend|protonmail_quote"
)


def read(raw: bytes) -> dict[str, Any]:
    """What a mail says: who claims to have sent it, its new words without quotes, its files."""
    mail = email.message_from_bytes(raw, policy=email.policy.compat32)
    plain, html, files = _parts(mail)
    whole = (plain or _as_text(html)).replace("\x00", "").replace("\r\n", "\n")[:LONGEST_TEXT]
    _, sender = email.utils.parseaddr(_header(mail, "From"))
    return {
        "sender": sender[:254],
        "subject": " ".join(_header(mail, "Subject").split())[:255],
        "message_id": " ".join(_header(mail, "Message-ID").split())[:255],
        "is_automatic": _is_automatic(mail),
        "text": _new_words(whole) or whole.strip(),
        "files": files,
    }


def _parts(mail: Message) -> tuple[str, str, list[dict[str, str]]]:
    plain, html, files = [], [], []
    for part in mail.walk():
        if part.is_multipart():
            continue
        content = part.get_payload(decode=True)
        body = content if isinstance(content, bytes) else b""
        name, kind = _name(part), part.get_content_type()
        is_file = part.get_content_disposition() == "attachment" or bool(name)
        if kind == "text/plain" and not is_file:
            plain.append(_decoded(part, body))
        elif kind == "text/html" and not is_file:
            html.append(_decoded(part, body))
        elif body and not _is_decoration(part, body):
            files.append({"name": name or "file", "content": base64.b64encode(body).decode()})
    return "\n".join(plain).strip(), "\n".join(html), files


def _is_decoration(part: Message, body: bytes) -> bool:
    is_inline = part.get_content_disposition() != "attachment" and part.get("Content-ID")
    return bool(is_inline) and part.get_content_maintype() == "image" and len(body) < SMALL_INLINE


def _decoded(part: Message, body: bytes) -> str:
    for charset in (part.get_content_charset(), "utf-8", "cp1252"):
        try:
            return body.decode(charset or "utf-8")
        except (LookupError, UnicodeDecodeError):
            continue
    return body.decode("latin-1")


def _name(part: Message) -> str:
    try:
        return _unfolded(part.get_filename() or "")
    except (ValueError, LookupError, UnicodeError):
        return "file"


def _header(mail: Message, name: str) -> str:
    return _unfolded(str(mail.get(name, "")))


def _unfolded(value: str) -> str:
    with suppress(ValueError, LookupError, UnicodeError, email.errors.HeaderParseError):
        value = str(email.header.make_header(email.header.decode_header(value)))
    # Halves of characters cannot be stored or written anywhere.
    return value.encode("utf-8", "replace").decode().replace("\x00", "")


def _is_automatic(mail: Message) -> bool:
    """RFC 3834, and what programs did before it."""
    said = _header(mail, "Auto-Submitted").partition(";")[0].strip().lower()
    if said not in ("", "no") or _header(mail, "Precedence").strip().lower() in BULK:
        return True
    marks = ("List-Id", "List-Unsubscribe", "X-Autoreply", "X-Autorespond", "X-Failed-Recipients")
    if any(mail.get(name) for name in marks) or mail.get_content_type() == "multipart/report":
        return True
    local = email.utils.parseaddr(_header(mail, "From"))[1].partition("@")[0].lower()
    return local in {"mailer-daemon", "postmaster", "noreply", "no-reply"}


def _new_words(text: str) -> str:
    from mailparser_reply import EmailReplyParser

    # Its expressions take hours for some texts ("On a wrote a wrote …"); Python's own can be interrupted.
    signal.signal(signal.SIGALRM, _give_up)
    signal.setitimer(signal.ITIMER_REAL, STRIPPING_SECONDS)
    try:
        return (EmailReplyParser(languages=LANGUAGES).parse_reply(text) or "").strip()
    except TimeoutError:
        return "\n".join(line for line in text.split("\n") if not line.startswith(">")).strip()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _give_up(*_: Any) -> None:
    raise TimeoutError


class _Reader(HTMLParser):
    """The words of a page, without scripts and without what was quoted."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BLOCKS:
            self.words.append("\n")
        if tag not in VOID:
            named = " ".join(value or "" for name, value in attrs if name in ("class", "id"))
            self._open.append((tag, tag in SKIPPED or bool(QUOTES.search(named))))

    def handle_endtag(self, tag: str) -> None:
        if any(name == tag for name, _ in self._open):
            while self._open.pop()[0] != tag:
                continue
        if tag in ("p", "div", "li", "tr"):
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        if not any(is_skipped for _, is_skipped in self._open):
            self.words.append(data.replace("\xa0", " "))


def _as_text(html: str) -> str:
    reader = _Reader()
    reader.feed(html[: LONGEST_TEXT * 10])
    lines = [" ".join(line.split()) for line in "".join(reader.words).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def main() -> int:
    """Entry point: bytes in, JSON out."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    json.dump(read(sys.stdin.buffer.read()), sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
