"""The API through Stripe's own client: accounts apart, keys of idempotency, errors, expand, lists, honesty."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import stripe

from infra.stripe_simulator.running import Simulator
from tests.infra.stripe_simulator.conftest import make_client, open_session

WITH: Any = {"idempotency_key": "same"}


def test_a_wrong_key_opens_nothing(simulator: Simulator) -> None:
    for key in ("sk_test_other", "sk_live_simulator"):
        with pytest.raises(stripe.AuthenticationError):
            make_client(simulator, key=key).v1.customers.list()


def test_accounts_do_not_see_each_other(simulator: Simulator, client: stripe.StripeClient) -> None:
    alpha, beta = simulator.account(), simulator.account()
    made = client.v1.customers.create({"name": "Maria"}, {"stripe_account": alpha})
    assert client.v1.customers.retrieve(made.id, {}, {"stripe_account": alpha}).name == "Maria"
    for elsewhere in ({"stripe_account": beta}, {}):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            client.v1.customers.retrieve(made.id, {}, elsewhere)  # type: ignore[arg-type]
        assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")
    assert client.v1.customers.list({}, {"stripe_account": beta}).data == []


def test_an_account_that_is_unknown_or_has_left_is_refused(
    simulator: Simulator, client: stripe.StripeClient
) -> None:
    gone = simulator.account()
    simulator.deauthorize(gone)
    for account in (gone, "acct_nobody"):
        with pytest.raises(stripe.PermissionError) as refused:
            client.v1.customers.list({}, {"stripe_account": account})
        assert refused.value.error and refused.value.error.code == "account_invalid"


def test_an_account_that_is_not_onboarded_takes_no_payments(
    simulator: Simulator, client: stripe.StripeClient
) -> None:
    account = simulator.account(active=False)
    with pytest.raises(stripe.InvalidRequestError, match="cannot currently make charges"):
        open_session(client, account)
    simulator.onboard(account)
    assert open_session(client, account).status == "open"
    simulator.onboard(account, "restricted")
    with pytest.raises(stripe.InvalidRequestError):
        open_session(client, account)


def test_the_same_key_gives_the_same_answer_once_executed(client: stripe.StripeClient) -> None:
    first = client.v1.customers.create({"name": "Once"}, {"idempotency_key": "once"})
    again = client.v1.customers.create({"name": "Once"}, {"idempotency_key": "once"})
    assert first.id == again.id
    assert again.last_response is not None
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert len([one for one in client.v1.customers.list().data if one.name == "Once"]) == 1


def test_the_same_key_with_other_params_is_refused(client: stripe.StripeClient, agency: str) -> None:
    client.v1.customers.create({"name": "A"}, WITH)
    with pytest.raises(stripe.IdempotencyError) as refused:
        client.v1.customers.create({"name": "B"}, WITH)
    assert refused.value.http_status == 400
    # Keys belong to an account.
    assert client.v1.customers.create({"name": "B"}, WITH | {"stripe_account": agency}).name == "B"


def test_an_error_is_replayed_too(client: stripe.StripeClient) -> None:
    given: Any = {
        "amount": 1200,
        "currency": "eur",
        "payment_method": "pm_card_visa_chargeDeclined",
        "confirm": True,
    }
    found = []
    for _ in range(2):
        with pytest.raises(stripe.CardError) as declined:
            client.v1.payment_intents.create(given, {"idempotency_key": "declined"})
        found.append(declined.value.error.payment_intent.id)  # type: ignore[union-attr]
    assert found[0] == found[1]


def test_the_same_key_at_the_same_time_is_409(simulator: Simulator, client: stripe.StripeClient) -> None:
    simulator.fault("/v1/customers", status=200, seconds=1)
    slow = threading.Thread(target=lambda: client.v1.customers.create({}, {"idempotency_key": "busy"}))
    slow.start()
    while not simulator.requests("/v1/customers") or simulator.requests()[-1]["idempotency_key"] != "busy":
        pass
    with pytest.raises(stripe.StripeError) as refused:
        client.v1.customers.create({}, {"idempotency_key": "busy"})
    slow.join()
    assert refused.value.error and refused.value.error.code == "idempotency_key_in_use"
    assert refused.value.http_status == 409


@pytest.mark.parametrize("status", [500, 0])
def test_a_lost_answer_is_found_again_by_the_clients_own_retry(simulator: Simulator, status: int) -> None:
    client = make_client(simulator, retries=2)
    name = f"Lost {status}"
    simulator.fault("/v1/customers", when="after", status=status)
    made = client.v1.customers.create({"name": name})
    assert [one.id for one in client.v1.customers.list().data if one.name == name] == [made.id]


def test_a_fault_before_execution_leaves_nothing(simulator: Simulator, client: stripe.StripeClient) -> None:
    simulator.fault("/v1/customers", status=503)
    with pytest.raises(stripe.APIError):
        client.v1.customers.create({"name": "Never"}, {"idempotency_key": "never"})
    assert [one for one in client.v1.customers.list().data if one.name == "Never"] == []
    assert client.v1.customers.create({"name": "Never"}, {"idempotency_key": "never"}).id


def test_lists_go_by_cursors_in_both_directions(client: stripe.StripeClient, agency: str) -> None:
    at: Any = {"stripe_account": agency}
    made = [client.v1.customers.create({"email": f"{number}@x.test"}, at).id for number in range(5)]
    newest_first = made[::-1]
    page = client.v1.customers.list({"limit": 2}, at)
    assert ([one.id for one in page.data], page.has_more) == (newest_first[:2], True)
    page = client.v1.customers.list({"limit": 2, "starting_after": page.data[-1].id}, at)
    assert [one.id for one in page.data] == newest_first[2:4]
    page = client.v1.customers.list({"limit": 2, "ending_before": page.data[0].id}, at)
    assert [one.id for one in page.data] == newest_first[:2]
    every = client.v1.customers.list({"limit": 2}, at).auto_paging_iter()
    assert [one.id for one in every] == newest_first
    assert [one.id for one in client.v1.customers.list({"email": "3@x.test"}, at).data] == [made[3]]
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.customers.list({"limit": 101}, at)


def test_expand_puts_the_thing_in_place_of_its_name(client: stripe.StripeClient) -> None:
    price: Any = client.v1.prices.create(
        {"currency": "eur", "unit_amount": 100, "product_data": {"name": "Tea"}}
    )
    assert isinstance(price.product, str)
    found: Any = client.v1.prices.retrieve(price.id, {"expand": ["product"]})
    assert found.product.name == "Tea"
    listed: Any = client.v1.prices.list({"expand": ["data.product"], "limit": 1})
    assert listed.data[0].product.name == "Tea"
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        client.v1.prices.retrieve(price.id, {"expand": ["teapot"]})


def test_metadata_is_merged_and_taken_out(client: stripe.StripeClient) -> None:
    made = client.v1.customers.create({"metadata": {"a": "1", "b": "2"}})
    changed = client.v1.customers.update(made.id, {"metadata": {"b": "", "c": "3"}})
    assert changed.metadata and changed.metadata.to_dict() == {"a": "1", "c": "3"}
    cleared: Any = client.v1.customers.update(made.id, {"metadata": ""})
    assert cleared.metadata.to_dict() == {}


def test_what_is_not_implemented_says_so(client: stripe.StripeClient, agency: str) -> None:
    with pytest.raises(stripe.APIError, match="does not implement GET /v1/topups") as refused:
        client.v1.topups.list()
    assert refused.value.http_status == 501
    with pytest.raises(stripe.APIError, match=r"the parameter transfer_group of POST /v1/payment_intents"):
        client.v1.payment_intents.create({"amount": 1200, "currency": "eur", "transfer_group": "x"})
    with pytest.raises(stripe.APIError, match="automatic_tax"):
        open_session(client, agency, automatic_tax={"enabled": True})


def test_events_can_be_listed_from_a_moment_on(client: stripe.StripeClient, agency: str) -> None:
    at: Any = {"stripe_account": agency}
    made = client.v1.customers.create({"email": "a@x.test"}, at)
    found: Any = client.v1.events.list({"type": "customer.created", "created": {"gte": made.created}}, at)
    assert [one.data.object.id for one in found.data] == [made.id]
    assert found.data[0].account == agency
    assert client.v1.events.list({"created": {"gt": made.created + 60}}, at).data == []
