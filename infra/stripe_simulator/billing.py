"""Invoices: made from lines, finalized, collected; and what that does to their subscription."""

from __future__ import annotations

from typing import Any, NamedTuple

from infra.stripe_simulator import discounts, judge, paying
from infra.stripe_simulator.errors import refused
from infra.stripe_simulator.world import Merchant, Object, identifier, list_of

DAY = 86_400
# Days from one attempt to collect to the next; after the last one `after_dunning` decides.
RETRIES = (3, 5, 7)


class Line(NamedTuple):
    """One line of an invoice, minor units; `item` is the subscription item it bills."""

    amount: int
    description: str
    price: Object | None
    quantity: int
    start: int
    end: int
    item: str = ""
    proration: bool = False


def make_invoice(merchant: Merchant, subscription: Object, lines: list[Line], reason: str) -> Object:
    """A finalized invoice that nobody has tried to collect yet."""
    invoice = draft(merchant, subscription, lines, reason)
    invoice["id"] = identifier("in")
    merchant.keep(invoice)
    for line in invoice["lines"]["data"]:
        line["invoice"] = invoice["id"]
    merchant.emit("invoice.created", invoice)
    customer = merchant.get("customer", subscription["customer"])
    sequence = customer["next_invoice_sequence"] = (customer["next_invoice_sequence"] or 0) + 1
    invoice |= {
        "status": "open",
        "number": f"{customer['invoice_prefix']}-{sequence:04d}",
        "auto_advance": True,
    }
    invoice["status_transitions"]["finalized_at"] = invoice["effective_at"] = invoice["created"]
    invoice["hosted_invoice_url"] = f"{merchant.world.base}/invoices/{merchant.account}/{invoice['id']}"
    invoice["invoice_pdf"] = f"{invoice['hosted_invoice_url']}/pdf"
    ending = invoice["starting_balance"] + invoice["total"] - invoice["amount_due"]
    customer["balance"] = invoice["ending_balance"] = ending
    discounts.use(merchant, subscription)
    subscription["latest_invoice"] = invoice["id"]
    merchant.emit("invoice.finalized", invoice)
    return invoice


def draft(merchant: Merchant, subscription: Object, lines: list[Line], reason: str) -> Object:
    """An invoice with its sums, not kept."""
    customer = merchant.get("customer", subscription["customer"])
    now = merchant.now(customer["id"])
    subtotal = sum(line.amount for line in lines)
    off = discounts.amounts(merchant, subscription, subtotal)
    total = subtotal - sum(each["amount"] for each in off)
    starting = customer["balance"] or 0  # below nothing: a credit of earlier invoices
    due = max(0, total + starting)
    invoice = judge.blank(
        "invoice",
        created=now,
        customer=customer["id"],
        currency=subscription["currency"],
        billing_reason=reason,
        subtotal=subtotal,
        subtotal_excluding_tax=subtotal,
        total=total,
        total_excluding_tax=total,
        amount_due=due,
        amount_remaining=due,
        starting_balance=starting,
        status="draft",
        metadata={},
        period_start=min((line.start for line in lines), default=now),
        period_end=max((line.end for line in lines), default=now),
        total_discount_amounts=off,
        discounts=[each["discount"] for each in off],
        test_clock=customer["test_clock"],
        attempted=False,
        **{f"customer_{name}": customer[name] for name in ("email", "name", "address", "phone")},
    )
    invoice["parent"] = _parent(subscription)
    invoice["lines"] = list_of([_line(subscription, line) for line in lines], "/v1/invoices/lines")
    return invoice


def _parent(subscription: Object) -> Object:
    metadata = dict(subscription["metadata"])
    details = {"subscription": subscription["id"], "metadata": metadata, "subscription_proration_date": None}
    return {"type": "subscription_details", "quote_details": None, "subscription_details": details}


def _line(subscription: Object, line: Line) -> Object:
    made = judge.blank(
        "line_item",
        id=identifier("il"),
        amount=line.amount,
        currency=subscription["currency"],
        description=line.description,
        quantity=line.quantity,
        subtotal=line.amount,
        subscription=subscription["id"],
        period={"start": line.start, "end": line.end},
        discountable=not line.proration,
    )
    if line.price:
        details = {"price": line.price["id"], "product": line.price["product"]}
        amount = line.price["unit_amount_decimal"]
        made["pricing"] = {"type": "price_details", "price_details": details, "unit_amount_decimal": amount}
    parent = judge.blank_part("line_item", "Parent", type="subscription_item_details")
    parent["subscription_item_details"] = judge.blank_part(
        "line_item", "Parent", "SubscriptionItemDetails",
        subscription=subscription["id"], subscription_item=line.item, proration=line.proration,
    )  # fmt: skip
    return made | {"parent": parent}


def subscription_of(merchant: Merchant, invoice: Object) -> Object:
    """The subscription an invoice bills."""
    return merchant.get("subscription", invoice["parent"]["subscription_details"]["subscription"])


def method_of(merchant: Merchant, subscription: Object) -> str | None:
    """What is charged: the subscription's own means of payment, else the customer's."""
    customer = merchant.get("customer", subscription["customer"])
    own: str | None = subscription["default_payment_method"]
    return own or customer["invoice_settings"]["default_payment_method"]


