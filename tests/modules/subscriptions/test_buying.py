"""From an offer's link to something that runs, at a real checkout of the simulator."""

import pytest

from infra.stripe_simulator.commands import Refused as NotPaid
from infra.stripe_simulator.running import DECLINED
from kit.refused import Refused
from modules.subscriptions import operations
from modules.subscriptions.models import Bill, Offer, Subscription
from portal.entitlements.queries import may_use
from portal.mail.models import Message
from portal.payments.queries import balance_of
from portal.people.models import Bundle, Client, CompanyMembership
from tenants.agencies.current import CurrentAgency, inside
from tests.modules.subscriptions.scene import COURSE, Till, make_offer


def test_a_paid_checkout_runs_opens_and_is_booked(till: Till, care: Offer, tom: Client) -> None:
    with inside(till.agency):
        bought = till.buy(care, tom)
        assert (bought.state, bought.minor, bought.currency) == ("active", 4900, "EUR")
        assert bought.started_at and bought.period_ends_at and bought.upcoming_minor == 4900
        assert bought.method == "Visa •••• 4242"
        bill = bought.bills.get()
        assert (bill.state, bill.minor, bill.paid_minor) == (Bill.State.PAID, 4900, 4900)
        assert may_use(tom, COURSE)
        assert balance_of(bought.source) == {"EUR": 4900}
        mails = set(Message.objects.values_list("email", flat=True))
        assert mails == {"subscriptions.started", "subscriptions.new"}


def test_an_unpaid_checkout_opens_nothing(till: Till, care: Offer, tom: Client) -> None:
    with inside(till.agency):
        with pytest.raises(NotPaid):
            till.choose(care, tom, card=DECLINED)
        bought = operations.finish_checkout(Subscription.objects.get())
        assert bought.started_at is None and not may_use(tom, COURSE)
        assert not Message.objects.exists()


def test_a_buyer_who_never_comes_back_is_found_by_the_events(till: Till, care: Offer, tom: Client) -> None:
    with inside(till.agency):
        bought = till.choose(care, tom)
        assert bought.started_at is None
    till.hear()
    with inside(till.agency):
        bought.refresh_from_db()
        assert bought.state == "active" and may_use(tom, COURSE)


def test_a_buyer_whose_events_are_lost_too_is_found_by_the_look(till: Till, care: Offer, tom: Client) -> None:
    with inside(till.agency):
        bought = till.choose(care, tom)
        operations.look_again()
        bought.refresh_from_db()
        assert bought.state == "active"


def test_a_company_buys_for_its_people(till: Till, care: Offer, maria: Client, tom: Client) -> None:
    with inside(till.agency):
        company = maria.companies.get()
        CompanyMembership.objects.create(client=tom, company=company, bundle=Bundle.VIEWER)
        bought = till.buy(care, maria, company=company)
        assert bought.owner == company and may_use(tom, COURSE)
        # A viewer uses it, but sees nothing of its money.
        assert not Subscription.objects.visible_to(tom).exists()
        assert Subscription.objects.visible_to(maria).get() == bought


def test_nobody_buys_for_a_company_that_is_not_theirs(
    till: Till, care: Offer, maria: Client, charlie: Client, tom: Client
) -> None:
    with inside(till.agency):
        company = maria.companies.get()
        CompanyMembership.objects.create(client=tom, company=company, bundle=Bundle.VIEWER)
        for client in (charlie, tom):
            with pytest.raises(operations.NotAllowed):
                operations.begin(care, client=client, company=company)
        assert not Subscription.objects.exists()


def test_what_somebody_has_is_not_sold_twice(till: Till, care: Offer, tom: Client) -> None:
    with inside(till.agency):
        till.buy(care, tom)
        with pytest.raises(operations.WrongState):
            operations.begin(care, client=tom, company=None)


def test_a_second_tab_ends_the_first(till: Till, care: Offer, tom: Client) -> None:
    with inside(till.agency):
        first = operations.begin(care, client=tom, company=None)
        session = operations.open_checkout(first).session_id
        operations.open_checkout(operations.begin(care, client=tom, company=None))
        with pytest.raises(NotPaid):
            till.simulator.pay(till.account, session)


def test_a_free_offer_needs_no_card_and_no_account(northwind: CurrentAgency, tom: Client) -> None:
    with inside(northwind):
        offer = make_offer(kind="free", minor=0, currency="")
        bought = operations.begin(offer, client=tom, company=None)
        assert bought.state == "active" and may_use(tom, COURSE)
        operations.cancel(bought, by=tom, reason="Enough")
        bought.refresh_from_db()
        assert bought.state == "canceled" and not may_use(tom, COURSE)


