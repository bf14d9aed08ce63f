"""A real intake on a free port of loopback, and what a test says to it."""

import asyncio
import smtplib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from portal.intake import receiving
from portal.intake.domains import is_ours
from portal.intake.server import Door, Listening, start

LIMIT = 200_000


@contextmanager
def listening(store: Callable[..., int] | None = None, *, is_lmtp: bool = False) -> Iterator[int]:
    """The server runs in a thread of its own, as in production in a process; its port."""
    loop = asyncio.new_event_loop()
    door = Door(is_ours, store or receiving.store)
    how = Listening("127.0.0.1", 0, "in.localhost", LIMIT, is_lmtp=is_lmtp)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(start(door, how), loop).result(10)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        _ended(loop, server, door, thread)


def say(port: int, to: str, raw: bytes, sender: str = "maria@client.example") -> tuple[int, str]:
    """Hand over one mail; the code and words of the answer that decided."""
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as smtp:
        try:
            smtp.sendmail(sender, [to], raw)
        except smtplib.SMTPRecipientsRefused as refused:
            code, words = next(iter(refused.recipients.values()))
        except smtplib.SMTPResponseException as refused:
            code, words = refused.smtp_code, bytes(refused.smtp_error)  # type: ignore[arg-type]
        else:
            return 250, ""
        return code, words.decode()


def _ended(loop: Any, server: Any, door: Door, thread: threading.Thread) -> None:
    from django.db import connections

    loop.call_soon_threadsafe(server.close)
    for _ in range(4):
        door.threads.submit(connections.close_all)
    door.threads.shutdown()
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
