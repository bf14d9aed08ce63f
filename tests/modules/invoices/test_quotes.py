"""Quotes: numbered, frozen, changed by versions, answered once, and turned into one invoice."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, transaction

from kit.refused import Refused
from modules.invoices import operations
from modules.invoices.models import (
    Invoice,
    InvoiceSettings,
    OnAcceptance,
    PatternLine,
    Quote,
    QuoteAnswer,
    QuoteState,
    State,
)
from modules.invoices.queries import quotes
from portal.agency import current_agency
from portal.audit.models import AuditEntry
from portal.mail.models import Message
from portal.papers import paper as sheet
from portal.people.models import Client, Staff
from tests.modules.invoices.scene import a_line, a_quote, issued, sent_quote, vat


def again(quote: Quote) -> Quote:
    return Quote.objects.get(pk=quote.pk)


def accept(quote: Quote, client: Client, name: str = "Maria Silva") -> Quote:
    return operations.accept_quote(quote, client=client, name=name)


def told(key: str) -> set[str]:
    found = Message.objects.filter(email=f"invoices.{key}")
    return set(found.values_list("address", flat=True))


def test_quotes_are_numbered_in_a_series_of_their_own(
    in_northwind: object, tom: Client, alice_staff: Staff
) -> None:
    with time_machine.travel("2026-05-04 10:00Z"):
        draft = a_quote(tom, alice_staff)
        numbers = [sent_quote(tom, alice_staff).number, issued(tom, alice_staff).number]
        numbers += [operations.send_quote(draft, by=alice_staff).number]
    assert numbers == ["Q-2026-0001", "2026-0001", "Q-2026-0002"]


def test_sending_twice_is_one_number_and_one_mail(quote: Quote, alice_staff: Staff) -> None:
    assert operations.send_quote(quote, by=alice_staff).number == quote.number
    assert Message.objects.filter(email="invoices.quote").count() == 1
    assert told("quote") == {"maria@client.example"}


def test_what_is_missing_keeps_it_inside(in_northwind: object, tom: Client, alice_staff: Staff) -> None:
    with pytest.raises(operations.NotComplete):
        operations.send_quote(
            operations.create_quote(owner=tom, by=alice_staff, title="Empty"), by=alice_staff
        )
    over = a_quote(tom, alice_staff, valid_until=date(2020, 1, 1))
    with pytest.raises(operations.NotValid) as refused:
        operations.send_quote(over, by=alice_staff)
    assert refused.value.field == "valid_until"
    InvoiceSettings.objects.update(seller_country="")
    with pytest.raises(operations.NotComplete):
        operations.send_quote(a_quote(tom, alice_staff), by=alice_staff)
    assert not Quote.objects.exclude(state="draft").exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"currency": "euro"},
        {"discount_percent": Decimal(101)},
        {"parts": 60},
        {"deposit_percent": 91},
        {"deposit_percent": 10, "parts": 59, "lines": [a_line(3)]},
        {"on_acceptance": "burn"},
        {"valid_until": date(2900, 1, 1)},
        {"lines": [a_line(10**15)]},
    ],
)
def test_what_cannot_be_is_refused(
    in_northwind: object, tom: Client, alice_staff: Staff, wrong: dict[str, Any]
) -> None:
    with pytest.raises(Refused):
        a_quote(tom, alice_staff, **wrong)
    assert not Quote.objects.exists()


def test_a_sent_quote_is_not_edited_or_deleted(quote: Quote, alice_staff: Staff) -> None:
    for attempt in (
        lambda: operations.edit_quote(quote, by=alice_staff, title="Other"),
        lambda: operations.delete_quote(quote, by=alice_staff),
    ):
        with pytest.raises(operations.Sent):
            attempt()


def test_the_database_keeps_what_was_sent_and_answered(quote: Quote, maria: Client) -> None:
    accept(quote, maria)
    line = quote.pattern.lines.get()
    for attempt in (
        lambda: Quote.objects.filter(pk=quote.pk).update(valid_until=date(2090, 1, 1)),
        lambda: Quote.objects.filter(pk=quote.pk).update(number="Q-1"),
        lambda: Quote.objects.filter(pk=quote.pk).update(state="declined"),
        lambda: Quote.objects.filter(pk=quote.pk).update(state="draft", number=None, sent_at=None),
        lambda: Quote.objects.filter(pk=quote.pk).delete(),
        lambda: type(quote.pattern).objects.filter(pk=quote.pattern_id).update(title="Other"),
        lambda: PatternLine.objects.filter(pk=line.pk).update(unit_minor=1),
        lambda: PatternLine.objects.create(pattern=quote.pattern, position=9, description="x", unit_minor=1),
        lambda: line.delete(),
        lambda: QuoteAnswer.objects.update(name="Somebody else"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()


def test_an_accepted_quote_keeps_who_when_and_from_where(quote: Quote, maria: Client) -> None:
    accept(quote, maria, " Maria da Silva ")
    answer = QuoteAnswer.objects.get()
    assert (answer.quote, answer.client, answer.name) == (quote, maria, "Maria da Silva")
    assert again(quote).state == QuoteState.ACCEPTED
    assert AuditEntry.objects.filter(verb="invoices.quote_accepted", actor="client").count() == 1
    assert told("quote_answered") == {"alice@northwind.example"}
    assert told("quote_news") == {"maria@client.example"}


def test_a_name_has_to_be_written(quote: Quote, maria: Client) -> None:
    for name in ("", "  ", "x" * 121, "x\x00"):
        with pytest.raises(operations.NotValid) as refused:
            accept(quote, maria, name)
        assert refused.value.field == "name"
    assert again(quote).state == QuoteState.SENT


def test_accepting_writes_one_draft_with_content_and_plan(
    in_northwind: object, tom: Client, alice_staff: Staff
) -> None:
    lines = [a_line(99_99, tax=vat(), quantity=Decimal("2.5")), a_line(10_00, tax_included=True)]
    quote = sent_quote(
        tom, alice_staff, lines=lines, discount_percent=Decimal(10), deposit_percent=30, parts=2, notes="Soon"
    )
    accept(quote, tom)
    accept(quote, tom)
    invoice = Invoice.objects.get()
    assert again(quote).invoice == invoice and invoice.state == State.DRAFT
    assert (invoice.gross_minor, invoice.notes) == (quote.pattern.gross_minor, "Soon")
    assert [line.unit_minor for line in invoice.lines.all()] == [99_99, 10_00]
    parts = [part.minor for part in invoice.instalments.all()]
    assert len(parts) == 3 and sum(parts) == invoice.gross_minor
    assert not Invoice.objects.visible_to(tom).exists()


def test_it_is_sent_at_once_if_staff_chose_that(
    in_northwind: object, tom: Client, alice_staff: Staff
) -> None:
    quote = sent_quote(tom, alice_staff, on_acceptance=OnAcceptance.ISSUE)
    accept(quote, tom)
    invoice = Invoice.objects.visible_to(tom).get()
    assert invoice.state == State.ISSUED and told("issued") == {"tom@client.example"}


def test_an_invoice_that_cannot_leave_waits_as_a_draft(
    in_northwind: object, tom: Client, alice_staff: Staff
) -> None:
    quote = sent_quote(tom, alice_staff, on_acceptance=OnAcceptance.ISSUE)
    InvoiceSettings.objects.update(seller_country="")
    accept(quote, tom)
    assert (again(quote).state, Invoice.objects.get().state) == (QuoteState.ACCEPTED, State.DRAFT)
    words = Message.objects.get(email="invoices.quote_answered").words
    assert "could not be sent" in words["reason"]


def test_one_quote_gives_one_invoice(quote: Quote, maria: Client, alice_staff: Staff) -> None:
    with pytest.raises(operations.WrongState):
        operations.invoice_quote(quote, by=alice_staff)
    accept(quote, maria)
    first = operations.invoice_quote(quote, by=alice_staff)
    assert Invoice.objects.get() == first
    # Thrown away as a draft it may be written once more.
    operations.delete_draft(first, by=alice_staff)
    second = operations.invoice_quote(quote, by=alice_staff)
    assert Invoice.objects.get() == second == again(quote).invoice


def test_the_database_refuses_a_second_quote_on_one_invoice(
    quote: Quote, maria: Client, tom: Client, alice_staff: Staff
) -> None:
    accept(quote, maria)
    other = sent_quote(tom, alice_staff)
    accept(other, tom, "Tom")
    with pytest.raises(IntegrityError), transaction.atomic():
        Quote.objects.filter(pk=other.pk).update(invoice=again(quote).invoice)


def test_declining_needs_a_reason_and_is_told(quote: Quote, maria: Client) -> None:
    for reason in ("", " ", "x" * 501):
        with pytest.raises(operations.NotValid) as refused:
            operations.decline_quote(quote, client=maria, reason=reason)
        assert refused.value.field == "reason"
    operations.decline_quote(quote, client=maria, reason="Too dear")
    operations.decline_quote(quote, client=maria, reason="Too dear")
    assert again(quote).state == QuoteState.DECLINED and not Invoice.objects.exists()
    assert Message.objects.get(email="invoices.quote_answered").words["reason"] == "Too dear"
    with pytest.raises(operations.WrongState):
        accept(quote, maria)


def test_who_may_not_pay_may_not_answer(quote: Quote, maria: Client, charlie: Client, tom: Client) -> None:
    maria.memberships.update(rights=["view_money", "sign", "approve"])
    for client in (maria, charlie, tom):
        with pytest.raises(operations.NotAllowed):
            accept(quote, client)
        with pytest.raises(operations.NotAllowed):
            operations.decline_quote(quote, client=client, reason="No")
    assert again(quote).state == QuoteState.SENT and not QuoteAnswer.objects.exists()


def test_a_draft_cannot_be_answered(in_northwind: object, tom: Client, alice_staff: Staff) -> None:
    with pytest.raises(operations.NotAllowed):
        accept(a_quote(tom, alice_staff), tom)


def test_it_holds_to_the_end_of_its_day_in_the_agencys_zone(
    in_northwind: object, tom: Client, alice_staff: Staff
) -> None:
    with time_machine.travel("2026-05-04 10:00Z"):
        quotes_ = [sent_quote(tom, alice_staff, valid_until=date(2026, 5, 10)) for _ in range(2)]
    with time_machine.travel("2026-05-10 21:30Z"):
        accept(quotes_[0], tom)
    with time_machine.travel("2026-05-10 22:30Z"):  # the 11th in Berlin
        assert quotes.words_of(quotes_[1]) == "Expired"
        with pytest.raises(operations.Expired):
            accept(quotes_[1], tom)
        with pytest.raises(operations.Expired):
            operations.decline_quote(quotes_[1], client=tom, reason="Late")
    assert Invoice.objects.count() == 1


def test_a_new_version_replaces_the_old_one_when_it_is_sent(
    quote: Quote, maria: Client, alice_staff: Staff
) -> None:
    newer = operations.new_version(quote, by=alice_staff)
    operations.edit_quote(newer, by=alice_staff, lines=[a_line(80_00)])
    assert again(quote).is_waiting and quote.pattern.gross_minor == 100_00
    assert not Quote.objects.visible_to(maria).filter(pk=newer.pk).exists()
    newer = operations.send_quote(newer, by=alice_staff)
    assert (newer.number, newer.version, newer.shown_number) == (quote.number, 2, f"{quote.number}/2")
    assert again(quote).state == QuoteState.REPLACED
    with pytest.raises(operations.WrongState):
        accept(quote, maria)
    accept(newer, maria)
    assert Invoice.objects.get().gross_minor == 80_00


def test_a_version_is_not_sent_after_the_old_one_was_accepted(
    quote: Quote, maria: Client, alice_staff: Staff
) -> None:
    newer = operations.new_version(quote, by=alice_staff)
    accept(quote, maria)
    with pytest.raises(operations.WrongState):
        operations.send_quote(newer, by=alice_staff)
    with pytest.raises(operations.WrongState):
        operations.new_version(quote, by=alice_staff)
    assert again(newer).state == QuoteState.DRAFT and Invoice.objects.count() == 1


def test_there_is_one_next_version(quote: Quote, alice_staff: Staff) -> None:
    newer = operations.new_version(quote, by=alice_staff)
    for one in (quote, newer):
        with pytest.raises(operations.WrongState):
            operations.new_version(one, by=alice_staff)
    operations.delete_quote(newer, by=alice_staff)
    assert operations.new_version(quote, by=alice_staff).version == 2


def test_a_declined_quote_is_offered_again(quote: Quote, maria: Client, alice_staff: Staff) -> None:
    operations.decline_quote(quote, client=maria, reason="Too dear")
    newer = operations.send_quote(operations.new_version(quote, by=alice_staff), by=alice_staff)
    accept(newer, maria)
    assert (again(quote).state, again(newer).state) == (QuoteState.DECLINED, QuoteState.ACCEPTED)
    assert [event.words for event in quotes.page_of(newer).events][:2] == ["Accepted", "Sent"]


def test_taken_back_it_cannot_be_accepted(quote: Quote, maria: Client, alice_staff: Staff) -> None:
    with pytest.raises(operations.NotValid):
        operations.withdraw_quote(quote, reason=" ", by=alice_staff)
    operations.withdraw_quote(quote, reason="Wrong price", by=alice_staff)
    operations.withdraw_quote(quote, reason="Again", by=alice_staff)
    assert Message.objects.filter(email="invoices.quote_news").count() == 1
    with pytest.raises(operations.WrongState):
        accept(quote, maria)


def test_an_accepted_one_is_not_taken_back(quote: Quote, maria: Client, alice_staff: Staff) -> None:
    accept(quote, maria)
    with pytest.raises(operations.WrongState):
        operations.withdraw_quote(quote, reason="Wrong price", by=alice_staff)


def test_the_paper_says_what_the_quote_says(in_northwind: object, tom: Client, alice_staff: Staff) -> None:
    quote = sent_quote(
        tom,
        alice_staff,
        lines=[a_line(100_00, tax=vat())],
        valid_until=current_agency().today() + timedelta(9),
    )
    paper = quotes.quote_paper_of(quote, parts=[("Deposit", 30_00)])
    assert (paper.kind, paper.number, paper.due_on) == (sheet.Kind.QUOTE, quote.number, quote.valid_until)
    assert (paper.net_minor, paper.tax_minor, paper.gross_minor) == (100_00, 19_00, 119_00)
    assert [part.minor for part in paper.instalments] == [30_00]
    assert quotes.quote_pdf(quote, []).startswith(b"%PDF")
