"""Another plan, a pause, an end and back again; each asked of Stripe once, each read from it."""

from datetime import timedelta

import pytest
import time_machine

from infra.stripe_simulator.running import Simulator
from kit import clock
from modules.subscriptions import operations
from modules.subscriptions.models import Offer, Step, Subscription
from portal.entitlements.queries import may_use
from portal.mail.models import Message
from portal.payments.queries import balance_of
from portal.people.models import Bundle, Client, CompanyMembership, Staff
from tenants.agencies.current import inside
from tests.modules.subscriptions.scene import COURSE, GROUP, Till, make_offer


def now_at(simulator: Simulator) -> time_machine.travel:
    """Our clock at the simulator's, which other tests have put forward."""
    return time_machine.travel(simulator.state()["now"], tick=False)


def test_a_change_costs_what_was_shown(till: Till, care: Offer, plus: Offer, tom: Client) -> None:
    with inside(till.agency), now_at(till.simulator):
        bought = till.buy(care, tom)
    till.simulator.advance(days=10)
    with inside(till.agency), now_at(till.simulator):
        shown = operations.preview_plan(bought, plus, client=tom)
        assert 0 < shown.now_minor < 12900 - 4900 and shown.next_minor == 12900
        fresh = operations.change_plan(bought, plus, client=tom, at=shown.at)
        assert (fresh.offer, fresh.minor, fresh.grants) == (plus, 12900, [GROUP])
        assert may_use(tom, GROUP) and not may_use(tom, COURSE)
        assert balance_of(fresh.source) == {"EUR": 4900 + shown.now_minor}
        assert fresh.steps.get(kind=Step.Kind.PLAN).done_at


def test_a_change_down_leaves_a_credit(till: Till, care: Offer, plus: Offer, tom: Client) -> None:
    with inside(till.agency), now_at(till.simulator):
        bought = till.buy(plus, tom)
        shown = operations.preview_plan(bought, care, client=tom)
        assert shown.now_minor == 0 and shown.credit_minor > 7000
        fresh = operations.change_plan(bought, care, client=tom, at=shown.at)
        assert fresh.offer == care and balance_of(fresh.source) == {"EUR": 12900}


def test_a_declined_change_changes_nothing(till: Till, care: Offer, plus: Offer, tom: Client) -> None:
    with inside(till.agency), now_at(till.simulator):
        bought = till.buy(care, tom)
        till.let_the_card_fail(bought)
        shown = operations.preview_plan(bought, plus, client=tom)
        with pytest.raises(operations.StripeFailed):
            operations.change_plan(bought, plus, client=tom, at=shown.at)
        fresh = operations.mirror(str(bought.stripe_id))
        assert fresh and (fresh.state, fresh.offer) == ("active", care)


def test_an_old_price_is_not_taken(till: Till, care: Offer, plus: Offer, tom: Client) -> None:
    with inside(till.agency), now_at(till.simulator):
        bought = till.buy(care, tom)
        late = int((clock.now() - timedelta(hours=1)).timestamp())
        for at in (late, int((clock.now() + timedelta(hours=1)).timestamp()), 0):
            with pytest.raises(operations.NotValid):
                operations.change_plan(bought, plus, client=tom, at=at)


def test_only_plans_of_the_group_can_be_changed_to(till: Till, care: Offer, tom: Client) -> None:
    with inside(till.agency), now_at(till.simulator):
        bought = till.buy(care, tom)
        others = [
            make_offer(name="Another group", group="Else"),
            make_offer(name="No group"),
            make_offer(name="Other currency", group="Care plans", currency="USD"),
            make_offer(name="Closed", group="Care plans", is_open=False),
            care,
        ]
        for offer in others:
            with pytest.raises(operations.NotOffered):
                operations.preview_plan(bought, offer, client=tom)


def test_a_pause_closes_and_ends_by_itself(till: Till, care: Offer, tom: Client) -> None:
    with inside(till.agency), now_at(till.simulator):
        bought = till.buy(care, tom)
        fresh = operations.pause(bought, days=10, by=tom)
        assert fresh.state == "paused" and fresh.paused_until and not may_use(tom, COURSE)
    till.simulator.advance(days=11)
    with inside(till.agency), now_at(till.simulator):
        operations.look_again()
        fresh.refresh_from_db()
        assert fresh.state == "active" and may_use(tom, COURSE)


