"""Which page is at which address."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from pathlib import Path
from urllib.parse import SplitResult, unquote

from infra.stripe_simulator import cards
from infra.stripe_simulator.errors import StripeError
from infra.stripe_simulator.pages import billing_portal, papers, paying_page, setup
from infra.stripe_simulator.pages.html import Reply, document, not_found
from infra.stripe_simulator.world import PLATFORM, Object, World

STATIC = Path(__file__).resolve().parents[1] / "static"
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
Fields = dict[str, str]
PAGES: dict[str, Callable[[World, str, list[str], Fields], Reply]] = {
    "pay": paying_page.hosted,
    "embed": paying_page.embedded,
    "portal": billing_portal.page,
    "invoices": papers.invoice,
    "receipts": papers.receipt,
}


def reply(world: World, verb: str, address: SplitResult, fields: Fields) -> Reply:
    """The page, the script or the style sheet at that address."""
    parts = [unquote(part) for part in address.path.strip("/").split("/")]
    if parts == [""]:
        return Reply(document("Stripe simulator", _home()))
    if parts[-1] in ("stripe.js", "page.js", "style.css"):
        return _static(world, parts[-1])
    try:
        if parts[0] == "setup" and len(parts) == 2:
            return setup.page(world, verb, parts[1], address.query)
        if parts[0] in PAGES and len(parts) >= 3:
            return PAGES[parts[0]](world, verb, parts[1:], fields)
    except StripeError as error:
        return _refusal(error.body["error"], error.status)
    return not_found()


def _static(world: World, name: str) -> Reply:
    path = STATIC / name
    text = (
        path.read_text(encoding="utf-8")
        .replace("SIMULATOR_BASE", world.base)
        .replace("PLATFORM_ACCOUNT", PLATFORM)
    )
    return Reply(text, media_type=TYPES[path.suffix])


def _refusal(error: Object, status: int) -> Reply:
    return Reply(
        document("Not possible", f"<h1>Not possible</h1><p>{escape(str(error['message']))}</p>"), status
    )


def _home() -> str:
    rows = "".join(
        f"<tr><td>{paying_page.grouped(one.number)}</td><td>{one.words}</td></tr>" for one in cards.MEANS
    )
    return (
        "<h1>Stripe simulator</h1><p>It stands in for Stripe while you try the platform or run its tests.</p>"
        f"<table><thead><tr><th>Card or IBAN</th><th>What it does</th></tr></thead><tbody>{rows}</tbody></table>"
    )
