"""The edge of demo and tests: a threaded WSGI server that chooses its certificate by name.

Production runs nginx (infra/edge). cheroot shakes hands in the one thread that accepts, so that one silent
client would hold up everybody; here a connection waits in the selector for each word of the client, and takes
a thread only for the answer.
"""

import ssl
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from traceback import format_exc
from typing import Any

import structlog
from cheroot.makefile import StreamReader, StreamWriter
from cheroot.server import HeaderReader, HTTPConnection, HTTPRequest
from cheroot.ssl import Adapter
from cheroot.wsgi import Server

from tenants.certificates.edge.contexts import UNKNOWN, Contexts, server_context
from tenants.certificates.edge.gate import ASKED_NAME, Application

log = structlog.get_logger()
HANDSHAKE_SECONDS = 10.0
HANDSHAKES_AT_ONCE = 4
IDLE_SECONDS = 20
BACKLOG = 1024
# Below the usual limit of 1,024 open files, with room for the application's own.
MOST_WAITING = 600
MOST_HEADER_BYTES = 64 * 1024


class HonestHeaders(HeaderReader):
    """Without names like X_Forwarded_For, which WSGI cannot tell from X-Forwarded-For.

    (cheroot's own DropUnderscoreHeaderReader looks for a str in bytes and fails at every request.)
    """

    def _allow_header(self, key_name: bytes) -> bool:
        return b"_" not in key_name


class Request(HTTPRequest):
    header_reader = HonestHeaders()


class Connection(HTTPConnection):
    RequestHandlerClass = Request
    has_shaken_hands = False

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._hurry_until = time.monotonic() + HANDSHAKE_SECONDS

    def shake_hands(self) -> bool:
        """Go on with the handshake as far as the client has spoken; False when it is over without a certificate."""
        self.socket.settimeout(0)
        try:
            self.socket.do_handshake()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return time.monotonic() < self._hurry_until
        except (OSError, ValueError):
            # Not logged: whoever sends random names would fill the disk.
            return False
        self.socket.settimeout(self.server.timeout)
        self.ssl_env = {"wsgi.url_scheme": "https", "HTTPS": "on", ASKED_NAME: self.socket.asked_name}
        self.has_shaken_hands = True
        return True


class ByName(Adapter):
    """Wraps a socket without shaking hands; the certificate is chosen when the name is known."""

    def __init__(self, contexts: Contexts) -> None:
        self._contexts = contexts
        self._before_the_name = server_context()
        self._before_the_name.sni_callback = self._choose

    def bind(self, sock: Any) -> Any:
        return sock

    def wrap(self, sock: Any) -> tuple[Any, dict[str, Any]]:
        wrapped = self._before_the_name.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
        return wrapped, {}

    def get_environ(self) -> dict[str, Any]:
        return {}

    def makefile(self, sock: Any, mode: str = "r", bufsize: int = -1) -> Any:
        return (StreamReader if "r" in mode else StreamWriter)(sock, mode, bufsize)

    def _choose(self, sock: Any, asked: str | None, _: ssl.SSLContext) -> int | None:
        context = self._contexts.of(asked)
        if context is None:
            return UNKNOWN
        sock.context = context
        sock.asked_name = asked  # the ssl module does not tell it afterwards
        return None


class PlainServer(Server):
    """Plain http: challenges, redirects, and the platform of a demo."""

    ConnectionClass = Connection

    def __init__(self, address: tuple[str, int], application: Application, threads: int) -> None:
        super().__init__(
            address,
            application,
            numthreads=threads,
            server_name="edge",
            request_queue_size=BACKLOG,
            timeout=IDLE_SECONDS,
            shutdown_timeout=2,
        )
        self.max_request_header_size = MOST_HEADER_BYTES
        self.keep_alive_conn_limit = MOST_WAITING

    def process_conn(self, conn: Any) -> None:
        if conn.last_used is not None:
            super().process_conn(conn)
        elif self.can_add_keepalive_connection:
            # New and silent so far: it takes no thread before it speaks.
            self.put_conn(conn)
        else:
            conn.close()

    def error_log(self, msg: str = "", level: int = 20, traceback: bool = False) -> None:
        # As text: a renderer that shows local variables would show visitors' cookies.
        log.log(level, "edge.server", message=msg, trace=format_exc() if traceback else None)


class SecureServer(PlainServer):
    """https for every name that has a certificate; a handshake for any other one is refused."""

    def __init__(
        self, address: tuple[str, int], application: Application, threads: int, contexts: Contexts
    ) -> None:
        super().__init__(address, application, threads)
        self.ssl_adapter = ByName(contexts)
        self._handshakes = ThreadPoolExecutor(HANDSHAKES_AT_ONCE, "handshake")

    def process_conn(self, conn: Any) -> None:
        if conn.last_used is not None and not conn.has_shaken_hands:
            self._handshakes.submit(self._shake_hands, conn)
        else:
            super().process_conn(conn)

    def put_conn(self, conn: Any) -> None:
        # What OpenSSL has taken off the wire already would never wake the selector.
        if conn.has_shaken_hands and conn.socket.pending():
            self.requests.put(conn)
        else:
            super().put_conn(conn)

    def stop(self) -> None:
        super().stop()
        self._handshakes.shutdown(wait=False, cancel_futures=True)

    def _shake_hands(self, conn: Any) -> None:
        if conn.shake_hands():
            self.put_conn(conn)
        else:
            conn.close()


def run(servers: list[PlainServer], is_up: Callable[[], None]) -> None:
    """Serve until one of them is stopped; `is_up` is called once every port is open."""
    for server in servers:
        server.prepare()
    is_up()
    threads = [threading.Thread(target=server.serve, daemon=True) for server in servers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
