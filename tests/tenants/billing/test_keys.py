"""Rule 5 for what agencies pay us: two clicks at the same moment are one change at Stripe."""

from tests.tenants.billing.conftest import Desk
from tests.tenants.billing.test_buying import SCALE_MONTH, shown_moment


def test_the_key_of_an_upgrade_is_made_of_what_is_bought_and_shown(desk: Desk) -> None:
    desk.buy()
    desk.hear()
    at = shown_moment(desk.page("change/?plan=3&interval=month"))
    desk.post("upgrade", **SCALE_MONTH, at=at)
    subscription = str(desk.row.stripe_subscription_id)
    keys = {
        one["idempotency_key"]
        for one in desk.stripe.requests(f"/v1/subscriptions/{subscription}")
        if str(one["idempotency_key"]).startswith("upgrade:")
    }
    assert keys == {f"upgrade:{subscription}:3:month:{at}"}
