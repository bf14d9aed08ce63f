"""Runs the edge of demo and tests: TLS by name from the table of bundles, the application in the same process."""

import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.core.servers.basehttp import get_internal_wsgi_application
from django.db import connection
from psycopg.conninfo import make_conninfo

from tenants.certificates.edge.contexts import Contexts
from tenants.certificates.edge.following import Follower
from tenants.certificates.edge.gate import Gate
from tenants.certificates.edge.server import PlainServer, SecureServer, run
from tenants.certificates.edge.wildcard import WildcardFiles
from tenants.certificates.sealing import newest_key_name


class Command(BaseCommand):
    help = "Serve https for every host that has a certificate, in this process (production: infra/edge)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--address", default="127.0.0.1", help="where to listen")
        parser.add_argument("--https", type=int, required=True, metavar="PORT")
        parser.add_argument("--http", type=int, required=True, metavar="PORT")
        parser.add_argument("--threads", type=int, default=8, help="requests at once")

    def handle(self, *args: Any, **options: Any) -> None:
        newest_key_name()  # without a key nothing could be served: say so now
        contexts = Contexts(settings.PORTICO_HOST, _wildcard())
        follower = Follower(_database(), contexts)
        gate = Gate(
            get_internal_wsgi_application(),
            contexts,
            suffix=settings.EDGE_PORT_SUFFIX,
            platform="" if settings.IS_HTTPS else settings.PORTICO_HOST,
        )
        address, threads = options["address"], options["threads"]
        servers = [
            SecureServer((address, options["https"]), gate, threads, contexts),
            PlainServer((address, options["http"]), gate, max(2, threads // 4)),
        ]
        _stop_on_signal(servers, follower)
        follower.start()
        run(servers, lambda: self._say_where(options))
        follower.stop()

    def _say_where(self, options: dict[str, Any]) -> None:
        self.stdout.write(
            f"edge: https on {options['address']}:{options['https']}, http on {options['http']}", ending="\n"
        )
        self.stdout.flush()


def _wildcard() -> WildcardFiles | None:
    if not settings.EDGE_WILDCARD_CERT:
        return None
    return WildcardFiles(settings.EDGE_WILDCARD_CERT, settings.EDGE_WILDCARD_KEY)


def _database() -> str:
    at = connection.settings_dict
    known = {
        "host": at["HOST"],
        "port": at["PORT"],
        "dbname": at["NAME"],
        "user": at["USER"],
        "password": at["PASSWORD"],
    }
    return make_conninfo("", **{name: value for name, value in known.items() if value})


def _stop_on_signal(servers: list[PlainServer], follower: Follower) -> None:
    def stop(*_: object) -> None:
        follower.stop()
        for server in servers:
            # Not here: stop() waits for threads that this handler interrupts.
            threading.Thread(target=server.stop).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
