"""Ways through the running platform that several browser tests go: signing in, and walking along every link."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urldefrag, urlsplit

from playwright.sync_api import Browser, Page

from tests.browser.platform import Running

DEMO_PASSWORD = "demo-portal-2026"
LINK = re.compile(r"http://\S+?/(?:enter|invitation)/[\w-]+/")
MOST_PAGES = 250
# Two rows of the same kind say as much as two hundred.
SAME_KIND = 3
ADDRESSES = """() => [...document.querySelectorAll("[href], [src], [action], [poster]")]
    .map(one => one.href?.baseVal ?? one.href ?? one.src ?? one.action ?? one.poster)
    .filter(address => typeof address === "string" && address.startsWith("http"))"""


@dataclass
class Walk:
    """What a person came across: pages by their kind, and every address that the pages contain."""

    pages: dict[str, str] = field(default_factory=dict)
    addresses: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)


def sign_in_client(platform: Running, page: Page, slug: str, email: str) -> None:
    """By the mail's link, with one press."""
    before = len([mail for mail in platform.mails(email) if LINK.search(mail["text"])])
    page.goto(platform.address(slug, "/sign-in/"))
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Mail me a sign-in link").click()
    page.goto(link_in(platform.mail(email, "Sign in", after=0 if not before else before)))
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(platform.address(slug))


def sign_in_staff(platform: Running, page: Page, email: str, path: str = "/") -> None:
    """With e-mail and password, on the console's host."""
    page.goto(platform.address("app", "/accounts/login/"))
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    page.wait_for_url(lambda address: "/accounts/login" not in address)
    page.goto(platform.address("app", path))


def link_in(mail: dict[str, Any]) -> str:
    """The mail's way into the portal."""
    found = LINK.search(mail["text"])
    assert found, mail["text"]
    return found[0]


def kept(browser: Browser, page: Page) -> Any:
    """The cookies of a signed-in page, for contexts that shall be signed in too."""
    return page.context.storage_state()


def walk(page: Page, start: str, *, within: str) -> Walk:
    """Follow every link below `within`; a few of each kind. Signing out and file downloads are not followed."""
    seen = Walk()
    waiting, asked = [start], set()
    while waiting and len(asked) < MOST_PAGES:
        address = waiting.pop(0)
        if address in asked or _is_enough(seen, address):
            continue
        asked.add(address)
        answer = page.goto(address)
        if answer is None or answer.status >= 400:
            seen.wrong.append(f"{answer.status if answer else 'nothing'} {address} ")
            continue
        seen.pages[f"{kind_of(address)}#{len(asked)}"] = address
        found = {urldefrag(one)[0] for one in page.evaluate(ADDRESSES)}
        seen.addresses |= found
        links = {
            urldefrag(one)[0]
            for one in page.evaluate("() => [...document.querySelectorAll('a[href]')].map(a => a.href.baseVal ?? a.href)")
        }
        waiting += sorted(one for one in links if one.startswith(within) and _is_page(one))
    return seen


def kind_of(address: str) -> str:
    """The address with its numbers taken out: pages of one kind look alike."""
    at = urlsplit(address)
    names = "&".join(part.partition("=")[0] for part in at.query.split("&") if part)
    return re.sub(r"/[0-9a-f]{8}-[0-9a-f-]{27}(?=/|$)|/\d+(?=/|$)", "/_", at.path) + (f"?{names}" if names else "")


def one_of_each_kind(seen: Walk) -> Iterator[tuple[str, str]]:
    """The first page of every kind."""
    known: set[str] = set()
    for numbered, address in seen.pages.items():
        kind = numbered.rpartition("#")[0]
        if kind not in known:
            known.add(kind)
            yield kind, address


def _is_enough(seen: Walk, address: str) -> bool:
    kind = kind_of(address)
    return sum(numbered.rpartition("#")[0] == kind for numbered in seen.pages) >= SAME_KIND


def _is_page(address: str) -> bool:
    path = urlsplit(address).path
    return not re.search(r"sign-out|logout|/files/|\.\w+$|openapi", path)
