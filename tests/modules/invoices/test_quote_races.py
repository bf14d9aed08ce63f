"""Quotes answered by many at once, with real commits."""

from collections.abc import Iterator
from functools import partial

import pytest

from kit.refused import Refused
from modules.invoices import operations
from modules.invoices.models import Invoice, OnAcceptance, Quote, QuoteAnswer, QuoteState
from portal.people.models import Bundle, Client, Staff
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency
from tests.at_once import at_once
from tests.modules.deliverables.scene import colleague
from tests.modules.invoices.scene import northwind_bills, sent_quote

ROUNDS = 5


@pytest.fixture
def agency(committed_db: None) -> Iterator[CurrentAgency]:
    current = Agency.objects.get(slug="northwind").current()
    with inside(current):
        northwind_bills()
        yield current


def done(ends: list[object]) -> int:
    """How many were not refused."""
    return len([end for end in ends if not isinstance(end, Refused)])


def test_accepted_by_two_and_declined_by_a_third_it_is_answered_once(agency: CurrentAgency) -> None:
    maria, staff = Client.objects.get(email="maria@client.example"), Staff.objects.get()
    company = maria.companies.get()
    liam, nora = (colleague(company, name, Bundle.FINANCE) for name in ("Liam Lund", "Nora Noll"))
    for _ in range(ROUNDS):
        quote = sent_quote(company, staff, on_acceptance=OnAcceptance.ISSUE)
        ends = at_once(
            partial(operations.accept_quote, quote, client=maria, name="Maria"),
            partial(operations.accept_quote, quote, client=liam, name="Liam"),
            partial(operations.decline_quote, quote, client=nora, reason="No"),
            agency=agency,
        )
        assert done(ends) == 1 == QuoteAnswer.objects.filter(quote=quote).count()
    accepted = Quote.objects.filter(state=QuoteState.ACCEPTED).count()
    assert Invoice.objects.count() == accepted == Quote.objects.filter(invoice__isnull=False).count()


def test_two_taps_of_one_finger_are_one_answer(agency: CurrentAgency) -> None:
    tom, staff = Client.objects.get(email="tom@client.example"), Staff.objects.get()
    quote = sent_quote(tom, staff)
    accept = partial(operations.accept_quote, quote, client=tom, name="Tom")
    assert done(at_once(*[accept] * 6, agency=agency)) == 6
    assert Invoice.objects.count() == QuoteAnswer.objects.count() == 1


def test_a_new_version_and_an_acceptance_at_once_leave_one_standing(agency: CurrentAgency) -> None:
    tom, staff = Client.objects.get(email="tom@client.example"), Staff.objects.get()
    for _ in range(ROUNDS):
        quote = sent_quote(tom, staff)
        newer = operations.new_version(quote, by=staff)
        ends = at_once(
            partial(operations.accept_quote, quote, client=tom, name="Tom"),
            partial(operations.send_quote, newer, by=staff),
            agency=agency,
        )
        assert done(ends) == 1
        states = set(Quote.objects.filter(pk__in=[quote.pk, newer.pk]).values_list("state", flat=True))
        assert states in ({"accepted", "draft"}, {"replaced", "sent"})


def test_numbers_of_quotes_have_no_gap(agency: CurrentAgency) -> None:
    tom, staff = Client.objects.get(email="tom@client.example"), Staff.objects.get()
    at_once(*[lambda: sent_quote(tom, staff)] * 12, agency=agency)
    numbers = sorted(str(quote.number) for quote in Quote.objects.all())
    assert [number[-4:] for number in numbers] == [f"{n:04d}" for n in range(1, 13)]
