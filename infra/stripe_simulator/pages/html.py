"""What the pages have in common."""

from __future__ import annotations

from html import escape
from typing import NamedTuple

ZERO_DECIMALS = set(
    ["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"]
)
THREE_DECIMALS = {"bhd", "jod", "kwd", "omr", "tnd"}
POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:; base-uri 'none'"
BANNER = "Test payments: nothing is charged. This page belongs to a simulator on this machine, not to Stripe."


class Reply(NamedTuple):
    """An answer to a browser; `to` sends it elsewhere."""

    body: str
    status: int = 200
    media_type: str = "text/html; charset=utf-8"
    to: str = ""


def document(title: str, body: str) -> str:
    """A whole page; `title` is escaped here, `body` is HTML."""
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><link rel="stylesheet" href="/style.css"><script src="/page.js" defer></script></head>
<body><header class="banner">{BANNER}</header><main>{body}</main></body></html>"""


def seen(amount: int | None, currency: str | None) -> str:
    """An amount as people read it: 1234 eur → 12.34 EUR."""
    if amount is None or currency is None:
        return ""
    places = 0 if currency in ZERO_DECIMALS else 3 if currency in THREE_DECIMALS else 2
    sign, whole = ("-" if amount < 0 else ""), str(abs(amount)).rjust(places + 1, "0")
    text = f"{whole[:-places]}.{whole[-places:]}" if places else whole
    return f"{sign}{text} {currency.upper()}"


def not_found() -> Reply:
    """There is no such page."""
    return Reply(document("Not found", "<h1>Not found</h1><p>There is no such test page.</p>"), 404)
