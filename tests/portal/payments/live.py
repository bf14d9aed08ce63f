"""A real browser on a running portal: web server, webhooks and simulator are real, jobs run when a test says so."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import ThreadingMixIn
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.core.wsgi import get_wsgi_application
from django.db import connection
from playwright.sync_api import Browser, FrameLocator, Page, expect

from portal.people.models import Client
from tenants.agencies.current import CurrentAgency, inside

expect.set_options(timeout=20_000)  # a busy machine is no failure


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


def _application() -> Any:
    inner = get_wsgi_application()

    def answer(environ: Any, start_response: Any) -> Any:
        try:
            return inner(environ, start_response)
        finally:
            connection.close()

    return answer


@contextmanager
def served(port: int) -> Iterator[None]:
    """The whole site on a port, while the block lasts."""
    with make_server("127.0.0.1", port, _application(), _Server, _Quiet) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield
        server.shutdown()


def page_of(browser: Browser, origin: str, cookies: Any, *, width: int = 390, dark: bool = False) -> Page:
    """A page that is signed in, and that fails on what the policy blocks."""
    context = browser.new_context(
        viewport={"width": width, "height": 844}, color_scheme="dark" if dark else "light"
    )
    context.add_cookies([{"name": c.key, "value": c.value, "url": origin} for c in cookies.values()])
    page = context.new_page()
    page.on("console", lambda message: _complain(message))
    return page


def _complain(message: Any) -> None:
    assert "Content Security Policy" not in message.text and "Content-Security-Policy" not in message.text, (
        message.text
    )


def shot(page: Page, name: str) -> None:
    """A picture, when somebody wants to look."""
    if folder := os.environ.get("PAYMENT_SHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def maria_of(agency: CurrentAgency) -> Client:
    with inside(agency):
        return Client.objects.get(email="maria@client.example")


def form_of(page: Page) -> FrameLocator:
    """Stripe's form inside the page."""
    return page.frame_locator("iframe[name=embedded-checkout]")
