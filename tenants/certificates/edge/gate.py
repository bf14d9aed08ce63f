"""Stands before the application: which requests may reach it, and what it is told about the connection."""

from collections.abc import Callable, Iterable
from typing import Any, Protocol
from urllib.parse import quote

from tenants.certificates.edge.names import canonical, host_of, is_platform_host

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]
CHALLENGES = "/.well-known/acme-challenge/"
ASKED_NAME = "portico.tls_name"  # the name in the handshake; None on plain http
# What a visitor may not tell the application: only the edge knows it, or nobody may (httpoxy).
NOT_FROM_VISITORS = (
    "HTTP_FORWARDED",
    "HTTP_PROXY",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_X_FORWARDED_SERVER",
    "HTTP_X_REAL_IP",
)


class Known(Protocol):
    """Knows which names have a certificate."""

    def knows(self, name: str) -> bool: ...


class Gate:
    """The WSGI application of the edge in process.

    `suffix` is what https addresses show after the host; `platform` is the platform's host if its own pages are
    plain http (a demo), else "".
    """

    def __init__(self, application: Application, known: Known, *, suffix: str, platform: str) -> None:
        self._application = application
        self._known = known
        self._suffix = suffix
        self._platform = platform

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        is_https = environ["wsgi.url_scheme"] == "https"
        answer = self._secure(environ) if is_https else self._plain(environ)
        if answer is not None:
            return _say(start_response, *answer)
        for name in NOT_FROM_VISITORS:
            environ.pop(name, None)
        # Django believes these only behind a proxy; then they must not be the visitor's.
        environ["HTTP_X_FORWARDED_PROTO"] = environ["wsgi.url_scheme"]
        environ["HTTP_X_FORWARDED_FOR"] = environ["REMOTE_ADDR"]
        return self._application(environ, start_response)

    def _secure(self, environ: Environ) -> tuple[str, str, str] | None:
        if host_of(environ.get("HTTP_HOST", "")) == canonical(environ.get(ASKED_NAME)):
            return None
        # RFC 9110 §15.5.20: the browser asks again on a connection of its own.
        return "421 Misdirected Request", "This connection was made for another address.", ""

    def _plain(self, environ: Environ) -> tuple[str, str, str] | None:
        path = environ.get("PATH_INFO", "")
        name = host_of(environ.get("HTTP_HOST", ""))
        if path.startswith(CHALLENGES) or (
            name and self._platform and is_platform_host(name, self._platform)
        ):
            return None
        if name is None or not self._known.knows(name):
            return "404 Not Found", "No portal answers on this address.", ""
        query = environ.get("QUERY_STRING", "")
        target = quote(path.encode("latin-1"), safe="/%:@!$&'()*+,;=~-._") + (f"?{query}" if query else "")
        # 308 keeps the method; nobody may remember it, for the name may leave us one day.
        return (
            "308 Permanent Redirect",
            "This address is https only.",
            f"https://{name}{self._suffix}{target}",
        )


def _say(start_response: StartResponse, status: str, words: str, location: str) -> list[bytes]:
    body = f"{words}\n".encode()
    headers = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
    ]
    start_response(status, [*headers, ("Location", location)] if location else headers)
    return [body]
