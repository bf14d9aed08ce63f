"""The platform with a stopwatch around it, and beside it, in the same process, a bare Django view.

Every answer says how long it took inside the server (X-Bench-Ms) and how many statements it sent
(X-Bench-Queries). A request with X-Bench-Record keeps its statements under that name; /bare/NAME then sends
the same ones again from a view without middleware, tenancy, templates or forms.
"""

import os
import time
from collections.abc import Callable, Iterable
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"

from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.test.utils import override_settings
from django.urls import path

from config.wsgi import application as platform
from tenants.agencies.current import connection

SCHEMA = "a_northwind"
Start = Callable[..., Any]
Statement = tuple[str, Any]
recorded: dict[str, list[Statement]] = {}


def bare_view(request: HttpRequest, name: str) -> HttpResponse:
    """The statements of a recorded page, and nothing else."""
    rows = 0
    # Nothing is sent for it: the connection still stands where the page has left it.
    connection.set_schema(SCHEMA, include_public=False)
    with connection.cursor() as cursor:
        for statement, values in recorded[name]:
            cursor.execute(statement, values)
            rows += len(cursor.fetchall()) if cursor.description else 0
    return HttpResponse(f"{rows} rows")


urlpatterns = [path("bare/<str:name>", bare_view)]


class BareHandler(WSGIHandler):
    """Django with no middleware at all."""

    def get_response(self, request: HttpRequest) -> Any:
        request.urlconf = __name__
        return super().get_response(request)


with override_settings(MIDDLEWARE=[]):
    bare = BareHandler()


def application(environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
    """Time one request from the call to its last byte."""
    called: Callable[..., Iterable[bytes]] = bare if environ["PATH_INFO"].startswith("/bare/") else platform
    said: list[Any] = []
    sent: list[Statement] = []
    with connection.execute_wrapper(_listener(sent)):
        began = time.perf_counter()
        answer = called(environ, lambda *words: said.append(words))
        body = b"".join(answer)
        milliseconds = (time.perf_counter() - began) * 1000
    if hasattr(answer, "close"):
        answer.close()
    if name := environ.get("HTTP_X_BENCH_RECORD"):
        recorded[name] = sent
    status, headers, *_ = said[0]
    more = [("X-Bench-Ms", f"{milliseconds:.3f}"), ("X-Bench-Queries", str(len(sent)))]
    start_response(status, [*headers, *more])
    return [body]


def _listener(sent: list[Statement]) -> Callable[..., Any]:
    def listen(execute: Any, statement: Any, values: Any, many: bool, context: Any) -> Any:
        sent.append((statement, values))
        return execute(statement, values, many, context)

    return listen
