"""Captured mails: one .eml file each, as it came over the wire, and how to read it."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from email.utils import getaddresses
from html.parser import HTMLParser
from pathlib import Path
from typing import cast

# Who the mail was really handed over for; the To line may say something else (Bcc).
ENVELOPE_FROM = "X-Captured-From"
ENVELOPE_TO = "X-Captured-To"
WEB_ADDRESS = re.compile(r"https?://[^\s<>\"']+")
IDENTIFIER = re.compile(r"[0-9]{19}-[0-9]{4}")


@dataclass(frozen=True)
class Attachment:
    """A part of a mail that is a file."""

    name: str
    media_type: str
    content_id: str
    content: bytes


class Mail:
    """One captured mail."""

    def __init__(self, identifier: str, raw: bytes) -> None:
        self.identifier = identifier
        self.raw = raw
        self.message = message_from_bytes(raw, policy=default)

    @property
    def captured(self) -> datetime:
        """When it came in, UTC."""
        return datetime.fromtimestamp(int(self.identifier.split("-")[0]) / 1e9, tz=UTC)

    @property
    def sender(self) -> str:
        """The From line, name and address."""
        return str(self.message.get("From", ""))

    @property
    def recipients(self) -> list[str]:
        """The addresses it was handed over for, bare."""
        line = str(self.message.get(ENVELOPE_TO, "")) or str(self.message.get("To", ""))
        return [address for _, address in getaddresses([line])]

    @property
    def subject(self) -> str:
        """The subject, decoded."""
        return str(self.message.get("Subject", ""))

    def body(self, kind: str) -> str:
        """Its "plain" or "html" words, or nothing."""
        part = self.message.get_body((kind,))
        if part is None:
            return ""
        try:
            return str(part.get_content())
        except (LookupError, ValueError):
            # An unknown character set: better some wrong letters than no mail.
            return cast(bytes, part.get_payload(decode=True)).decode("utf-8", "replace")

    @property
    def attachments(self) -> list[Attachment]:
        """Its files, pictures inside the HTML included."""
        bodies = [self.message.get_body(("plain",)), self.message.get_body(("html",))]
        found: list[Attachment] = []
        for part in self.message.walk():
            if part.is_multipart() or any(part is body for body in bodies):
                continue
            content = part.get_payload(decode=True) or b""
            name = part.get_filename() or f"part {len(found) + 1}"
            content_id = str(part.get("Content-ID", "")).strip("<>")
            found.append(Attachment(name, part.get_content_type(), content_id, cast(bytes, content)))
        return found

    @property
    def links(self) -> list[str]:
        """Every web address in it, each once: those of the HTML first, in their order."""
        reader = _Links()
        reader.feed(self.body("html"))
        plain = [address.rstrip(".,;:!?)]") for address in WEB_ADDRESS.findall(self.body("plain"))]
        return list(dict.fromkeys([*reader.found, *plain]))

    def as_json(self) -> dict[str, object]:
        """What `GET /mails.json` says of it; `to` holds the bare addresses with commas between."""
        headers: dict[str, str] = {}
        for name, value in self.message.items():
            headers[name] = f"{headers[name]}\n{value}" if name in headers else str(value)
        return {
            "id": self.identifier,
            "to": ", ".join(self.recipients),
            "from": self.sender,
            "subject": self.subject,
            "date": self.captured.isoformat(),
            "text": self.body("plain"),
            "html": self.body("html"),
            "links": self.links,
            "headers": headers,
        }


class Mailbox:
    """A folder of captured mails."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._counter = itertools.count()

    def store(self, sender: str, recipients: Sequence[str], content: bytes) -> str:
        """Keeps a mail; returns its identifier, which sorts by time."""
        identifier = f"{time.time_ns():019d}-{next(self._counter) % 10_000:04d}"
        envelope = f"{ENVELOPE_FROM}: {sender}\r\n{ENVELOPE_TO}: {', '.join(recipients)}\r\n"
        path = self.folder / f"{identifier}.eml"
        # Moved into place whole: the page may be reading the folder at this moment.
        unfinished = path.with_suffix(".new")
        unfinished.write_bytes(envelope.encode("utf-8") + content)
        unfinished.rename(path)
        return identifier

    def mails(self, recipient: str = "") -> list[Mail]:
        """All mails, or those for one address (upper and lower case alike), newest first."""
        found = []
        for path in sorted(self.folder.glob("*.eml"), reverse=True):
            mail = self.mail(path.stem)
            wanted = recipient.strip().lower()
            if mail and (not wanted or wanted in (address.lower() for address in mail.recipients)):
                found.append(mail)
        return found

    def mail(self, identifier: str) -> Mail | None:
        """One mail, None when there is none of that identifier."""
        path = self.folder / f"{identifier}.eml"
        if not IDENTIFIER.fullmatch(identifier) or not path.is_file():
            return None
        return Mail(identifier, path.read_bytes())

    def clear(self) -> None:
        """Deletes every mail."""
        for path in self.folder.glob("*.eml"):
            path.unlink(missing_ok=True)


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        target = dict(attrs).get("href") or ""
        if tag == "a" and target.startswith(("http://", "https://")):
            self.found.append(target)
