"""The client answers a quote: once, by one person, and an accepted quote becomes one invoice."""

from typing import Any

from django.db import transaction

from kit.refused import NotValid, Refused, WrongState
from kit.typed import storable
from modules.invoices import emails
from modules.invoices.models import Invoice, OnAcceptance, Quote, QuoteAnswer, QuoteState
from modules.invoices.operations.checks import NotAllowed
from modules.invoices.operations.issuing import issue
from modules.invoices.operations.patterns import write_draft
from modules.invoices.operations.quoting import hold_quote
from modules.invoices.queries import people
from portal.audit.operations import Trail, record
from portal.events import publish
from portal.http import Request
from portal.people.models import Client, Staff

CLOSED_WORDS = {
    QuoteState.DRAFT: "This quote is not sent.",
    QuoteState.ACCEPTED: "This quote is accepted already.",
    QuoteState.DECLINED: "This quote is declined already. Ask for a new one if you think otherwise now.",
    QuoteState.WITHDRAWN: "This quote was taken back, so it cannot be answered.",
    QuoteState.REPLACED: "There is a newer version of this quote. Please answer that one.",
}
EXPIRED_WORDS = "This quote is not valid any more. Please ask for a new one."


class Expired(WrongState):
    """Its last day is over."""

    words = EXPIRED_WORDS


@transaction.atomic
def accept_quote(quote: Quote, *, client: Client, name: str, request: Request | None = None) -> Quote:
    """Accept, in the client's own name, and write the invoice. Twice by the same person is once.

    Args:
        name: the full name as the client typed it.
        request: where address and browser are kept from.

    Raises:
        NotAllowed: this client may see it, not commit its company.
        NotValid: no name.
        Expired, WrongState: it cannot be accepted (any more).
    """
    held = _hold_for(quote, client)
    if held.state == QuoteState.ACCEPTED and held.answer.client_id == client.pk:
        return held
    signed = _text(name, "name", most=120, demand="Write your full name.")
    _check_waiting(held)
    _answer(held, QuoteAnswer.Verdict.ACCEPTED, client, signed, request)
    summary = f"Accepted quote {held} as “{signed}”"
    record("invoices.quote_accepted", held, by=client, summary=summary, request=request)
    publish("invoices.quote_accepted", quote_id=held.pk)
    why = _write_invoice(held, by=None)
    emails.tell_quote_accepted(held, why)
    return held


@transaction.atomic
def decline_quote(quote: Quote, *, client: Client, reason: str, request: Request | None = None) -> Quote:
    """Decline with a reason. Twice by the same person is once.

    Raises:
        NotAllowed: this client may see it, not answer it.
        NotValid: no reason.
        Expired, WrongState: it cannot be declined (any more).
    """
    held = _hold_for(quote, client)
    if held.state == QuoteState.DECLINED and held.answer.client_id == client.pk:
        return held
    words = _text(reason, "reason", most=500, demand="Say why in a few words.")
    _check_waiting(held)
    _answer(held, QuoteAnswer.Verdict.DECLINED, client, client.shown_name, request, words)
    summary = f"Declined quote {held}: {words}"
    record("invoices.quote_declined", held, by=client, summary=summary, request=request)
    publish("invoices.quote_declined", quote_id=held.pk)
    emails.tell_quote_declined(held, words)
    return held


@transaction.atomic
def invoice_quote(quote: Quote, *, by: Staff | None, trail: Trail | None = None) -> Invoice:
    """The invoice of an accepted quote, written anew as a draft if its draft was thrown away.

    Raises:
        WrongState: it is not accepted.
    """
    held = hold_quote(quote)
    if held.state != QuoteState.ACCEPTED:
        raise WrongState("Only an accepted quote becomes an invoice.")
    return held.invoice or _write(held, by=by, trail=trail)


def _write_invoice(held: Quote, *, by: Staff | None) -> str:
    """Write the invoice of a held quote and send it if that was chosen; why it could not be sent, or ""."""
    draft = _write(held, by=by)
    if held.on_acceptance != OnAcceptance.ISSUE:
        return ""
    try:
        issue(draft, by=by)
    except Refused as refused:
        # The client's word counts all the same; staff look at the draft.
        return refused.words
    draft.refresh_from_db()
    return ""


def _write(held: Quote, *, by: Staff | None, trail: Trail | None = None) -> Invoice:
    draft = write_draft(held.pattern, owner=held.owner, private_to=held.private_to, by=held.made_by)
    held.invoice = draft
    held.save(update_fields=["invoice"])
    summary = f"Wrote the {draft} from quote {held}"
    record("invoices.drafted", draft, by=by, summary=summary, **(trail or {}))
    return draft


def _hold_for(quote: Quote, client: Client) -> Quote:
    held = hold_quote(quote)
    if not held.is_sent or not people.may_answer(held, client):
        raise NotAllowed("You may look at this quote, but answering it is with others of your company.")
    return held


def _check_waiting(held: Quote) -> None:
    if held.is_expired:
        raise Expired
    if held.state != QuoteState.SENT:
        raise WrongState(CLOSED_WORDS[QuoteState(held.state)])


def _answer(
    held: Quote, verdict: str, client: Client, name: str, request: Request | None, reason: str = ""
) -> None:
    meta: dict[str, Any] = request.META if request else {}
    QuoteAnswer.objects.create(
        quote=held,
        verdict=verdict,
        client=client,
        name=name,
        reason=reason,
        address=meta.get("REMOTE_ADDR") or None,
        browser=str(meta.get("HTTP_USER_AGENT", ""))[:300].replace("\x00", ""),
    )
    held.state = verdict
    held.save(update_fields=["state"])


def _text(text: str, field: str, *, most: int, demand: str) -> str:
    words = storable(text.strip(), field)
    if not words:
        raise NotValid(demand, field=field)
    if len(words) > most:
        raise NotValid(f"Please keep it under {most} characters.", field=field)
    return words
