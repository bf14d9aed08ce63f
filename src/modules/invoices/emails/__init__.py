"""The mails of invoices: who gets which, and when."""

from typing import Any

from django.utils.formats import date_format

from kit.money import format_money
from modules.invoices.emails.declared import EMAILS
from modules.invoices.models import Autopay, CreditNote, Invoice, Quote, TransferReport
from modules.invoices.queries import autopay, people
from portal.agency import current_agency
from portal.mail.operations import queue_mail
from portal.payments.models import SavedMethod
from portal.payments.refusals import words_of
from portal.people.models import Client, Staff

__all__ = ["EMAILS"]


def tell_issued(invoice: Invoice) -> None:
    """Mail a new invoice to everybody who may see it, with the way straight to paying."""
    words = _words(invoice) | {"is_automatic": autopay.is_being_charged(invoice)}
    for client in people.clients_of(invoice):
        queue_mail("invoices.issued", client, words=words)


def remind(invoice: Invoice) -> int:
    """Mail that something is due or late; how many mails."""
    words = _words(invoice) | {"is_late": invoice.is_overdue}
    clients = people.clients_of(invoice)
    for client in clients:
        queue_mail("invoices.reminder", client, words=words)
    return len(clients)


def tell_received(invoice: Invoice, minor: int, payer: Client | None) -> None:
    """Mail a receipt to the one who paid and to everybody else who may see it."""
    words = _words(invoice) | {
        "amount": format_money(minor, invoice.currency),
        "left": format_money(invoice.due_minor, invoice.currency) if invoice.due_minor else "",
        "who": payer.shown_name if payer else "",
        "is_receipt": True,
    }
    for client in people.clients_of(invoice):
        queue_mail("invoices.receipt", client, words=words)


def tell_failed(invoice: Invoice, client: Client | None, reason: str) -> None:
    """Mail that a payment did not go through; the one who tried, else everybody who may pay."""
    for one in [client] if client else people.clients_of(invoice, paying=True):
        queue_mail("invoices.payment_failed", one, words=_words(invoice) | {"reason": words_of(reason)})


def tell_charge_coming(invoice: Invoice, row: Autopay, method: SavedMethod) -> None:
    """Mail what is charged when, to whom it may concern: early enough to stop it or to change the card."""
    assert row.next_on is not None
    words = _words(invoice) | {
        "amount": format_money(row.minor, invoice.currency),
        "on": date_format(row.next_on, "j F Y"),
        "method": method.label,
    }
    for client in people.clients_of(invoice, paying=True):
        queue_mail("invoices.charge_coming", client, words=words)


def tell_not_charged(invoice: Invoice, row: Autopay) -> None:
    """Mail that an automatic payment was refused, and what happens next."""
    words = _words(invoice) | {
        "amount": format_money(row.minor, invoice.currency),
        "method": row.method.label if row.method else "",
        "stopped": row.stopped,
        "again": date_format(row.next_on, "j F Y") if row.next_on else "",
    }
    for client in people.clients_of(invoice, paying=True):
        queue_mail("invoices.not_charged", client, words=words)
    if row.stopped:
        _to_managers(invoice, f"The automatic payment was refused. {words_of(row.reason)} "
                              "Your client has been asked to pay in the portal.")  # fmt: skip


def tell_plan_chosen(invoice: Invoice, client: Client, count: int) -> None:
    """Tell staff that a client chose to pay in parts."""
    _to_managers(invoice, f"{client} chose to pay it in {count} parts.")


def tell_void(invoice: Invoice) -> None:
    """Mail that nothing is to be paid any more."""
    _news(invoice, f"Invoice {invoice.number} is void. Nothing is to be paid for it.", invoice.void_reason)


def tell_credited(note: CreditNote) -> None:
    """Mail a credit note."""
    amount = format_money(note.gross_minor, note.invoice.currency)
    what = f"Credit note {note.number} takes {amount} off invoice {note.invoice.number}."
    _news(note.invoice, what, note.reason)


def tell_not_found(report: TransferReport) -> None:
    """Answer an "I have paid" that could not be confirmed."""
    invoice = report.invoice
    what = f"We could not find your payment for invoice {invoice.number} yet."
    queue_mail(
        "invoices.news", report.client, words=_words(invoice) | {"what": what, "reason": report.answer}
    )


