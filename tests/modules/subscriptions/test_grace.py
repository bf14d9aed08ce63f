"""The ladder: told on day 0, 3, 7 and 14, limited after a week, closed after two, open again once paid."""

from collections.abc import Iterator

import pytest
import time_machine

from infra.stripe_simulator.running import MASTERCARD
from modules.subscriptions import operations
from modules.subscriptions.models import Offer, Subscription
from portal.entitlements.queries import Access, access_to
from portal.mail.models import Message
from portal.payments.queries import balance_of
from portal.people.models import Client
from tenants.agencies.current import inside
from tests.cast import portal_browser
from tests.modules.subscriptions.scene import COURSE, Till


@pytest.fixture
def late(till: Till, care: Offer, tom: Client) -> Iterator[Subscription]:
    """Tom's second payment has just failed."""
    till.simulator.after_dunning("past_due")
    with inside(till.agency):
        bought = till.buy(care, tom)
        till.let_the_card_fail(bought)
    till.simulator.advance(days=32)
    till.hear()
    with inside(till.agency):
        bought.refresh_from_db()
    yield bought
    till.simulator.after_dunning("cancel")


def steps_told() -> list[int]:
    mails = Message.objects.filter(email="subscriptions.late").order_by("created_at")
    return [mail.words["step"] for mail in mails]


def test_the_ladder_down(till: Till, late: Subscription, tom: Client) -> None:
    since = late.past_due_since
    assert late.state == "past_due" and since is not None
    seen = []
    with inside(till.agency):
        for day in (0, 1, 3, 6, 7, 8, 14, 30):
            with time_machine.travel(since.timestamp() + day * 86_400 + 60, tick=False):
                operations.climb_all()
                operations.climb_all()
                seen.append((day, str(access_to(tom, COURSE)), steps_told()))
    assert seen == [
        (0, "full", [0]),
        (1, "full", [0]),
        (3, "full", [0, 3]),
        (6, "full", [0, 3]),
        (7, "limited", [0, 3, 7]),
        (8, "limited", [0, 3, 7]),
        (14, "none", [0, 3, 7, 14]),
        (30, "none", [0, 3, 7, 14]),
    ]


def test_a_new_card_pays_and_opens_again(till: Till, late: Subscription, tom: Client) -> None:
    since = late.past_due_since
    assert since is not None
    with inside(till.agency):
        with time_machine.travel(since.timestamp() + 15 * 86_400, tick=False):
            operations.climb_all()
            assert access_to(tom, COURSE) == Access.NONE
        with pytest.raises(operations.StripeFailed):
            operations.pay_late(late, client=tom)  # the old card is still declined
        step = operations.open_card_checkout(late, client=tom)
        till.simulator.pay(till.account, step.reference, MASTERCARD)
        assert operations.finish_card(step).done_at
        late.refresh_from_db()
        assert (late.state, late.past_due_since, late.grace_told) == ("active", None, None)
        assert late.method == "Mastercard •••• 4444" and access_to(tom, COURSE) == Access.FULL
        assert balance_of(late.source) == {"EUR": 2 * 4900}
        operations.finish_card(step)
        assert balance_of(late.source) == {"EUR": 2 * 4900}


def test_the_client_sees_it_everywhere(till: Till, late: Subscription, tom: Client) -> None:
    browser = portal_browser(till.agency, tom)
    assert "Pay for Care" in browser.get("/").content.decode()
    for path in ("/subscriptions/", f"/subscriptions/{late.pk}/"):
        page = browser.get(path).content.decode()
        assert "Pay now" in page and "did not go through" in page or "still open" in page
    assert late.past_due_since is not None
    assert "What happens while it is not paid" in page and page.count("timeline__item is-done") == 1
    with time_machine.travel(late.past_due_since.timestamp() + 8 * 86_400, tick=False):
        page = portal_browser(till.agency, tom).get(f"/subscriptions/{late.pk}/").content.decode()
    assert page.count("timeline__item is-done") == 3 and page.count("timeline__item") >= 4


def test_once_stripe_gives_up_it_is_closed(till: Till, care: Offer, tom: Client) -> None:
    till.simulator.after_dunning("unpaid")
    try:
        with inside(till.agency):
            bought = till.buy(care, tom)
            till.let_the_card_fail(bought)
        till.simulator.advance(days=60)
        till.hear()
        with inside(till.agency):
            bought.refresh_from_db()
            assert bought.state == "unpaid" and access_to(tom, COURSE) == Access.NONE
            assert steps_told()[-1] == 14
    finally:
        till.simulator.after_dunning("cancel")
