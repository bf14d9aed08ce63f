"""Takes mail until it is asked to stop."""

import asyncio
import signal
import ssl
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.intake.domains import is_ours
from portal.intake.server import Door, Listening, start


class Command(BaseCommand):
    help = "Take mail for signed addresses: answers to notices, bounce reports."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--listen", default="127.0.0.1:2525", help="address:port")
        parser.add_argument("--lmtp", action="store_true", help="speak LMTP to a mail server of one's own")

    def handle(self, *args: Any, **options: Any) -> None:
        address, _, port = options["listen"].rpartition(":")
        if not port.isdecimal():
            raise CommandError(f"--listen {options['listen']} is not address:port")
        how = Listening(
            address=address.strip("[]") or "127.0.0.1",
            port=int(port),
            name=settings.INTAKE_HOST,
            limit_bytes=settings.INTAKE_LIMIT_BYTES,
            is_lmtp=options["lmtp"],
            tls=_tls(),
        )
        asyncio.run(_serve(how))


async def _serve(how: Listening) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    server = await start(Door(knows_domain=is_ours), how)
    await stopped.wait()
    server.close()


def _tls() -> ssl.SSLContext | None:
    if not settings.INTAKE_TLS_CERT:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(settings.INTAKE_TLS_CERT, settings.INTAKE_TLS_KEY or None)
    return context