def test_a_pause_can_be_ended_and_is_as_long_as_the_offer_allows(
    till: Till, care: Offer, plus: Offer, tom: Client
) -> None:
    with inside(till.agency), now_at(till.simulator):
        bought = till.buy(care, tom)
        for days in (0, 31, -1):
            with pytest.raises(operations.NotValid):
                operations.pause(bought, days=days, by=tom)
        paused = operations.pause(bought, days=30, by=tom)
        with pytest.raises(operations.WrongState):
            operations.pause(paused, days=3, by=tom)
        assert operations.resume(paused, by=tom).state == "active" and may_use(tom, COURSE)
        with pytest.raises(operations.NotOffered):
            operations.pause(till.buy(plus, tom), days=3, by=tom)


def test_cancelled_it_runs_to_the_end_and_can_be_kept(
    till: Till, care: Offer, tom: Client, alice_staff: Staff
) -> None:
    with inside(till.agency), now_at(till.simulator):
        bought = till.buy(care, tom)
        fresh = operations.cancel(bought, by=tom, reason="Too dear")
        assert fresh.is_ending and fresh.state == "active" and fresh.cancel_reason == "Too dear"
        assert fresh.cancel_at == fresh.period_ends_at and fresh.upcoming_minor is None
        assert may_use(tom, COURSE)
        told = Message.objects.get(email="subscriptions.canceled")
        assert told.staff == alice_staff and told.words["reason"] == "Too dear"
        with pytest.raises(operations.WrongState):
            operations.cancel(fresh, by=tom)
        fresh = operations.undo_cancel(fresh, by=tom)
        assert not fresh.is_ending and fresh.upcoming_minor == 4900
        fresh = operations.cancel(fresh, by=tom)
    till.simulator.advance(days=32)
    till.hear()
    with inside(till.agency):
        fresh.refresh_from_db()
        assert fresh.state == "canceled" and fresh.ended_at and not may_use(tom, COURSE)
        assert Message.objects.filter(email="subscriptions.ended").count() == 1
        with pytest.raises(operations.WrongState):
            operations.undo_cancel(fresh, by=tom)


def test_clients_cancel_only_what_they_may(till: Till, tom: Client, alice_staff: Staff) -> None:
    with inside(till.agency), now_at(till.simulator):
        bought = till.buy(make_offer(may_cancel=False), tom)
        with pytest.raises(operations.NotOffered):
            operations.cancel(bought, by=tom)
        assert operations.cancel(bought, by=alice_staff).is_ending
        ended = operations.cancel_now(bought, by=alice_staff, reason="Agreed by phone")
        assert ended.state == "canceled" and not may_use(tom, COURSE)


def test_who_only_sees_the_money_changes_nothing(
    till: Till, care: Offer, plus: Offer, maria: Client, tom: Client, charlie: Client
) -> None:
    with inside(till.agency), now_at(till.simulator):
        company = maria.companies.get()
        CompanyMembership.objects.create(
            client=tom, company=company, bundle=Bundle.VIEWER, rights=["view_money"]
        )
        bought = till.buy(care, maria, company=company)
        asked = len(till.simulator.requests("/v1/subscriptions"))
        for client in (tom, charlie):
            for refused in (
                lambda who: operations.cancel(bought, by=who),
                lambda who: operations.pause(bought, days=3, by=who),
                lambda who: operations.resume(bought, by=who),
                lambda who: operations.undo_cancel(bought, by=who),
                lambda who: operations.preview_plan(bought, plus, client=who),
                lambda who: operations.change_plan(bought, plus, client=who, at=int(clock.now().timestamp())),
                lambda who: operations.open_card_checkout(bought, client=who),
                lambda who: operations.pay_late(bought, client=who),
            ):
                with pytest.raises(operations.NotAllowed):
                    refused(client)
        assert len(till.simulator.requests("/v1/subscriptions")) == asked
        assert Subscription.objects.get().state == "active"


def test_every_change_has_a_key_of_its_own(till: Till, care: Offer, tom: Client) -> None:
    with inside(till.agency), now_at(till.simulator):
        bought = till.buy(care, tom)
        operations.undo_cancel(operations.cancel(bought, by=tom), by=tom)
        keys = [
            one["idempotency_key"]
            for one in till.simulator.requests(f"/v1/subscriptions/{bought.stripe_id}")
            if one["verb"] == "POST"
        ]
        steps = [f"subscription:{step.uid}" for step in bought.steps.order_by("pk")]
        assert keys == steps and len(set(keys)) == 2


def test_a_stripe_that_does_not_answer_changes_nothing(till: Till, care: Offer, tom: Client) -> None:
    with inside(till.agency), now_at(till.simulator):
        bought = till.buy(care, tom)
        till.simulator.fault(f"/v1/subscriptions/{bought.stripe_id}", times=9)
        try:
            with pytest.raises(operations.StripeFailed):
                operations.cancel(bought, by=tom)
        finally:
            till.simulator.clear_faults()
        bought.refresh_from_db()
        assert bought.state == "active" and not bought.is_ending
