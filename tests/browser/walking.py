"""Ways through the running platform that several browser tests go: signing in, and walking along every link."""

import http.client
import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urldefrag, urlencode, urlsplit

from playwright.sync_api import Error, Page, expect

from tests.browser.platform import Running

DEMO_PASSWORD = "demo-portal-2026"
LINK = re.compile(r"http://\S+?/(?:enter|invitation)/[\w-]+/")
MOST_PAGES = 250
# Two rows of the same kind say as much as two hundred.
SAME_KIND = 3
# A link inside a picture (SVG) has an object where others have text; a form's field may be called "action".
ADDRESSES = """selector => [...document.querySelectorAll(selector)]
    .flatMap(one => ["href", "src", "action", "poster"].map(name => one.getAttribute(name)))
    .filter(address => address !== null).map(address => new URL(address, document.baseURI).href)
    .filter(address => address.startsWith("http"))"""


@dataclass(frozen=True)
class Answer:
    """What came back: not followed when it leads elsewhere."""

    status: int
    body: str
    leads_to: str
    is_page: bool


@dataclass
class Walk:
    """What a person came across: pages, every address that they contain, and what was wrong with them."""

    pages: list[str] = field(default_factory=list)
    addresses: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)


def sign_in_client(platform: Running, page: Page, slug: str, email: str) -> None:
    """By the mail's link, with one press."""
    before = len([mail for mail in platform.mails(email) if "sign in" in mail["subject"].lower()])
    page.goto(platform.address(slug, "/sign-in/"))
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Mail me a sign-in link").click()
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
    page.goto(link_in(platform.mail(email, "Sign in", after=before)))
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(platform.address(slug))


def sign_in_staff(platform: Running, page: Page, email: str, path: str = "/") -> None:
    """With e-mail and password, on the console's host."""
    page.goto(platform.address("app", "/accounts/login/"))
    page.locator("[name=login]").fill(email)
    page.locator("[name=password]").fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    page.wait_for_url(lambda address: "/accounts/login" not in address)
    page.goto(platform.address("app", path))


def link_in(mail: dict[str, Any]) -> str:
    """The mail's way into the portal."""
    found = LINK.search(mail["text"])
    assert found, mail["text"]
    return found[0]


def walk(page: Page, *starts: str, look: Callable[[Page], list[str]] | None = None) -> Walk:
    """Follow every link below the starting addresses; a few of each kind, and `look` at the first of each.

    Signing out and files are not followed; papers (PDF, tables) must be there and are not looked at. What `look`
    finds stands in `wrong`, as dead links do.
    """
    seen = Walk()
    waiting, asked = list(starts), set[str]()
    while waiting and len(asked) < MOST_PAGES:
        address = waiting.pop(0)
        if address in asked or _is_enough(seen, address):
            continue
        asked.add(address)
        status, is_page = _gone_to(page, address)
        # 402 is a page of its own: what a larger plan opens.
        is_refused = status >= 400 and status != 402
        if is_refused:
            seen.wrong.append(f"{status} at {address}")
        if is_refused or not is_page:
            continue
        is_first = kind_of(address) not in map(kind_of, seen.pages)
        seen.pages.append(address)
        seen.addresses |= _without_fragments(page.evaluate(ADDRESSES, "[href], [src], [action], [poster]"))
        links = _without_fragments(page.evaluate(ADDRESSES, "a[href]"))
        waiting += sorted(one for one in links if one.startswith(starts) and _is_page(one))
        if look and is_first:
            seen.wrong += [f"{fault} at {address}" for fault in look(page)]
    return seen


def _gone_to(page: Page, address: str) -> tuple[int, bool]:
    """The status there, and whether it is a page: papers are shown by the browser's own viewer, or saved."""
    try:
        answer = page.goto(address)
    except Error as error:
        if "Download is starting" not in error.message:
            raise
        return ask(address, cookies_of(page)).status, False
    assert answer is not None
    return answer.status, "html" in answer.headers.get("content-type", "")


def ask(address: str, cookies: dict[str, str], form: dict[str, str] | None = None) -> Answer:
    """Ask for an address with any cookies, whosever they are; a `form` is posted.

    By number: not every machine resolves names below localhost outside a browser.
    """
    at = urlsplit(address)
    headers = {"Host": at.netloc, "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
    if form is not None:
        headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://{at.netloc}"}
        headers["X-CSRFToken"] = cookies.get("csrf", "")
    body = None if form is None else urlencode(form)
    method, path = "GET" if form is None else "POST", at._replace(scheme="", netloc="").geturl()
    with closing(http.client.HTTPConnection("127.0.0.1", at.port or 80, timeout=20)) as connection:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        is_page = "html" in answer.headers.get("content-type", "")
        return Answer(answer.status, text, answer.headers.get("Location", ""), is_page)


def cookies_of(page: Page) -> dict[str, str]:
    """All cookies of a browser, of whichever host."""
    return {one["name"]: one["value"] for one in page.context.cookies()}


def kind_of(address: str) -> str:
    """The address with its numbers taken out: pages of one kind look alike."""
    at = urlsplit(address)
    names = "&".join(part.partition("=")[0] for part in at.query.split("&") if part)
    return re.sub(r"/[0-9a-f]{8}-[0-9a-f-]{27}(?=/|$)|/\d+(?=/|$)", "/_", at.path) + (
        f"?{names}" if names else ""
    )


def _without_fragments(addresses: list[str]) -> set[str]:
    return {urldefrag(one)[0] for one in addresses}


def _is_enough(seen: Walk, address: str) -> bool:
    return sum(kind_of(one) == kind_of(address) for one in seen.pages) >= SAME_KIND


def _is_page(address: str) -> bool:
    path = urlsplit(address).path
    return not re.search(r"sign-out|logout|/files/|\.\w+$|openapi", path)