def test_without_cards_nothing_is_sold(northwind: CurrentAgency, care: Offer, tom: Client) -> None:
    with inside(northwind):
        with pytest.raises(operations.NoCards):
            operations.begin(care, client=tom, company=None)
        assert not Subscription.objects.exists()


def test_what_is_not_on_sale_is_refused(till: Till, care: Offer, tom: Client) -> None:
    with inside(till.agency):
        operations.archive_offer(care, by=None)
        with pytest.raises(operations.NotOffered):
            operations.begin(care, client=tom, company=None)


def test_a_single_payment_opens_and_its_refund_closes(till: Till, tom: Client) -> None:
    from portal.payments.operations import refund, settle

    with inside(till.agency):
        offer = make_offer(kind="one_time", minor=19000)
        bought = operations.begin(offer, client=tom, company=None)
        payment = operations.pay_once(bought, client=tom)
        till.simulator.pay(till.account, str(payment.session_id))
        payment = settle(payment.uid)
        bought.refresh_from_db()
        assert bought.state == "active" and may_use(tom, COURSE)
        refund(payment=payment, minor=9000, reason="", staff=None)
        assert may_use(tom, COURSE)
        refund(payment=payment, minor=10000, reason="", staff=None)
        settle(payment.uid)
        bought.refresh_from_db()
        assert bought.state == "canceled" and not may_use(tom, COURSE)


def test_a_trial_opens_at_once_and_costs_nothing_yet(till: Till, tom: Client) -> None:
    with inside(till.agency):
        bought = till.buy(make_offer(trial_days=14), tom)
        assert bought.state == "trialing" and bought.trial_ends_at and may_use(tom, COURSE)
        assert balance_of(bought.source) == {} and bought.upcoming_minor == 4900


def test_instalments_end_by_themselves_and_stay_open(till: Till, tom: Client) -> None:
    with inside(till.agency):
        bought = till.buy(make_offer(kind="instalments", instalments=3, minor=9900), tom)
        assert bought.state == "active"
        bought = operations.mirror(str(bought.stripe_id)) or bought
        assert bought.cancel_at and (bought.cancel_at - bought.created_at).days in range(88, 94)
        till.simulator.advance(days=64)
        bought = operations.mirror(str(bought.stripe_id)) or bought
        assert bought.state == "completed" and balance_of(bought.source) == {"EUR": 3 * 9900}
        till.simulator.advance(days=64)
        bought = operations.mirror(str(bought.stripe_id)) or bought
        assert bought.state == "completed" and may_use(tom, COURSE)
        assert balance_of(bought.source) == {"EUR": 3 * 9900}


@pytest.mark.parametrize(
    ("currency", "minor", "sent"), [("JPY", 1500, 1500), ("KWD", 1230, 1230), ("ISK", 500, 50_000)]
)
def test_other_currencies_are_sent_as_stripe_wants_them(
    till: Till, tom: Client, currency: str, minor: int, sent: int
) -> None:
    with inside(till.agency):
        bought = till.buy(make_offer(currency=currency, minor=minor), tom)
        asked = [one["params"]["unit_amount"] for one in till.simulator.requests("/v1/prices")]
        assert int(asked[-1]) == sent
        assert bought.minor == minor and balance_of(bought.source) == {currency: minor}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": " "}, "name"),
        ({"minor": 0}, "price"),
        ({"minor": -5}, "price"),
        ({"currency": "eur"}, "currency"),
        ({"currency": "KWD", "minor": 1235}, "price"),
        ({"kind": "instalments", "instalments": 1}, "instalments"),
        ({"grants": ["everything"]}, "grants"),
        ({"slug": "Not A Slug"}, "slug"),
        ({"slug": "taken"}, "slug"),
        ({"every": 0}, "every"),
        ({"summary": "a\x00b"}, "summary"),
        ({"trial_days": 999}, "trial_days"),
    ],
)
def test_an_offer_refuses_with_words_at_the_field(
    northwind: CurrentAgency, fields: dict[str, object], field: str
) -> None:
    with inside(northwind):
        make_offer(name="First", slug="taken")
        with pytest.raises(Refused) as refused:
            make_offer(**fields)
        assert refused.value.field == field
        assert Offer.objects.count() == 1


def test_who_bought_keeps_the_price_when_the_offer_changes(till: Till, care: Offer, tom: Client) -> None:
    with inside(till.agency):
        bought = till.buy(care, tom)
        operations.edit_offer(care, by=None, minor=5900, grants=[])
        fresh = operations.mirror(str(bought.stripe_id)) or bought
        assert fresh.minor == 4900 and may_use(tom, COURSE)
        with pytest.raises(Refused):
            operations.edit_offer(care, by=None, kind="free")
