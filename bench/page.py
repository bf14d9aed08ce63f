"""What the pages that clients open most cost: bytes, requests, queries and time in the server."""

import gzip
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin

from django.conf import settings

from bench.database import release
from bench.report import Goal, Report, percentile, table
from bench.server import ROOT, Visitor, web
from kit import clock
from kit.tokens import digest, new_token
from portal.people.models import Client, ClientSession
from portal.people.sessions import LIFETIME
from tenants.agencies.current import inside
from tenants.agencies.models import Agency
from tenants.routing.hosts import LIFETIME_SECONDS

MEASURES = "pages of the portal as Maria opens them | a bare Django view that sends the same statements"
MOST_QUERIES = Goal(15)
SLUG, MARIA = "northwind", "maria@brightside.example"
HOST = f"{SLUG}.{settings.PORTICO_HOST}"


@dataclass(frozen=True)
class Weight:
    """What a browser with an empty cache fetches for one page, in bytes as sent."""

    html: int
    html_gz: int
    total: int
    requests: int


def run(report: Report, *, quick: bool) -> None:
    """Fill in the report. One web process, so that the bare view stands in the same one."""
    release()
    demo = [sys.executable, "manage.py", "demo_agencies"]
    subprocess.run(demo, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, env=_demo_environment())
    rounds = 10 if quick else 200
    rows = []
    with web("bench.wsgi:application", workers=1) as port:
        visitor = Visitor(port, {HOST: {settings.CLIENT_COOKIE_NAME: _sign_in()}})
        for name, path in _pages(visitor).items():
            rows.append(_measure(report, visitor, name, path, rounds))
    head = ["page", "html", "gz", "total", "requests", "queries", "ms p50", "ms p95", "bare p50", "bare p95"]
    table([*head, "× bare"], rows)


def _measure(report: Report, visitor: Visitor, name: str, path: str | None, rounds: int) -> list[object]:
    if path is None:
        report.add(f"{name}_queries", None)
        report.add(f"{name}_server_ms_p95", None)
        return [f"{name}: no link to one found", *["–"] * 10]
    _times(visitor, HOST, path, 8)  # every thread has met the page
    cold, queries = _queries(visitor, name, path)
    weight = weigh(visitor, path)
    ours, bare = [], []
    for _ in range(rounds):  # by turns, so that whatever else the machine does meets both
        ours += _times(visitor, HOST, path, 1)
        bare += _times(visitor, "localhost", f"/bare/{name}", 1)
    ratio = percentile(ours, 50) / percentile(bare, 50)
    goal = MOST_QUERIES if name == "dashboard" else None
    report.add(f"{name}_queries", queries, goal=goal)
    report.add(f"{name}_queries_with_host_lookup", cold, goal=goal)
    report.add_times(f"{name}_server", ours)
    report.add_times(f"{name}_bare", bare)
    report.add(f"{name}_vs_bare_x", ratio)
    for what in ("html", "html_gz", "total"):
        report.add(f"{name}_{what}_bytes", getattr(weight, what))
    report.add(f"{name}_requests", weight.requests)
    times = [f"{percentile(s, p) * 1000:.1f}" for s in (ours, bare) for p in (50, 95)]
    sizes = [f"{size:,}" for size in (weight.html, weight.html_gz, weight.total)]
    return [f"{name} {path}", *sizes, weight.requests, queries, *times, f"{ratio:.1f}"]


def _queries(visitor: Visitor, name: str, path: str) -> tuple[int, int]:
    """Statements when the cache of hosts has just run out, and right after; the latter are recorded."""
    time.sleep(LIFETIME_SECONDS + 0.1)
    counts = []
    for _ in range(2):
        answer = visitor.get(HOST, path, **{"X-Bench-Record": name})
        assert answer.status == 200, f"{path} answered {answer.status}"
        counts.append(int(answer.headers["x-bench-queries"]))
    return counts[0], counts[1]


def weigh(visitor: Visitor, path: str) -> Weight:
    """Fetch the page and all that it names: style sheets and what they import, scripts, pictures, icons."""
    page = visitor.get(HOST, path)
    found = _Parts()
    found.feed(page.body.decode())
    waiting, seen, total = [urljoin(path, each) for each in found.addresses], set(), len(page.sent)
    while waiting:
        address = waiting.pop().partition("#")[0]
        if not address.startswith("/") or address in seen:
            continue
        seen.add(address)
        part = visitor.get(HOST, address)
        assert part.status == 200, f"{address} answered {part.status}"
        total += len(part.sent)
        if part.headers.get("content-type", "").startswith("text/css"):
            waiting += [urljoin(address, each) for each in _in_css(part.body.decode())]
    return Weight(len(page.body), len(gzip.compress(page.body)), total, 1 + len(seen))


class _Parts(HTMLParser):
    """Addresses that a browser fetches by itself while it draws the page."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {key: value or "" for key, value in attrs}
        if tag == "link" and {"stylesheet", "icon", "modulepreload"} & set(has.get("rel", "").split()):
            self.addresses.append(has["href"])
        # What loads lazily is not fetched before somebody scrolls to it.
        elif tag in ("script", "img", "iframe", "video") and has.get("src") and has.get("loading") != "lazy":
            self.addresses.append(has["src"])


def _in_css(sheet: str) -> list[str]:
    return re.findall(r'(?:@import\s+|url\()\s*["\']?([^"\')]+)', sheet)


def _times(visitor: Visitor, host: str, path: str, rounds: int) -> list[float]:
    answers = [visitor.get(host, path) for _ in range(rounds)]
    assert all(answer.status == 200 for answer in answers), f"{path} does not answer"
    return [float(answer.headers["x-bench-ms"]) / 1000 for answer in answers]


def _pages(visitor: Visitor) -> dict[str, str | None]:
    """The dashboard, and the first project and deliverable that it or their lists lead to."""
    pages: dict[str, str | None] = {"dashboard": "/"}
    for name in ("project", "deliverable"):
        text = "".join(visitor.get(HOST, path).body.decode() for path in (f"/{name}s/", "/"))
        link = re.search(rf'href="(/{name}s/\d+/)"', text)
        pages[name] = link[1] if link else None
    return pages


def _sign_in() -> str:
    """The cookie of a session of Maria's."""
    token = new_token()
    with inside(Agency.objects.get(slug=SLUG)):
        client = Client.objects.get(email=MARIA)
        expires_at = clock.now() + LIFETIME
        ClientSession.objects.create(
            client=client, token_hash=digest(token), expires_at=expires_at, device="bench"
        )
    return token


def _demo_environment() -> dict[str, str]:
    import os

    return {**os.environ, "PORTICO_DEMO": "1", "SPARE_SCHEMAS": "0"}
