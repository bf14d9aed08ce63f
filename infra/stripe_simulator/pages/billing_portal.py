"""The billing portal: invoices, the card, e-mail and tax number, cancelling at period end and taking that back."""

from __future__ import annotations

import time
from html import escape

from infra.stripe_simulator import billing, cards, subscribing
from infra.stripe_simulator.errors import StripeError
from infra.stripe_simulator.pages.html import Reply, document, not_found, seen
from infra.stripe_simulator.pages.paying_page import grouped
from infra.stripe_simulator.world import Merchant, Object, World


def page(world: World, verb: str, parts: list[str], fields: dict[str, str]) -> Reply:
    """/portal/ACCOUNT/SESSION/KEY."""
    if len(parts) != 3 or parts[0] not in world.objects:
        return not_found()
    merchant = world.merchant(parts[0])
    session = merchant.find("billing_portal.session", parts[1])
    if not session or world.hidden[session["id"]]["key"] != parts[2]:
        return not_found()
    problem = ""
    if verb == "POST":
        try:
            _act(merchant, session["customer"], fields)
        except StripeError as error:
            problem = f'<p class="problem" role="alert">{escape(error.body["error"]["message"])}</p>'
        else:
            return Reply("", 303, to=session["url"])
    return Reply(document("Billing", problem + _body(merchant, session)))


def _act(merchant: Merchant, customer: str, fields: dict[str, str]) -> None:
    if "number" in fields:
        _change_card(merchant, customer, fields["number"])
        return
    if "email" in fields:
        _change_words(merchant, customer, fields)
        return
    subscription = merchant.get("subscription", fields.get("subscription", ""))
    if subscription["customer"] != customer:
        return
    yes = fields.get("act") == "cancel"
    before = {"cancel_at_period_end": subscription["cancel_at_period_end"]}
    end = subscribing.items_of(subscription)[0]["current_period_end"]
    subscription |= {"cancel_at_period_end": yes, "cancel_at": end if yes else None}
    subscription["canceled_at"] = merchant.now(customer) if yes else None
    merchant.emit("customer.subscription.updated", subscription, before)


def _change_card(merchant: Merchant, customer: str, number: str) -> None:
    means = cards.by_number(number)
    if means.decline and not means.attaches:
        code = cards.code_of(means.decline)
        raise StripeError(402, "card_error", cards.words_of(means.decline), code=code)
    method = cards.make_method(merchant, means)
    cards.attach(merchant, method, customer, authenticated=True)
    person = merchant.get("customer", customer)
    person["invoice_settings"]["default_payment_method"] = method["id"]
    merchant.emit("customer.updated", person)
    for subscription in merchant.all("subscription"):
        if subscription["customer"] == customer and subscription["default_payment_method"]:
            subscription["default_payment_method"] = method["id"]
            merchant.emit("customer.subscription.updated", subscription)
    for invoice in merchant.all("invoice"):
        if invoice["customer"] == customer and invoice["status"] == "open":
            billing.collect(merchant, invoice, off_session=False, authenticated=True)


def _change_words(merchant: Merchant, customer: str, fields: dict[str, str]) -> None:
    person = merchant.get("customer", customer)
    before, person["email"] = {"email": person["email"]}, fields["email"].strip()
    merchant.emit("customer.updated", person, before)
    if number := fields.get("tax_number", "").strip():
        made = merchant.new(
            "tax_id", "txi", customer=customer, type="eu_vat", value=number, country=number[:2]
        )
        merchant.emit("customer.tax_id.created", made)


def _offers(merchant: Merchant, session: Object, feature: str) -> bool:
    chosen = merchant.find("billing_portal.configuration", session["configuration"])
    return bool(chosen["features"][feature]["enabled"]) if chosen else True


def _words(merchant: Merchant, session: Object) -> str:
    if not _offers(merchant, session, "customer_update"):
        return ""
    person = merchant.get("customer", session["customer"])
    numbers = [one["value"] for one in merchant.all("tax_id") if one["customer"] == person["id"]]
    return f"""<h2>Billing details</h2><form method="post"><label>Email<input name="email" type="email" required
value="{escape(person["email"] or "")}"></label><label>VAT number<input name="tax_number"
value="{escape(numbers[0] if numbers else "")}"></label><button>Save</button></form>"""


def _body(merchant: Merchant, session: Object) -> str:
    customer = session["customer"]
    may_end = _offers(merchant, session, "subscription_cancel")
    plans = [one for one in merchant.all("subscription") if one["customer"] == customer]
    invoices = [one for one in merchant.all("invoice") if one["customer"] == customer]
    back = session["return_url"]
    leave = f'<p><a href="{escape(back)}">Back</a></p>' if back else ""
    bills = "".join(_invoice(one) for one in invoices) or "<li>No invoices yet.</li>"
    return f"""<h1>Billing</h1>{"".join(_plan(one, may_end) for one in plans) or "<p>No subscription.</p>"}
<h2>Card</h2><p>{_card(merchant, customer)}</p><form method="post"><label>New card number
<input name="number" value="{grouped(cards.MEANS[0].number)}" autocomplete="off" required></label>
<button>Use this card</button></form>{_words(merchant, session)}<h2>Invoices</h2><ul class="bill">{bills}</ul>{leave}"""


def _plan(subscription: Object, may_end: bool) -> str:
    item = subscribing.items_of(subscription)[0]
    price, ends = item["price"], subscription["cancel_at_period_end"]
    amount = seen(price["unit_amount"] * item["quantity"], price["currency"])
    what = f"{escape(price['nickname'] or price['product'])}: {amount} a {price['recurring']['interval']}"
    date = time.strftime("%d %B %Y", time.gmtime(item["current_period_end"]))
    state = "ends on" if ends else f"{subscription['status'].replace('_', ' ')}, next on"
    if subscription["status"] == "canceled":
        return f"<p>{what} (cancelled)</p>"
    if not may_end:
        return f"<p>{what}<br>{state} {date}</p>"
    act, word = ("keep", "Keep it") if ends else ("cancel", "Cancel at the end of the period")
    return f"""<p>{what}<br>{state} {date}</p><form method="post">
<input type="hidden" name="subscription" value="{subscription["id"]}">
<button name="act" value="{act}">{word}</button></form>"""


def _invoice(invoice: Object) -> str:
    amount = seen(invoice["total"], invoice["currency"])
    address = escape(str(invoice["hosted_invoice_url"]))
    return f'<li><a href="{address}">{escape(str(invoice["number"]))}</a><span>{amount} {invoice["status"]}</span></li>'


def _card(merchant: Merchant, customer: str) -> str:
    person = merchant.get("customer", customer)
    plans = [one for one in merchant.all("subscription") if one["customer"] == customer]
    known = person["invoice_settings"]["default_payment_method"]
    known = known or next(
        (one["default_payment_method"] for one in plans if one["default_payment_method"]), None
    )
    method = merchant.find("payment_method", known)
    return f"Ends in {method[method['type']]['last4']}" if method else "None yet."