def tell_reported(report: TransferReport) -> None:
    """Tell staff to look at the bank account."""
    amount = format_money(report.minor, report.invoice.currency)
    _to_managers(report.invoice, f"{report.client} says that {amount} is paid. Confirm it when it is there.")


def tell_overpaid(invoice: Invoice) -> None:
    """Tell staff that money came twice."""
    over = format_money(invoice.over_minor, invoice.currency)
    _to_managers(invoice, f"{over} more than owed was paid. Refund it, or leave it for the next invoice.")


def tell_disputed(invoice: Invoice) -> None:
    """Tell staff that a payment is disputed with the bank."""
    _to_managers(invoice, "A payment is disputed with the bank. Reminders have stopped.")


def tell_not_issued(invoice: Invoice, why: str) -> None:
    """Tell staff that a scheduled invoice could not leave."""
    _to_managers(invoice, f"It was scheduled for today but could not be sent. {why}")


def tell_repeated(invoice: Invoice, why: str) -> None:
    """Tell staff that a repeating invoice wrote a draft; `why` it was not sent, where it should have been."""
    _to_managers(invoice, why or "A repeating invoice wrote this draft. Look at it and send it.")


def tell_quote_sent(quote: Quote) -> None:
    """Mail a quote to everybody who may see it."""
    for client in people.clients_of(quote):
        queue_mail("invoices.quote", client, words=_quote_words(quote))


def tell_quote_withdrawn(quote: Quote, reason: str) -> None:
    """Mail that a quote does not hold any more."""
    _quote_news(quote, f"Quote {quote.shown_number} was taken back and cannot be accepted any more.", reason)


def tell_quote_accepted(quote: Quote, why: str) -> None:
    """Mail the acceptance to both sides; `why` its invoice could not be sent at once, if so."""
    name = quote.answer.name
    _quote_news(quote, f"{name} accepted quote {quote.shown_number}.", "")
    invoice = quote.invoice
    then = (
        f"Invoice {invoice} was sent." if invoice and invoice.is_issued else "The invoice waits as a draft."
    )
    _quote_to_staff(quote, f"{name} accepted it.", f"It could not be sent at once. {why}" if why else then)


def tell_quote_declined(quote: Quote, reason: str) -> None:
    """Tell staff that a client declined."""
    _quote_to_staff(quote, f"{quote.answer.name} declined it.", reason)


def _quote_news(quote: Quote, what: str, reason: str) -> None:
    for client in people.clients_of(quote):
        words = _quote_words(quote) | {"what": what, "reason": reason}
        queue_mail("invoices.quote_news", client, words=words)


def _quote_to_staff(quote: Quote, what: str, reason: str) -> None:
    told: dict[int, Staff] = {one.pk: one for one in people.managers()}
    if quote.made_by is not None and quote.made_by.is_active:
        told[quote.made_by.pk] = quote.made_by
    for staff in told.values():
        words = _quote_words(quote) | {"what": what, "reason": reason}
        queue_mail("invoices.quote_answered", staff, words=words)


def _quote_words(quote: Quote) -> dict[str, Any]:
    return {
        "quote_id": quote.pk,
        "number": quote.shown_number,
        "title": quote.pattern.title,
        "amount": format_money(quote.pattern.gross_minor, quote.pattern.currency),
        "due": date_format(quote.valid_until, "j F Y"),
        "owner": str(quote.owner),
    }


def _news(invoice: Invoice, what: str, reason: str) -> None:
    for client in people.clients_of(invoice):
        queue_mail("invoices.news", client, words=_words(invoice) | {"what": what, "reason": reason})


def _to_managers(invoice: Invoice, what: str) -> None:
    for staff in people.managers():
        queue_mail("invoices.attention", staff, words=_words(invoice) | {"what": what})


def _words(invoice: Invoice) -> dict[str, Any]:
    parts = list(invoice.instalments.all())
    next_part = next((part for part in parts if part.open_minor > 0), None)
    # Of a plan the mail asks for what is due next, not for the whole.
    minor = next_part.open_minor if next_part and not invoice.fee_minor else invoice.due_minor
    day = invoice.next_due_on or invoice.due_on
    return {
        "invoice_id": invoice.pk,
        "number": invoice.number or "",
        "title": invoice.title,
        "amount": format_money(minor, invoice.currency),
        "whole": format_money(invoice.gross_minor, invoice.currency),
        "is_plan": len(parts) > 1,
        "due": date_format(day, "j F Y") if day else "",
        "is_late": invoice.is_overdue,
        "agency": current_agency().name,
    }
