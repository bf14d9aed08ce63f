"""What operators see of certificates, and what wakes them."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from infra.embedded.minting import BEFORE, Minted, leaf
from kit import clock
from tenants.certificates import budgets, bundles, health, renewing
from tenants.certificates.issuing import Postponed, issue
from tenants.certificates.models import AcmeAccount, Bundle, Order
from tests.rig.acme_front import AcmeFront
from tests.tenants.certificates.conftest import NEW

CA = "https://ca.example/dir"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def _configured(settings: Settings) -> None:
    settings.ACME_DIRECTORY = CA


def _stored(root: Minted, host: str, ends_in: timedelta) -> None:
    begins = clock.now() + ends_in - 90 * DAY
    minted = leaf(root, host, life=90 * DAY + BEFORE, at=begins)
    bundles.store(host, minted.pem, minted.key_pem, directory=CA)


def test_where_all_is_well_there_is_nothing_to_say(db: None, root: Minted) -> None:
    _stored(root, "a.example", 80 * DAY)
    assert health.alerts() == []
    found = health.summary()
    assert found.is_configured and [one.directory for one in found.authorities] == [CA]
    assert found.authorities[0].is_primary and found.authorities[0].succeeded_at is None


def test_certificates_are_counted_by_when_they_end(db: None, root: Minted) -> None:
    for number, ends_in in enumerate((-HOUR, HOUR, 2 * DAY, 3 * DAY - HOUR, 6 * DAY, 80 * DAY)):
        _stored(root, f"n{number}.example", ends_in)
    found = health.summary(most=2)
    assert {one.words: one.count for one in found.expiring} == {
        "expired": 1,
        "within a day": 1,
        "within 3 days": 2,
        "within 7 days": 1,
        "later": 1,
    }
    assert [one.host for one in found.soonest] == ["n0.example", "n1.example"]
    said = " ".join(health.alerts())
    assert "1 certificates have expired" in said and "1 certificates expire within a day" in said
    assert "5 renewals are more than a day late" in said


def test_what_nobody_serves_wakes_nobody(db: None, root: Minted) -> None:
    _stored(root, "a.example", HOUR)
    Bundle.objects.update(renewal_problem=renewing.NOT_SERVED)
    assert health.alerts() == []


def test_a_ca_that_fails_again_and_again_is_named_with_its_words(front: AcmeFront) -> None:
    front.refused["newOrder"] = (500, "serverInternal", "the database is full")
    for number in range(health.MANY_FAILURES):
        assert not any("database is full" in line for line in health.alerts())
        with pytest.raises(Postponed):
            issue(f"n{number}.example")
    (line,) = health.alerts()
    assert "has failed 5 times: serverInternal, the database is full" in line
    one = health.summary().authorities[0]
    assert one.failures_in_row == 5 and one.open_orders == 5 and one.problem == "serverInternal"
    front.refused.clear()
    issue("n0.example")
    assert health.alerts() == [] and health.summary().authorities[0].succeeded_at


def test_limits_that_are_nearly_spent_are_named(db: None) -> None:
    for _ in range(4):
        assert health.alerts() == []
        budgets.take(CA, "a.example")
    (line,) = health.alerts()
    assert "4 of 5 orders for one name (a.example)" in line


def test_keys_that_are_not_known_any_more_are_counted(db: None, root: Minted, settings: Settings) -> None:
    _stored(root, "a.example", 80 * DAY)
    settings.CERTIFICATE_KEYS = [NEW]
    assert health.summary().unopened == 1
    (line,) = health.alerts()
    assert "1 private keys are sealed by a key" in line
    settings.CERTIFICATE_KEYS = []
    assert "CERTIFICATE_KEYS is empty" in health.alerts()[0]


def test_a_ca_that_we_left_is_shown_but_wakes_nobody(db: None) -> None:
    AcmeAccount.objects.create(
        directory="https://old.example/dir", sealed_key=b"x", key_name="old", failures_in_row=99
    )
    Order.objects.create(
        host="a.example", directory="https://old.example/dir", sealed_key=b"x", key_name="old"
    )
    old = health.summary().authorities[1]
    assert not old.is_used and old.open_orders == 1 and health.alerts() == []


def test_without_a_ca_nothing_is_alarming(db: None, settings: Settings) -> None:
    settings.ACME_DIRECTORY, settings.CERTIFICATE_KEYS = "", []
    assert health.alerts() == [] and not health.summary().is_configured
