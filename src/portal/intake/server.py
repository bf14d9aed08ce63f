"""The SMTP (or LMTP) server to which answers and bounce reports come. It relays nothing and knows no passwords.

Every refusal that is ours to mend is a 4xx: the other side keeps the mail and comes again.
"""

import asyncio
import logging
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import close_old_connections

from portal.intake import receiving
from portal.intake.addresses import Destination, read_address

MOST_RECIPIENTS = 20
MOST_CONNECTIONS = 100
STORING_THREADS = 4
COMMAND_SECONDS = 120.0  # also for the whole of DATA
SESSION_SECONDS = 600.0
STORE_SECONDS = 20.0
LATER = "451 4.3.0 We cannot keep it just now, please come again"
NOT_OURS = "550 5.1.1 No such mailbox here"
T = TypeVar("T")
log = logging.getLogger(__name__)


@dataclass
class Door:
    """What aiosmtpd asks about each step of a mail."""

    knows_domain: Callable[[Destination], bool]
    store: Callable[[list[Destination], str, bytes], int] = receiving.store
    threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(STORING_THREADS, "intake-store")
    )

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Only addresses that we have signed, of agencies that are there."""
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        destination = read_address(address)
        if destination is None:
            return NOT_OURS
        try:
            is_known = await self._in_thread(lambda: self._is_known(destination))
        except Exception as error:
            log.warning("intake: cannot look up a mailbox: %s", type(error).__name__)
            return LATER
        if not is_known:
            return NOT_OURS
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """250 only once it is stored."""
        destinations = [found for address in envelope.rcpt_tos if (found := read_address(address))]
        raw, sender = bytes(envelope.original_content or b""), str(envelope.mail_from or "")[:320]
        try:
            await self._in_thread(lambda: self.store(destinations, sender, raw))
        except Exception as error:
            # Whatever it is, database or defect: the other side has the mail and keeps it for days.
            log.warning("intake: could not store a mail: %s", type(error).__name__)
            return LATER
        return "250 2.0.0 Kept"

    async def handle_exception(self, error: Exception) -> str:
        """A defect of ours is no reason to lose a mail."""
        log.error("intake: %s", type(error).__name__, exc_info=error)
        return LATER

    def _is_known(self, destination: Destination) -> bool:
        return self.knows_domain(destination) and receiving.agency_for(destination) is not None

    async def _in_thread(self, work: Callable[[], T]) -> T:
        def fresh() -> T:
            close_old_connections()
            return work()

        running = asyncio.get_running_loop().run_in_executor(self.threads, fresh)
        # What is stored after all is recognised by its fingerprint when it comes again.
        return await asyncio.wait_for(running, STORE_SECONDS)


class _Limited:
    """Counts connections and ends those that stay too long."""

    open_now: ClassVar[set[int]] = set()

    def connection_made(self, transport: Any) -> None:
        # Called again once STARTTLS has changed the transport: still one connection.
        if id(self) not in self.open_now:
            self.open_now.add(id(self))
            asyncio.get_running_loop().call_later(SESSION_SECONDS, transport.close)
        if len(self.open_now) > MOST_CONNECTIONS:
            transport.write(b"421 4.3.2 Too many connections, please come again\r\n")
            transport.close()
        super().connection_made(transport)  # type: ignore[misc]

    def connection_lost(self, error: Exception | None) -> None:
        self.open_now.discard(id(self))
        super().connection_lost(error)  # type: ignore[misc]


class SmtpDoor(_Limited, SMTP):
    """SMTP, for an MX record that names us."""


class LmtpDoor(_Limited, LMTP):
    """LMTP, for a mail server of one's own in front of us."""


@dataclass(frozen=True)
class Listening:
    """Where and how to listen."""

    address: str
    port: int
    name: str
    limit_bytes: int
    is_lmtp: bool = False
    tls: ssl.SSLContext | None = None


async def start(door: Door, how: Listening) -> asyncio.Server:
    """A server that listens; the caller closes it."""
    kind = LmtpDoor if how.is_lmtp else SmtpDoor

    def connection() -> SMTP:
        return kind(
            door,
            data_size_limit=how.limit_bytes,
            hostname=how.name,
            ident="mail",
            timeout=COMMAND_SECONDS,
            tls_context=how.tls,
            auth_exclude_mechanism=["LOGIN", "PLAIN"],
            command_call_limit={"*": 50},
        )

    return await asyncio.get_running_loop().create_server(connection, how.address, how.port)
