"""Believable invoices for the demo: paid, open, overdue, in parts, one that is not sent yet; quotes; a rhythm."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from kit import clock
from modules.invoices import operations
from modules.invoices.models import TaxRate
from portal.agency import current_agency
from portal.mail.models import Message
from portal.payments import operations as payments
from portal.payments.models import PaymentSettings
from portal.payments.queries import transfer_words
from portal.people.models import Client, Company

WEBSITE = (("Visual design", "3", "days", 720_00), ("Home page and shop", "6", "days", 680_00))
PHOTOS = (("Photographs of the shop", "1", "", 950_00), ("Travel", "140", "km", 42))
CARE = (("Website care, one month", "1", "", 180_00),)
EARLIER = (320, 290, 259, 229, 198, 168, 137, 107, 76)  # days ago
FILM = (("Opening film, ninety seconds", "1", "", 3_400_00), ("Music", "1", "", 250_00))


def fill(cast: Any) -> None:
    """One of each kind for the first company, an open one for everybody else."""
    operations.save_settings(
        by=cast.staff,
        seller_name=cast.agency.name,
        seller_address="Speicherstadt 12\n20457 Hamburg",
        seller_country="DE",
        seller_tax_id="DE313812345",
        seller_email=cast.staff.email,
        terms="Please pay within 14 days. Thank you for working with us.",
        plan_parts=6,
    )
    if not transfer_words():
        PaymentSettings.objects.update_or_create(
            pk=1, defaults={"transfer_words": "Hansebank, IBAN DE02 1203 0000 0000 2020 51, BIC BYLADEM1001"}
        )
    rate = operations.add_tax_rate(
        by=cast.staff, name="VAT", percent=Decimal(19), category="S", is_default=True
    )
    before = Message.objects.order_by("-created_at").values_list("pk", flat=True)
    kept = set(before)
    alone = [client for client in cast.clients if not client.memberships.exists()]
    for turn, owner in enumerate([*cast.companies, *alone]):
        if turn == 0:
            _everything(owner, rate, cast)
        else:
            _sent(owner, "Website care, October", CARE, rate, cast, days=9)
    # The demo mails nobody.
    Message.objects.exclude(pk__in=kept).filter(email__startswith="invoices.").delete()


def _everything(owner: Company | Client, rate: TaxRate, cast: Any) -> None:
    operations.set_billing_details(
        owner, by=cast.staff, name=f"{owner} GmbH", address="Marktplatz 3\n28195 Bremen", country="DE"
    )
    for place, days in enumerate(EARLIER):
        lines = WEBSITE if place % 3 == 1 else CARE
        title = "Campaign page" if place % 3 == 1 else "Website care"
        _paid_later(_sent(owner, title, lines, rate, cast, days=days), days - 6, cast)
    care = _sent(owner, "Website care, September", CARE, rate, cast, days=48)
    operations.mark_paid(care, minor=care.gross_minor, note="Transfer", by=cast.staff)
    _sent(owner, "Website care, October", CARE, rate, cast, days=20)
    site = _sent(owner, "New website", WEBSITE, rate, cast, days=5, parts=3)
    deposit = operations.choices_of(site)[0].minor
    operations.mark_paid(site, minor=deposit, note="Transfer", by=cast.staff, client=cast.clients[0])
    _sent(owner, "Opening film", FILM, rate, cast, days=2)
    _draft(owner, "Photographs", PHOTOS, rate, cast)
    _offered(owner, rate, cast)
    operations.create_repeating(
        owner=owner,
        by=cast.staff,
        title="Website care, {month} {year}",
        lines=_lines(CARE, rate),
        next_on=(current_agency().today().replace(day=1) + timedelta(days=32)).replace(day=1),
        issues=True,
    )


def _offered(owner: Company | Client, rate: TaxRate, cast: Any) -> None:
    """A quote that waits for an answer, an accepted one, and one that is being written."""
    for title, lines, days in (("Relaunch in spring", WEBSITE, 2), ("Photographs in autumn", PHOTOS, 40)):
        quote = operations.create_quote(
            owner=owner, by=cast.staff, title=title, lines=_lines(lines, rate), deposit_percent=30, parts=2
        )
        at = clock.now() - timedelta(days=days)
        operations.send_quote(quote, by=cast.staff, at=at, send_mail=False)
    operations.accept_quote(quote, client=cast.clients[0], name=cast.clients[0].name)
    operations.create_quote(
        owner=owner, by=cast.staff, title="Opening film, part two", lines=_lines(FILM, rate)
    )


def _paid_later(invoice: Any, days: int, cast: Any) -> None:
    """By transfer, so many days ago."""
    payments.book_transfer(
        payable=invoice.payable, minor=invoice.gross_minor, currency=invoice.currency, client=cast.clients[0],
        staff=cast.staff, note="Transfer", happened_at=clock.now() - timedelta(days=days),
    )  # fmt: skip


def _draft(owner: Company | Client, title: str, lines: Any, rate: TaxRate, cast: Any) -> Any:
    return operations.create_invoice(
        owner=owner,
        by=cast.staff,
        title=title,
        lines=_lines(lines, rate),
    )


def _lines(lines: Any, rate: TaxRate) -> list[operations.LineFields]:
    return [
        {"description": words, "quantity": Decimal(count), "unit": unit, "unit_minor": minor, "tax": rate}
        for words, count, unit, minor in lines
    ]


def _sent(
    owner: Company | Client, title: str, lines: Any, rate: TaxRate, cast: Any, *, days: int, parts: int = 0
) -> Any:
    """Sent some days ago: what is issued cannot be moved, so the day is given when it is issued."""
    draft = _draft(owner, title, lines, rate, cast)
    if parts:
        operations.set_plan(
            draft, operations.parts_of(draft.gross_minor, deposit_percent=30, count=parts), by=cast.staff
        )
    return operations.issue(draft, by=cast.staff, at=clock.now() - timedelta(days=days), send_mail=False)
