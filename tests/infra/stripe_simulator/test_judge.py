"""The judge: what Stripe's own types do not allow does not pass, in either direction."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlencode

import pytest
import stripe
from stripe._object_classes import OBJECT_CLASSES, V2_OBJECT_CLASSES

from infra.stripe_simulator import judge
from infra.stripe_simulator.running import Simulator
from infra.stripe_simulator.world import World

Object = dict[str, Any]
ROUTE = ("POST", "/v1/checkout/sessions")
GOOD: Object = {
    "mode": "payment",
    "ui_mode": "embedded_page",
    "return_url": "http://x.test/",
    "line_items": [
        {
            "quantity": "2",
            "price_data": {"currency": "eur", "unit_amount": "1000", "product_data": {"name": "x"}},
        }
    ],
}


def _said(params: Object, *, form: bool = True, route: tuple[str, str] = ROUTE) -> list[tuple[str, str]]:
    _, findings = judge.judge_request(*route, params, form=form)
    return [(each.kind, each.path) for each in findings]


def test_the_wheel_is_the_pinned_one_and_all_of_it_was_read() -> None:
    assert stripe.VERSION.startswith("15.6.")
    assert len(judge.endpoints()) > 500
    assert len([one for one in judge.endpoints() if one.params]) > 400


def test_a_right_request_passes_and_its_numbers_become_numbers() -> None:
    params, findings = judge.judge_request(*ROUTE, GOOD, form=True)
    assert findings == []
    assert params["line_items"][0]["price_data"]["unit_amount"] == 1000
    assert params["line_items"][0]["quantity"] == 2


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"return_adress": "x"}, ("unknown", "return_adress")),
        ({"metadata": "words"}, ("invalid", "metadata")),
        ({"ui_mode": "embedded"}, ("invalid", "ui_mode")),
        ({"mode": "gift"}, ("invalid", "mode")),
        ({"expires_at": "tomorrow"}, ("invalid", "expires_at")),
        ({"line_items": [{"quantity": "two"}]}, ("invalid", "line_items[0].quantity")),
        ({"line_items": [{"qty": "2"}]}, ("unknown", "line_items[0].qty")),
        ({"line_items": [{"price_data": {"unit_amount": "1"}}]}, ("missing", "line_items[0].price_data.currency")),
        (
            {"line_items": [{"price_data": {"currency": "eur", "unit_amount": "10.5"}}]},
            ("invalid", "line_items[0].price_data.unit_amount"),
        ),
        ({"payment_intent_data": {"fee": "1"}}, ("unknown", "payment_intent_data.fee")),
    ],
)  # fmt: skip
def test_a_wrong_request_is_found(change: Object, found: tuple[str, str]) -> None:
    assert _said({**GOOD, **change}) == [found]


def test_what_is_missing_at_the_top_is_found() -> None:
    assert _said({"currency": "eur"}, route=("POST", "/v1/payment_intents")) == [("missing", "amount")]


def test_json_is_read_more_strictly_than_a_form() -> None:
    case: Object = {
        "type": "account_onboarding",
        "account_onboarding": {"refresh_url": "x", "configurations": ["merchant"]},
    }
    route = ("POST", "/v2/core/account_links")
    assert _said({"account": "acct_1", "use_case": case}, form=False, route=route) == []
    assert _said({"account": 1, "use_case": case}, form=False, route=route) == [("invalid", "account")]
    assert _said({"account": "acct_1"}, form=False, route=route) == [("missing", "use_case")]


def test_an_empty_object_of_every_kind_is_complete_and_right() -> None:
    kinds = [*OBJECT_CLASSES, *V2_OBJECT_CLASSES]
    # The wheel has two names for files, of which Stripe sends one.
    wrong = {kind: judge.judge_object(judge.blank(kind)) for kind in kinds if kind != "file_upload"}
    assert {kind: found for kind, found in wrong.items() if found} == {}
    assert len(kinds) > 150


@pytest.mark.parametrize(
    ("change", "kind", "path"),
    [
        ({"colour": "red"}, "unknown", "charge.colour"),
        ({"amount": "12"}, "invalid", "charge.amount"),
        ({"amount": None}, "invalid", "charge.amount"),
        ({"paid": "yes"}, "invalid", "charge.paid"),
        ({"status": "done"}, "invalid", "charge.status"),
        ({"metadata": []}, "invalid", "charge.metadata"),
        ({"billing_details": {"email": None}}, "missing", "charge.billing_details"),
    ],
)
def test_a_wrong_object_is_found(change: Object, kind: str, path: str) -> None:
    thing = judge.blank("charge", id="ch_1", currency="eur") | change
    found = judge.judge_object(thing)
    if path == "charge.billing_details":
        assert found == []  # all of its parts may be null, so Stripe may leave them out
    else:
        assert [(each.kind, each.path) for each in found] == [(kind, path)]


def test_a_missing_field_is_found_also_inside_a_list() -> None:
    charge = judge.blank("charge", id="ch_1", currency="eur")
    del charge["amount_refunded"]
    page = {"object": "list", "data": [charge], "has_more": False, "url": "/v1/charges"}
    assert [(each.kind, each.path) for each in judge.judge_object(page)] == [
        ("missing", "charge.amount_refunded")
    ]


def test_a_field_that_stripe_does_not_have_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="colour"):
        judge.blank("charge", colour="red")


def test_a_wrong_object_that_leaves_the_simulator_is_remembered_as_its_mistake() -> None:
    world = World("http://x.test")
    merchant = world.merchant("acct_1")
    charge = merchant.new("charge", "ch", currency="eur")
    merchant.emit("charge.updated", charge)
    assert world.mistakes == []
    charge["status"] = "nearly"
    merchant.emit("charge.updated", charge)
    assert "charge.status" in world.mistakes[0]


def _raw(simulator: Simulator, path: str, params: Object) -> tuple[int, Object]:
    connection = http.client.HTTPConnection("127.0.0.1", simulator.port)
    headers = {
        "Authorization": "Bearer sk_test_simulator",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    connection.request("POST", path, urlencode(params), headers)
    answer = connection.getresponse()
    found = answer.status, json.loads(answer.read())
    connection.close()
    return found


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        ({"currency": "eur"}, "parameter_missing", "amount"),
        ({"currency": "eur", "amount": "1200", "colour": "red"}, "parameter_unknown", "colour"),
        ({"currency": "eur", "amount": "12.00"}, "parameter_invalid", "amount"),
        (
            {"currency": "eur", "amount": "1200", "transfer_data[to]": "x"},
            "parameter_unknown",
            "transfer_data[to]",
        ),
    ],
)
def test_a_wrong_request_is_answered_with_400_in_stripes_words(
    simulator: Simulator, params: Object, code: str, param: str
) -> None:
    status, answer = _raw(simulator, "/v1/payment_intents", params)
    error = answer["error"]
    assert (status, error["type"], error["code"], error["param"]) == (
        400,
        "invalid_request_error",
        code,
        param,
    )
    assert simulator.requests()[-1]["refused"]


def test_an_address_that_stripe_does_not_have_is_404(simulator: Simulator) -> None:
    status, answer = _raw(simulator, "/v1/fortunes", {})
    assert (status, answer["error"]["message"]) == (404, "Unrecognized request URL (POST: /v1/fortunes).")
