"""Quotes answered by many at once, with real commits."""

import threading
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from django.db import connection

from kit.refused import Refused
from modules.invoices import operations
from modules.invoices.models import Invoice, OnAcceptance, Quote, QuoteAnswer, QuoteState
from portal.people.models import Bundle, Client, Staff
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency
from tests.modules.deliverables.scene import colleague
from tests.modules.invoices.scene import northwind_bills, sent_quote

ROUNDS = 5


@pytest.fixture
def agency(committed_db: None) -> Iterator[CurrentAgency]:
    current = Agency.objects.get(slug="northwind").current()
    with inside(current):
        northwind_bills()
        yield current


def at_once(agency: CurrentAgency, *works: Callable[[], object]) -> list[str]:
    """Run all at the same moment, each on its own connection; "done", or the words of the refusal."""
    start, ends = threading.Barrier(len(works)), [""] * len(works)

    def run(place: int) -> None:
        try:
            with inside(agency):
                start.wait(timeout=30)
                works[place]()
                ends[place] = "done"
        except Refused as refused:
            ends[place] = refused.words
        except BaseException as error:
            ends[place] = f"broke: {error!r}"
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[place]) for place in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not [end for end in ends if end.startswith("broke")], ends
    return ends


def test_accepted_by_two_and_declined_by_a_third_it_is_answered_once(agency: CurrentAgency) -> None:
    maria, staff = Client.objects.get(email="maria@client.example"), Staff.objects.get()
    company = maria.companies.get()
    liam, nora = (colleague(company, name, Bundle.FINANCE) for name in ("Liam Lund", "Nora Noll"))
    for _ in range(ROUNDS):
        quote = sent_quote(company, staff, on_acceptance=OnAcceptance.ISSUE)
        ends = at_once(
            agency,
            partial(operations.accept_quote, quote, client=maria, name="Maria"),
            partial(operations.accept_quote, quote, client=liam, name="Liam"),
            partial(operations.decline_quote, quote, client=nora, reason="No"),
        )
        assert ends.count("done") == 1 == QuoteAnswer.objects.filter(quote=quote).count()
    accepted = Quote.objects.filter(state=QuoteState.ACCEPTED).count()
    assert Invoice.objects.count() == accepted == Quote.objects.filter(invoice__isnull=False).count()


def test_two_taps_of_one_finger_are_one_answer(agency: CurrentAgency) -> None:
    tom, staff = Client.objects.get(email="tom@client.example"), Staff.objects.get()
    quote = sent_quote(tom, staff)
    accept = partial(operations.accept_quote, quote, client=tom, name="Tom")
    assert at_once(agency, *[accept] * 6) == ["done"] * 6
    assert Invoice.objects.count() == QuoteAnswer.objects.count() == 1


def test_a_new_version_and_an_acceptance_at_once_leave_one_standing(agency: CurrentAgency) -> None:
    tom, staff = Client.objects.get(email="tom@client.example"), Staff.objects.get()
    for _ in range(ROUNDS):
        quote = sent_quote(tom, staff)
        newer = operations.new_version(quote, by=staff)
        ends = at_once(
            agency,
            partial(operations.accept_quote, quote, client=tom, name="Tom"),
            partial(operations.send_quote, newer, by=staff),
        )
        assert ends.count("done") == 1
        states = set(Quote.objects.filter(pk__in=[quote.pk, newer.pk]).values_list("state", flat=True))
        assert states in ({"accepted", "draft"}, {"replaced", "sent"})


def test_numbers_of_quotes_have_no_gap(agency: CurrentAgency) -> None:
    tom, staff = Client.objects.get(email="tom@client.example"), Staff.objects.get()
    at_once(agency, *[lambda: sent_quote(tom, staff)] * 12)
    numbers = sorted(str(quote.number) for quote in Quote.objects.all())
    assert [number[-4:] for number in numbers] == [f"{n:04d}" for n in range(1, 13)]
