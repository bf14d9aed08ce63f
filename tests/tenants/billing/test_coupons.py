"""Operators make coupons, put them on, take them off and drop them; each with a reason in their log."""

import re
import urllib.parse
import urllib.request

from django.test import Client as Browser

from tenants.operators.models import Entry
from tests.tenants.billing.conftest import Desk

WHY = {"reason": "Spring offer"}


def test_a_coupon_is_made_put_on_taken_off_and_dropped(desk: Desk, otto_browser: Browser) -> None:
    desk.buy()
    desk.hear()
    made = otto_browser.post(
        "/operators/billing/coupons/", {"name": "Spring", "percent": 20, "months": 3} | WHY
    )
    assert made.status_code == 302
    page = otto_browser.get("/operators/billing/coupons/").content.decode()
    coupon = re.search(r"<code>([\w-]+)</code>", page)
    assert coupon and "for 3 months" in page
    at = f"/operators/billing/{desk.agency.id}"
    put = {"coupon-coupon": coupon[1], "coupon-reason": "Spring offer"}
    assert otto_browser.post(f"{at}/coupon/", put).status_code == 302
    assert desk.row.coupon == "Spring" and "coupon Spring" in desk.page()
    assert otto_browser.post(f"{at}/coupon-off/", {"coupon-off-reason": "Over"}).status_code == 302
    assert desk.row.coupon == ""
    wrong = otto_browser.post("/operators/billing/coupons/", {"drop": "yes", "drop-coupon": coupon[1]})
    assert wrong.status_code == 422
    gone = {"drop": "yes", "drop-coupon": coupon[1], "drop-reason": "Over"}
    assert otto_browser.post("/operators/billing/coupons/", gone).status_code == 302
    assert coupon[1] not in otto_browser.get("/operators/billing/coupons/").content.decode()
    told = list(Entry.objects.values_list("verb", "after", "reason"))
    assert len(told) == 4 and all(verb == "coupon" and reason for verb, _, reason in told)


def test_a_code_is_typed_when_a_plan_is_bought(desk: Desk, otto_browser: Browser) -> None:
    made = {"name": "Half", "percent": 50, "months": "", "code": "HALF50"} | WHY
    assert otto_browser.post("/operators/billing/coupons/", made).status_code == 302
    assert "HALF50" in otto_browser.get("/operators/billing/coupons/").content.decode()
    address = desk.post("checkout", plan=2, interval="month")["Location"]
    typed = urllib.parse.urlencode({"apply": "yes", "code": "HALF50"}).encode()
    with urllib.request.urlopen(address, typed, timeout=10) as page:
        assert "39.50" in page.read().decode()
    assert otto_browser.post("/operators/billing/coupons/", made | {"code": "a b"}).status_code == 422


def test_an_unknown_coupon_is_said_and_leaves_no_entry(desk: Desk, otto_browser: Browser) -> None:
    desk.buy()
    desk.hear()
    put = {"coupon-coupon": "NOPE", "coupon-reason": "x"}
    assert otto_browser.post(f"/operators/billing/{desk.agency.id}/coupon/", put).status_code == 422
    assert not Entry.objects.exists()
