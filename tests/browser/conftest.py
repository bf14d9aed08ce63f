"""A real browser on the running platform. Every page fails its test on console errors."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django import DjangoDbBlocker

from tests.browser.platform import Running, running_platform

# Playwright's sync API runs an event loop in this thread; Django then refuses the database calls of the
# fixtures that clone the template database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
NewPage = Callable[..., Page]


@pytest.fixture(scope="session")
def platform(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """The platform with demo agencies, on a database of its own."""
    from tests.databases import cloned_database

    folder = tmp_path_factory.mktemp("platform")
    with (
        django_db_blocker.unblock(),
        cloned_database("browser", template="empty") as database,
        running_platform(folder, database) as running,
    ):
        yield running


@pytest.fixture
def new_page(browser: Browser) -> Iterator[NewPage]:
    """Makes pages, each in a browser profile of its own; complains at the end about console errors."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def make(size: dict[str, int] = DESK, *, dark: bool = False, scripts: bool = True) -> Page:
        context = browser.new_context(
            viewport=size,  # type: ignore[arg-type]
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        return page

    yield make
    for context in contexts:
        context.close()
    # A refused page (404, 403 …) is written to the console by the browser itself; tests ask for those on purpose,
    # as for a closed portal (503).
    refused = ("the server responded with a status of 4", "the server responded with a status of 503")
    assert [error for error in errors if not any(words in error for words in refused)] == []


def violations(page: Page) -> list[str]:
    """What axe-core finds on the page as it stands (WCAG 2.2 AA and best practices)."""
    page.evaluate((Path(__file__).parents[1] / "vendor/axe.min.js").read_text())
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = page.evaluate("tags => axe.run({runOnly: tags})", tags)["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in found]
