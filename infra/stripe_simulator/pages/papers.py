"""Stripe's own invoice and receipt pages. The platform's papers are its own; these are for looking."""

from __future__ import annotations

from html import escape

from infra.stripe_simulator import billing, cards, paying
from infra.stripe_simulator.errors import StripeError
from infra.stripe_simulator.pages import paying_page
from infra.stripe_simulator.pages.html import Reply, document, seen
from infra.stripe_simulator.world import Merchant, Object, World


def invoice(world: World, verb: str, parts: list[str], fields: dict[str, str]) -> Reply:
    """/invoices/ACCOUNT/INVOICE: an open one can be paid here."""
    merchant = world.merchant(parts[0])
    found = merchant.get("invoice", parts[1])
    problem = ""
    if verb == "POST" and found["status"] == "open":
        try:
            if _pay(merchant, found, fields) == "requires_action":
                return Reply(document("Confirm", _bank(found, fields)))
        except StripeError as error:
            problem = f'<p class="problem" role="alert">{escape(error.body["error"]["message"])}</p>'
    rows = "".join(
        f"<li><span>{escape(line['description'] or '')}</span>"
        f"<span>{seen(line['amount'], line['currency'])}</span></li>"
        for line in found["lines"]["data"]
    )
    due = seen(found["amount_due"], found["currency"])
    body = f"""<h1>Invoice {escape(str(found["number"]))}</h1><ul class="bill">{rows}</ul>
<p class="amount">{seen(found["total"], found["currency"])}</p><p>{found["status"]}</p>{problem}"""
    if found["status"] == "open":
        number = paying_page.grouped(fields.get("number") or _known(merchant, found))
        body += f"""<form method="post"><label>Card number<input name="number" value="{escape(number)}"
autocomplete="off" required></label><button class="primary">Pay {due}</button></form>"""
    return Reply(document("Invoice", body))


def _pay(merchant: Merchant, found: Object, fields: dict[str, str]) -> str:
    if fields.get("bank") == "refuse":
        raise StripeError(402, "card_error", "The payment was not confirmed. Nothing was paid.")
    means, confirmed = cards.by_number(fields.get("number", "")), fields.get("bank") == "confirm"
    if means.asks != "never" and not confirmed:
        return "requires_action"
    method = cards.make_method(merchant, means)
    cards.attach(merchant, method, found["customer"], authenticated=confirmed)
    billing.collect(merchant, found, method["id"], off_session=False, authenticated=confirmed)
    payment = billing.payment_of(merchant, found)
    paying.raise_if_declined(merchant, merchant.get("payment_intent", payment["payment"]["payment_intent"]))
    return str(found["status"])


def _known(merchant: Merchant, found: Object) -> str:
    method = billing.method_of(merchant, billing.subscription_of(merchant, found))
    return cards.means_of(merchant, method).number if method else cards.MEANS[0].number


def _bank(found: Object, fields: dict[str, str]) -> str:
    number = escape(fields.get("number", ""))
    return f"""<h1>Your bank asks</h1><p class="amount">{seen(found["amount_due"], found["currency"])}</p>
{paying_page.CONFIRM}<form method="post"><input type="hidden" name="number" value="{number}">
<button class="primary" name="bank" value="confirm">Confirm with bank</button>
<button name="bank" value="refuse">Refuse</button></form>"""


def receipt(world: World, verb: str, parts: list[str], fields: dict[str, str]) -> Reply:
    """/receipts/ACCOUNT/CHARGE."""
    found = world.merchant(parts[0]).get("charge", parts[1])
    amount = seen(found["amount"], found["currency"])
    back = found["amount_refunded"]
    refunded = f"<p>Refunded: {seen(back, found['currency'])}</p>" if back else ""
    body = f"""<h1>Receipt</h1><p class="amount">{amount}</p>{refunded}"""
    return Reply(document("Receipt", body))
