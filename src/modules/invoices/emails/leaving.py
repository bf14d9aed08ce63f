"""What is found out when a mail of invoices leaves: its button, and whether it should leave at all."""

from collections.abc import Mapping
from typing import Any

from modules.invoices.models import Invoice, Quote
from modules.invoices.queries import people
from portal.agency import current_agency
from portal.links import console_link, portal_link
from portal.mail.jobs import Unsendable
from portal.mail.models import Message

ASKING = ("invoices.issued", "invoices.reminder", "invoices.payment_failed", "invoices.not_charged")


def to_client(message: Message) -> Mapping[str, Any]:
    """The button, made when the mail leaves; and whether it still should.

    Raises:
        Unsendable: the client no longer sees the invoice, or what it asks for is paid meanwhile.
    """
    client, words = message.client, message.words
    invoice = Invoice.objects.visible_to(client).filter(pk=words["invoice_id"]).first() if client else None
    if invoice is None or client is None:
        raise Unsendable("the client does not see it any more")
    asks = message.email in ASKING
    if (
        message.email in ("invoices.reminder", "invoices.charge_coming", "invoices.not_charged")
        and not invoice.is_open
    ):
        raise Unsendable("nothing is open any more")
    pays = asks and not words.get("is_automatic") and invoice.is_open and people.may_pay(invoice, client)
    return {"button_url": portal_link(current_agency(), "invoices:show", invoice.pk), "pays": pays}


def quote_to_client(message: Message) -> Mapping[str, Any]:
    """The way to the quote.

    Raises:
        Unsendable: the client no longer sees it, or it was answered or replaced meanwhile.
    """
    client, words = message.client, message.words
    quote = Quote.objects.visible_to(client).filter(pk=words["quote_id"]).first() if client else None
    if quote is None:
        raise Unsendable("the client does not see it any more")
    if message.email == "invoices.quote" and not quote.is_waiting:
        raise Unsendable("it waits for no answer any more")
    url = portal_link(current_agency(), "invoices:quote", quote.pk)
    return {"button_url": url}


def quote_on_console(message: Message) -> Mapping[str, Any]:
    """The quote's page in the console."""
    url = console_link(current_agency(), "invoices:quote", message.words["quote_id"])
    return {"button_url": url}


def to_staff(message: Message) -> Mapping[str, Any]:
    """The invoice's page in the console."""
    url = console_link(current_agency(), "invoices:show", message.words["invoice_id"])
    return {"button_url": url}
