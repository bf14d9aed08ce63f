"""Stripe's own invoice and receipt pages. The platform's papers are its own; these are for looking."""

from __future__ import annotations

from html import escape

from infra.stripe_simulator.pages.html import Reply, document, seen
from infra.stripe_simulator.world import World


def invoice(world: World, verb: str, parts: list[str], fields: dict[str, str]) -> Reply:
    """/invoices/ACCOUNT/INVOICE."""
    found = world.merchant(parts[0]).get("invoice", parts[1])
    rows = "".join(
        f"<li><span>{escape(line['description'] or '')}</span>"
        f"<span>{seen(line['amount'], line['currency'])}</span></li>"
        for line in found["lines"]["data"]
    )
    total = seen(found["total"], found["currency"])
    body = f"""<h1>Invoice {escape(str(found["number"]))}</h1><ul class="bill">{rows}</ul>
<p class="amount">{total}</p><p>{found["status"]}</p>"""
    return Reply(document("Invoice", body))


def receipt(world: World, verb: str, parts: list[str], fields: dict[str, str]) -> Reply:
    """/receipts/ACCOUNT/CHARGE."""
    found = world.merchant(parts[0]).get("charge", parts[1])
    amount = seen(found["amount"], found["currency"])
    back = found["amount_refunded"]
    refunded = f"<p>Refunded: {seen(back, found['currency'])}</p>" if back else ""
    body = f"""<h1>Receipt</h1><p class="amount">{amount}</p>{refunded}"""
    return Reply(document("Receipt", body))
