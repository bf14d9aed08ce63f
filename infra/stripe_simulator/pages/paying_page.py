"""The checkout page, by itself (hosted) or inside a page of the platform (embedded)."""

from __future__ import annotations

from html import escape

from infra.stripe_simulator import cards, till
from infra.stripe_simulator.answers.checkout import current, lines_of
from infra.stripe_simulator.errors import StripeError
from infra.stripe_simulator.pages.html import Reply, document, not_found, seen
from infra.stripe_simulator.world import Merchant, Object, World

VERBS = {"payment": "Pay", "subscription": "Subscribe", "setup": "Save"}
CONFIRM = "<p>Your bank asks you to confirm this payment (3-D Secure).</p>"


def hosted(world: World, verb: str, parts: list[str], fields: dict[str, str]) -> Reply:
    """/pay/ACCOUNT/SESSION: goes to success_url or cancel_url."""
    merchant = world.merchant(parts[0])
    session = current(merchant, parts[1])
    return _page(merchant, session, verb, fields, embedded=False)


def embedded(world: World, verb: str, parts: list[str], fields: dict[str, str]) -> Reply:
    """/embed/ACCOUNT/CLIENT_SECRET: in the frame that stripe.js makes; tells the page around it when it is done."""
    if parts[0] not in world.objects:
        return not_found()
    merchant = world.merchant(parts[0])
    session = merchant.find("checkout.session", parts[1].split("_secret_")[0])
    if not session or session["client_secret"] != parts[1]:
        return not_found()
    return _page(merchant, current(merchant, session["id"]), verb, fields, embedded=True)


def _page(merchant: Merchant, session: Object, verb: str, fields: dict[str, str], *, embedded: bool) -> Reply:
    if session["status"] == "complete":
        return _done(session, embedded=embedded)
    if session["status"] == "expired":
        return Reply(
            document("Expired", "<h1>This payment page has expired</h1><p>Go back and start again.</p>"), 410
        )
    if verb == "GET":
        return _form(merchant, session, {}, embedded=embedded)
    if "apply" in fields:
        problem = till.apply_code(merchant, session, fields.get("code", ""))
        return _form(merchant, session, fields, problem, embedded=embedded)
    if fields.get("bank") == "refuse":
        till.refuse_authentication(merchant, session["id"])
        return _form(
            merchant, session, fields, "The payment was not confirmed. Nothing was paid.", embedded=embedded
        )
    return _pay(merchant, session, fields, embedded=embedded)


def _pay(merchant: Merchant, session: Object, fields: dict[str, str], *, embedded: bool) -> Reply:
    confirmed = fields.get("bank") == "confirm"
    try:
        means = cards.by_number(fields.get("number", ""))
        status = till.pay(
            merchant, session["id"], means, fields.get("email", "").strip(), authenticated=confirmed
        )
    except StripeError as error:
        return _form(merchant, session, fields, error.body["error"]["message"], embedded=embedded)
    if status == "requires_action":
        return Reply(document("Confirm", _bank(session, fields)))
    return _done(session, embedded=embedded)


def _done(session: Object, *, embedded: bool) -> Reply:
    address = (session["return_url"] or session["success_url"] or "").replace(
        "{CHECKOUT_SESSION_ID}", session["id"]
    )
    if not embedded:
        return Reply("", 303, to=address)
    if session["redirect_on_completion"] == "never":
        address = ""
    mark = f'<div data-simulator="complete" data-return="{escape(address)}"></div>'
    return Reply(document("Done", f'<h1 role="status">Done</h1><p>One moment …</p>{mark}'))


def _form(
    merchant: Merchant, session: Object, fields: dict[str, str], problem: str = "", *, embedded: bool
) -> Reply:
    word = VERBS[session["mode"]]
    error = f'<p class="problem" role="alert" id="problem">{escape(problem)}</p>' if problem else ""
    back = session["cancel_url"]
    leave = f'<p><a href="{escape(back)}">Back without paying</a></p>' if back and not embedded else ""
    amount = seen(session["amount_total"], session["currency"])
    asks = f"{word} {amount}" if session["amount_total"] else word
    total = f'<p class="amount">{amount}</p>' if session["mode"] != "setup" else ""
    body = f"""<h1>{escape(_title(merchant, session))}</h1>{total}{_bill(merchant, session)}{error}
<form method="post">{_email(merchant, session, fields)}{_number(session, fields, problem)}
<button class="primary">{asks}</button>{_code(session)}</form>{leave}"""
    return Reply(document(word, body))


def _title(merchant: Merchant, session: Object) -> str:
    if session["mode"] == "setup":
        return "Save a means of payment"
    lines = lines_of(merchant, session)["data"]
    return str(lines[0]["description"]) if len(lines) == 1 else "Payment"


def _bill(merchant: Merchant, session: Object) -> str:
    lines = lines_of(merchant, session)["data"]
    rows = [
        f"<li><span>{each['quantity']} × {escape(each['description'])}</span>"
        f"<span>{seen(each['amount_total'], each['currency'])}</span></li>"
        for each in lines
        if len(lines) > 1
    ]
    if off := (session["total_details"] or {}).get("amount_discount"):
        rows.append(f"<li><span>Discount</span><span>{seen(-off, session['currency'])}</span></li>")
    return f'<ul class="bill">{"".join(rows)}</ul>' if rows else ""


def _email(merchant: Merchant, session: Object, fields: dict[str, str]) -> str:
    known = session["customer_email"] or merchant.find("customer", session["customer"]).get("email")
    if known:
        return f"<p>Receipt to {escape(known)}</p>"
    value = escape(fields.get("email", ""))
    return (
        f'<label>Email<input name="email" type="email" autocomplete="email" required value="{value}"></label>'
    )


def _number(session: Object, fields: dict[str, str], problem: str) -> str:
    means = [one for one in cards.MEANS if one.kind in session["payment_method_types"]]
    typed = escape(fields.get("number", "") or grouped(means[0].number))
    state = ' aria-invalid="true" aria-describedby="problem"' if problem else ""
    field = f'<input name="number" value="{typed}" autocomplete="off" spellcheck="false" required{state}>'
    rows = "".join(
        f'<li><button type="button" data-number="{grouped(one.number)}"><span>{grouped(one.number)}</span> '
        f"<small>{one.words}</small></button></li>"
        for one in means
    )
    return (
        f"<label>Card number{field}</label>"
        f'<details><summary>Other test cards</summary><ul class="cards">{rows}</ul></details>'
    )


def grouped(number: str) -> str:
    """A number in groups of four."""
    return " ".join(number[place : place + 4] for place in range(0, len(number), 4))


def _code(session: Object) -> str:
    if not session["allow_promotion_codes"]:
        return ""
    return (
        '<details><summary>Promotion code</summary><label>Code<input name="code" autocomplete="off"></label>'
        '<button name="apply" value="yes" formnovalidate>Apply</button></details>'
    )


def _bank(session: Object, fields: dict[str, str]) -> str:
    kept = "".join(
        f'<input type="hidden" name="{name}" value="{escape(fields.get(name, ""))}">'
        for name in ("number", "email")
    )
    amount = seen(session["amount_total"], session["currency"])
    return f"""<h1>Your bank asks</h1><p class="amount">{amount}</p>{CONFIRM}<form method="post">{kept}
<button class="primary" name="bank" value="confirm">Confirm with bank</button>
<button name="bank" value="refuse">Refuse</button></form>"""
