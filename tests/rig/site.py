"""The platform itself over plain http, in this process and on the running test's database."""

import threading
from socketserver import ThreadingMixIn
from typing import Any, Self
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.core.wsgi import get_wsgi_application
from django.db import connection


class Site:
    """Serves while inside; every request has a thread and a database connection of its own.

    `paths` are those asked for, in order.
    """

    def __init__(self, port: int = 0) -> None:
        self.paths: list[str] = []
        self._application = get_wsgi_application()
        self.server = make_server("127.0.0.1", port, self._answer, _Threads, _Quiet)
        self.port = int(self.server.server_port)

    def __enter__(self) -> Self:
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def _answer(self, environ: Any, start_response: Any) -> list[bytes]:
        self.paths.append(environ["PATH_INFO"])
        try:
            answer = self._application(environ, start_response)
            try:
                return [bytes(part) for part in answer]
            finally:
                answer.close()
        finally:
            connection.close()


class _Threads(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 64


class _Quiet(WSGIRequestHandler):
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:
        pass
