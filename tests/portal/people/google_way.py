"""A way to the lying provider and back, for the attacks on it."""

from typing import Any
from urllib.parse import urlencode

from django.test import Client as Browser

from tenants.agencies.current import CurrentAgency
from tests.cast import platform_browser, portal_browser
from tests.portal.people.test_google import is_in, path_of
from tests.rig.openid import LyingProvider

NO = "/sign-in/google/no/?why="


def off(browser: Browser, start: str = "/sign-in/google/") -> str:
    answer = browser.get(start)
    assert answer.status_code == 302, answer.status_code
    return str(answer["Location"])


def come_back(parameters: dict[str, Any], expected: int = 302) -> str:
    answer = platform_browser().get("/google/callback/?" + urlencode(parameters, doseq=True))
    assert answer.status_code == expected, answer.content
    assert answer["Referrer-Policy"] == "no-referrer"
    return str(answer.get("Location", ""))


def arrived(liar: LyingProvider, browser: Browser, **more: str) -> str:
    """The portal's page at the end of an honest way."""
    return path_of(come_back(liar.consent(off(browser), **more)))


def refused_token(liar: LyingProvider, agency: CurrentAgency) -> None:
    browser = portal_browser(agency)
    there = arrived(liar, browser)
    assert there.startswith(NO + "refused"), there
    assert browser.get(there).status_code == 200 and not is_in(browser)
