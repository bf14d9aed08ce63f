"""Mail capture: takes every mail over SMTP, keeps it, and shows it as a page and as JSON. Loopback only.

GET /                        the page
GET /mails.json[?to=ADDRESS] newest first: id, to, from, subject, date, text, html, links, headers
GET /mails/ID.eml            a mail's source
DELETE /mails.json           forget all
"""

from __future__ import annotations

import argparse
import asyncio
import json
import mimetypes
import signal
import threading
from http import HTTPStatus
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Self
from urllib.parse import parse_qs, quote, urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from infra.embedded import mail_pages as pages
from infra.embedded.local_page import LocalPage
from infra.embedded.mailbox import Mailbox
from infra.embedded.processes import free_port

LARGEST_MAIL = 50 * 1024 * 1024


class Capture:
    """What aiosmtpd asks about each mail."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keeps the mail; answers only when it is on the disk."""
        content = envelope.original_content or b""
        recipients = [str(address) for address in envelope.rcpt_tos]
        await asyncio.to_thread(self.mailbox.store, str(envelope.mail_from or ""), recipients, content)
        return "250 Captured"


class MailServer(ThreadingHTTPServer):
    """The page and the JSON over one mailbox."""

    daemon_threads = True

    def __init__(self, port: int, mailbox: Mailbox) -> None:
        super().__init__(("127.0.0.1", port), Reader)
        self.mailbox = mailbox


class Reader(LocalPage):
    """Answers a browser or a script."""

    server: MailServer
    server_version = "mail-capture"

    def do_GET(self) -> None:
        """The list, one mail, a part of one, or the JSON."""
        address = urlsplit(self.path)
        recipient = parse_qs(address.query).get("to", [""])[0]
        if not self.is_from_here():
            return
        match address.path.strip("/").split("/"):
            case [""]:
                self.page(pages.inbox(self.server.mailbox.mails(recipient), recipient))
            case ["style.css"]:
                self.style()
            case ["mails.json"]:
                listing = [mail.as_json() for mail in self.server.mailbox.mails(recipient)]
                self.answer(json.dumps(listing, ensure_ascii=False).encode(), "application/json")
            case ["mails", name, *rest]:
                self._mail(name, rest)
            case _:
                self.refuse(HTTPStatus.NOT_FOUND)

    do_HEAD = do_GET

    def do_POST(self) -> None:
        """The page's own button that deletes all."""
        self.body()
        if not self.is_from_here():
            return
        if self.path != "/clear":
            self.refuse(HTTPStatus.NOT_FOUND)
            return
        self.server.mailbox.clear()
        self.see("/")

    def do_DELETE(self) -> None:
        """Forgets all mails."""
        if not self.is_from_here():
            return
        if urlsplit(self.path).path not in ("/mails", "/mails.json"):
            self.refuse(HTTPStatus.NOT_FOUND)
            return
        self.server.mailbox.clear()
        self.answer(b"", "text/plain", HTTPStatus.NO_CONTENT)

    def _mail(self, name: str, rest: list[str]) -> None:
        mail = self.server.mailbox.mail(name.removesuffix(".eml"))
        if mail is None:
            self.refuse(HTTPStatus.NOT_FOUND)
        elif name.endswith(".eml"):
            self.answer(mail.raw, "text/plain; charset=utf-8")
        elif rest == ["html"]:
            self.page(pages.framed(mail), pages.MAIL_POLICY)
        elif not rest:
            self.page(pages.reading(mail))
        elif rest[0] == "files" and rest[-1].isdecimal() and int(rest[-1]) < len(mail.attachments):
            file = mail.attachments[int(rest[-1])]
            inline = file.media_type in ("image/png", "image/jpeg", "image/gif", "image/webp")
            name = (
                file.name
                if "." in file.name
                else file.name + (mimetypes.guess_extension(file.media_type) or "")
            )
            place = f"{'inline' if inline else 'attachment'}; filename*=UTF-8''{quote(name)}"
            self.answer(file.content, file.media_type, Content_Disposition=place)
        else:
            self.refuse(HTTPStatus.NOT_FOUND)


class Capturing:
    """Both servers, for as long as the context lasts. Port 0 takes a free one."""

    def __init__(self, folder: Path, smtp_port: int = 0, http_port: int = 0) -> None:
        self.mailbox = Mailbox(folder)
        self.smtp_port = smtp_port or free_port()
        self._reader = MailServer(http_port, self.mailbox)
        self.http_port = self._reader.server_port
        self._smtp = Controller(
            Capture(self.mailbox),
            hostname="127.0.0.1",
            port=self.smtp_port,
            data_size_limit=LARGEST_MAIL,
            enable_SMTPUTF8=True,
            ident="mail-capture",
        )

    def __enter__(self) -> Self:
        self._smtp.start()
        threading.Thread(target=self._reader.serve_forever, args=(0.1,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._smtp.stop()
        self._reader.shutdown()
        self._reader.server_close()


def main() -> None:
    """Serves until asked to stop."""
    words = argparse.ArgumentParser(prog="python -m infra.embedded.mail", description=__doc__)
    words.add_argument("folder", type=Path)
    words.add_argument("--smtp-port", type=int, required=True)
    words.add_argument("--http-port", type=int, required=True)
    asked = words.parse_args()
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with Capturing(asked.folder, asked.smtp_port, asked.http_port):
        stopped.wait()


if __name__ == "__main__":
    main()