def collect(merchant: Merchant, invoice: Object, method: str | None = None, **how: Any) -> bool:
    """Tries to collect; `how` goes to `paying.attempt`. True: paid, or the bank is at it."""
    if invoice["status"] != "open":
        raise refused(f"Invoice is already {invoice['status']}.", "invoice_not_editable")
    subscription = subscription_of(merchant, invoice)
    invoice |= {"attempt_count": invoice["attempt_count"] + 1, "attempted": True}
    if not invoice["amount_due"]:
        _paid(merchant, invoice, subscription)
        return True
    intent = _intent_of(merchant, invoice)
    method = method or method_of(merchant, subscription)
    status = (
        paying.attempt(merchant, intent, method, **{"off_session": True, **how}) if method else "no method"
    )
    if status == "succeeded":
        _paid(merchant, invoice, subscription)
    elif status == "processing":
        _become(merchant, subscription, "active")
    else:
        _unpaid(merchant, invoice, subscription)
    return status in ("succeeded", "processing")


def settled(merchant: Merchant, invoice: Object, status: str) -> None:
    """The bank has answered a direct debit for this invoice."""
    subscription = subscription_of(merchant, invoice)
    if status == "succeeded":
        _paid(merchant, invoice, subscription)
    else:
        _unpaid(merchant, invoice, subscription)


def void(merchant: Merchant, invoice: Object) -> None:
    """Nobody owes it any more."""
    invoice |= {"status": "void", "next_payment_attempt": None}
    invoice["status_transitions"]["voided_at"] = merchant.now(invoice["customer"])
    merchant.emit("invoice.voided", invoice)


def payment_of(merchant: Merchant, invoice: Object) -> Object:
    """The invoice payment, empty when there was nothing to pay."""
    return next((one for one in merchant.all("invoice_payment") if one["invoice"] == invoice["id"]), {})


def _intent_of(merchant: Merchant, invoice: Object) -> Object:
    if payment := payment_of(merchant, invoice):
        return merchant.get("payment_intent", payment["payment"]["payment_intent"])
    intent = paying.new_intent(
        merchant,
        amount=invoice["amount_due"],
        currency=invoice["currency"],
        customer=invoice["customer"],
        description=f"Invoice {invoice['number']}",
    )
    merchant.hidden(intent["id"])["invoice"] = invoice["id"]
    payment = merchant.new(
        "invoice_payment",
        "inpay",
        invoice=invoice["id"],
        amount_requested=invoice["amount_due"],
        currency=invoice["currency"],
        is_default=True,
        status="open",
    )
    payment["payment"] |= {"type": "payment_intent", "payment_intent": intent["id"]}
    return intent


def _paid(merchant: Merchant, invoice: Object, subscription: Object) -> None:
    now = merchant.now(invoice["customer"])
    if payment := payment_of(merchant, invoice):
        payment |= {"status": "paid", "amount_paid": invoice["amount_due"]}
        payment["status_transitions"]["paid_at"] = now
        merchant.emit("invoice_payment.paid", payment)
    invoice |= {"status": "paid", "amount_paid": invoice["amount_due"], "amount_remaining": 0}
    invoice |= {"next_payment_attempt": None, "auto_advance": False}
    invoice["status_transitions"]["paid_at"] = now
    merchant.emit("invoice.paid", invoice)
    merchant.emit("invoice.payment_succeeded", invoice)
    if change := merchant.hidden(invoice["id"]).pop("pending", None):
        from infra.stripe_simulator import pending

        pending.apply(merchant, subscription, change)
    if subscription["status"] in ("incomplete", "past_due", "unpaid", "paused"):
        _become(merchant, subscription, "active")


def _unpaid(merchant: Merchant, invoice: Object, subscription: Object) -> None:
    if "pending" in merchant.hidden(invoice["id"]):  # nobody tries again by himself
        merchant.emit("invoice.payment_failed", invoice)
        return
    if invoice["billing_reason"] == "subscription_create" and subscription["status"] != "active":
        merchant.emit("invoice.payment_failed", invoice)
        return
    tried = invoice["attempt_count"]
    days = RETRIES[tried - 1] if tried <= len(RETRIES) else 0
    invoice["next_payment_attempt"] = merchant.now(invoice["customer"]) + days * DAY if days else None
    merchant.emit("invoice.payment_failed", invoice)
    if days:
        _become(merchant, subscription, "past_due")
    else:
        _give_up(merchant, subscription)


def _give_up(merchant: Merchant, subscription: Object) -> None:
    end = str(merchant.world.hidden.setdefault("settings", {}).get("after_dunning", "cancel"))
    if end == "cancel":
        cancel(merchant, subscription, "payment_failed")
    else:
        _become(merchant, subscription, end)


def _become(merchant: Merchant, subscription: Object, status: str) -> None:
    old = subscription["status"]
    if status != old and old not in ("canceled", "incomplete_expired"):
        subscription["status"] = status
        merchant.emit("customer.subscription.updated", subscription, {"status": old})


def cancel(merchant: Merchant, subscription: Object, reason: str = "cancellation_requested") -> Object:
    """Ends a subscription now."""
    if subscription["status"] in ("canceled", "incomplete_expired"):
        raise refused(f"No such subscription: '{subscription['id']}'", "resource_missing", "id", 404)
    now = merchant.now(subscription["customer"])
    details = subscription["cancellation_details"] or {"comment": None, "feedback": None, "reason": None}
    subscription["cancellation_details"] = {**details, "reason": reason}
    subscription |= {"status": "canceled", "ended_at": now, "canceled_at": subscription["canceled_at"] or now}
    for invoice in merchant.all("invoice"):
        if invoice["status"] == "open" and subscription_of(merchant, invoice) is subscription:
            invoice |= {"next_payment_attempt": None, "auto_advance": False}
    merchant.emit("customer.subscription.deleted", subscription)
    return subscription
