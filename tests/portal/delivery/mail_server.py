"""A real mail server on a free port of loopback that accepts, refuses, defers, hangs."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from infra.embedded.processes import free_port


class Post:
    """What the server does, by recipient; everything that it has taken."""

    def __init__(self) -> None:
        self.port = free_port()
        self.answers: dict[str, str] = {}
        self.after_data: dict[str, str] = {}
        self.hangs = False
        self.taken: list[Envelope] = []

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.hangs:
            await asyncio.sleep(60)
        answer = self.answers.get(address, "250 OK")
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = self.after_data.get(str(envelope.rcpt_tos[0]), "250 Kept")
        if answer.startswith("2"):
            self.taken.append(envelope)
        return answer


@contextmanager
def post_office(settings: Any) -> Iterator[Post]:
    """The server, and the settings that lead there."""
    post = Post()
    controller = Controller(post, hostname="127.0.0.1", port=post.port)
    controller.start()
    settings.EMAIL_BACKEND = "portal.mail.smtp.HurriedBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", post.port
    settings.SIGNS_MAILS = settings.HAS_INTAKE = True
    try:
        yield post
    finally:
        controller.stop()


@contextmanager
def silent_server(settings: Any, *, drip: bytes = b"") -> Iterator[int]:
    """A server that takes the connection and says nothing, or one byte now and then for ever."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        is_over = threading.Event()
        thread = threading.Thread(target=_say_nothing, args=(listener, drip, is_over), daemon=True)
        thread.start()
        settings.EMAIL_BACKEND = "portal.mail.smtp.HurriedBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", listener.getsockname()[1]
        yield settings.EMAIL_PORT
        is_over.set()
    thread.join(5)


def _say_nothing(listener: socket.socket, drip: bytes, is_over: threading.Event) -> None:
    listener.settimeout(0.1)
    open_lines: list[socket.socket] = []
    while not is_over.is_set():
        try:
            open_lines.append(listener.accept()[0])
        except TimeoutError:
            pass
        except OSError:
            break
        for line in open_lines if drip else []:
            try:
                line.send(drip)
            except OSError:
                continue
    for line in open_lines:
        line.close()
