"""A certificate is got from a real ACME server, whatever that is like and whatever it says."""

import base64
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from infra.embedded.minting import Minted, leaf
from infra.embedded.pebble import Pebble
from infra.embedded.processes import free_port
from kit import clock
from tenants.certificates import accounts, budgets, bundles, ordering
from tenants.certificates.issuing import Postponed, Rejected, issue
from tenants.certificates.models import AcmeAccount, Bundle, Challenge, Order
from tests.rig import acme
from tests.rig.acme import Grounds
from tests.rig.acme_front import AcmeFront
from tests.tenants.certificates.conftest import NEW, OLD

HOST = "portal.northwind.example"
EAB_KEY = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"


def test_a_name_that_leads_to_us_gets_its_certificate(front: AcmeFront) -> None:
    bundle = issue(HOST)
    pem = bundles.pem_of(HOST)
    assert pem and pem.count(b"BEGIN CERTIFICATE") >= 2 and b"BEGIN PRIVATE KEY" in pem
    assert bundle.directory == front.directory and bundle.serial
    order = Order.objects.get()
    assert (order.state, bytes(order.sealed_key)) == ("done", b"")
    assert not Challenge.objects.exists()
    account = AcmeAccount.objects.get()
    assert (
        account.failures_in_row == 0 and account.succeeded_at and b"PRIVATE" not in bytes(account.sealed_key)
    )


def test_asking_again_orders_nothing_while_the_certificate_is_good(front: AcmeFront) -> None:
    first = issue(HOST)
    assert issue(HOST).serial == first.serial and len(front.orders) == 1


def test_eight_threads_place_one_order(front: AcmeFront) -> None:
    together = threading.Barrier(8)

    def ask(_: int) -> str:
        try:
            together.wait()
            return str(issue(HOST).serial)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        serials = set(threads.map(ask, range(8)))
    assert len(serials) == 1 and len(front.orders) == 1 and front.count("newAccount") <= 2
    assert AcmeAccount.objects.count() == 1 and Order.objects.count() == 1


def test_a_renewal_has_a_new_key_and_says_what_it_replaces(front: AcmeFront) -> None:
    first = issue(HOST)
    key = (bundles.pem_of(HOST) or b"").partition(b"-----BEGIN PRIVATE KEY")[2]
    second = issue(HOST, replaces=first.certificate_id)
    assert second.serial != first.serial and front.orders[1]["replaces"] == first.certificate_id
    assert (bundles.pem_of(HOST) or b"").partition(b"-----BEGIN PRIVATE KEY")[2] != key
    # A worker that is late, and still believes in the first one, orders nothing.
    assert issue(HOST, replaces=first.certificate_id).serial == second.serial
    assert [one.used for one in budgets.used(front.directory)] == [1, 1, 1], "only the first counts"


def test_what_was_replaced_already_is_ordered_without_saying_so_and_counts(front: AcmeFront) -> None:
    first = issue(HOST)
    front.orders[0]["replaces"] = first.certificate_id
    issue(HOST, replaces=first.certificate_id)
    assert "replaces" not in front.orders[1]
    assert [one.used for one in budgets.used(front.directory)] == [2, 2, 2]


def _no_meta(front: AcmeFront) -> None:
    front.has_meta = front.has_renewals = False


def _relative(front: AcmeFront) -> None:
    front.is_relative = True


@pytest.mark.parametrize("oddity", [_no_meta, _relative])
def test_what_a_ca_leaves_out_or_does_its_own_way_is_no_hindrance(
    oddity: Callable[[AcmeFront], None], front: AcmeFront, settings: Settings
) -> None:
    settings.ACME_PROFILE = "shortlived"
    oddity(front)
    first = issue(HOST)
    assert issue(HOST, replaces=first.certificate_id).serial != first.serial
    assert all("profile" not in order for order in front.orders)


def test_a_ca_that_closes_kept_connections_is_no_hindrance(ca: Grounds, tmp_path: Path) -> None:
    ca.zones.set("*.example", ("A", "127.0.0.1"))
    # A good nonce that is refused when a request is sent the second time is taken for one that was used up.
    never = {"environment": {"PEBBLE_WFE_NONCEREJECT": "0"}}
    with Pebble(tmp_path, ca.dns, http_port=ca.http_port, **never) as pebble, AcmeFront(pebble) as front:  # type: ignore[arg-type]
        acme.use(front.directory, front.ca_file)
        front.keeps_alive = False
        first = issue(HOST)
        assert issue(HOST, replaces=first.certificate_id).serial != first.serial


def test_a_profile_is_asked_for_where_there_is_one(front: AcmeFront, settings: Settings) -> None:
    settings.ACME_PROFILE, front.profiles = "shortlived", {"shortlived": "160 hours"}
    issue(HOST)
    assert front.orders[0]["profile"] == "shortlived"


def test_a_name_that_is_valid_already_is_not_asked_about(
    ca: Grounds, settings: Settings, tmp_path: Path
) -> None:
    ca.zones.set("*.example", ("A", "127.0.0.1"))
    always = {"environment": {"PEBBLE_AUTHZREUSE": "100"}}
    with Pebble(tmp_path, ca.dns, http_port=ca.http_port, **always) as pebble, AcmeFront(pebble) as front:  # type: ignore[arg-type]
        acme.use(front.directory, front.ca_file)
        first = issue(HOST)
        issue(HOST, replaces=first.certificate_id)
        assert len(front.orders) == 2 and front.count("challenge") == 1


def test_a_lost_answer_to_an_order_does_not_make_two(front: AcmeFront) -> None:
    front.lost.add("newOrder")
    with pytest.raises(Postponed) as postponed:
        issue(HOST)
    assert postponed.value.code == "unreachable" and Order.objects.get().state == "open"
    issue(HOST)
    assert len(front.orders) == 1 and Order.objects.count() == 1


@pytest.mark.parametrize("kind", ["challenge", "finalize", "certificate"])
def test_a_lost_answer_later_on_is_gone_on_from(kind: str, front: AcmeFront) -> None:
    front.lost.add(kind)
    # Sent once more at once, it may come through.
    with suppress(Postponed):
        issue(HOST)
    issue(HOST)
    assert len(front.orders) == 1 and len(front.answered) == 1


def test_a_slow_ca_leaves_the_order_open(front: AcmeFront, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ordering, "DEADLINE_SECONDS", 0.2)
    unanswered = threading.Event()

    def slowly(kind: str) -> None:
        if kind == "challenge":
            unanswered.wait(0.5)

    front.delay = slowly
    with pytest.raises(Postponed, match="timeout"):
        issue(HOST)
    assert Order.objects.get().state == "open"
    monkeypatch.setattr(ordering, "DEADLINE_SECONDS", 60)
    issue(HOST)
    assert len(front.orders) == 1 and len(front.answered) == 1


def test_a_ca_that_hangs_is_given_up_after_its_time(ca: Grounds, monkeypatch: pytest.MonkeyPatch) -> None:
    ca.zones.set(HOST, ("A", "127.0.0.1"))
    monkeypatch.setattr("tenants.certificates.client.TOTAL_SECONDS", 0.3)
    ca.pebble.freeze()
    try:
        with pytest.raises(Postponed) as postponed:
            issue(HOST)
    finally:
        ca.pebble.thaw()
    assert postponed.value.code == "timeout" and not Order.objects.exists()
    assert [one.used for one in budgets.used(ca.pebble.directory)] == [0, 0, 0], "nothing is spent on it"
    account = AcmeAccount.objects.get()
    assert (account.failures_in_row, account.problem) == (1, "timeout")


def test_a_ca_that_is_down_costs_nothing(committed_db: None, settings: Settings) -> None:
    settings.ACME_DIRECTORY = f"https://127.0.0.1:{free_port()}/dir"
    with pytest.raises(Postponed) as postponed:
        issue(HOST)
    assert postponed.value.code == "unreachable" and postponed.value.seconds > 0
    assert not Order.objects.exists()


def test_without_a_ca_that_is_said(db: None, settings: Settings) -> None:
    settings.ACME_DIRECTORY = ""
    with pytest.raises(Postponed, match="no certificate authority"):
        issue(HOST)


@pytest.mark.parametrize(("retry_after", "seconds"), [("7200", 7200), ("Fri, 01 Jan 2100 00:00:00 GMT", 1e9)])
def test_a_rate_limit_is_kept_to_the_second(retry_after: str, seconds: float, front: AcmeFront) -> None:
    front.limited[HOST] = ("too many certificates already issued", retry_after)
    with pytest.raises(Postponed) as postponed:
        issue(HOST)
    assert postponed.value.code == "rateLimited" and postponed.value.seconds >= seconds
    assert postponed.value.detail == "too many certificates already issued"
    order = Order.objects.get()
    assert (order.state, order.problem, bytes(order.sealed_key)) == ("failed", "rateLimited", b"")


def test_a_name_that_does_not_lead_here_is_rejected_with_the_reason(ca: Grounds) -> None:
    with pytest.raises(Rejected) as rejected:
        issue("nowhere.example")
    assert rejected.value.code in ("dns", "connection", "unknownHost") and not rejected.value.permanent
    assert "nowhere.example" in rejected.value.detail
    assert Order.objects.get().state == "failed" and not Challenge.objects.exists()
    assert AcmeAccount.objects.get().failures_in_row == 0, "the CA did its work"


def test_a_wrong_answer_on_the_name_is_rejected(ca: Grounds, monkeypatch: pytest.MonkeyPatch) -> None:
    ca.zones.set(HOST, ("A", "127.0.0.1"))
    monkeypatch.setattr("tenants.certificates.ordering.b64encode", lambda raw: b"somebody-elses")
    with pytest.raises(Rejected) as rejected:
        issue(HOST)
    assert rejected.value.code in ("unauthorized", "incorrectResponse")
    assert "somebody-elses" in rejected.value.detail


def test_a_name_that_the_ca_never_gives_is_rejected_for_good(ca: Grounds, tmp_path: Path) -> None:
    with Pebble(tmp_path, ca.dns, http_port=ca.http_port, blocked=("bank.example",)) as pebble:
        acme.use(pebble.directory, pebble.ca_file)
        with pytest.raises(Rejected) as rejected:
            issue("portal.bank.example")
    assert (rejected.value.code, rejected.value.permanent) == ("rejectedIdentifier", True)


@pytest.mark.parametrize("code", ["caa", "dns", "rejectedIdentifier"])
def test_a_refusal_at_the_end_says_why_and_ends_the_order(code: str, front: AcmeFront) -> None:
    front.refused["finalize"] = (403, code, f"because of {code}")
    with pytest.raises(Rejected) as rejected:
        issue(HOST)
    assert (rejected.value.code, rejected.value.detail) == (code, f"because of {code}")
    assert Order.objects.get().state == "failed"


def test_trouble_of_the_ca_is_not_the_names(front: AcmeFront) -> None:
    front.refused["finalize"] = (500, "serverInternal", "try later")
    with pytest.raises(Postponed, match="serverInternal"):
        issue(HOST)
    front.refused.clear()
    issue(HOST)
    assert len(front.orders) == 1


def test_a_ca_that_forgot_everything_gets_our_account_and_order_again(
    ca: Grounds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ca.zones.set(HOST, ("A", "127.0.0.1"))
    pebble = Pebble(tmp_path, ca.dns, http_port=ca.http_port)
    with pebble, AcmeFront(pebble) as front:
        acme.use(front.directory, front.ca_file)
        front.refused["finalize"] = (500, "serverInternal", "about to be restarted")
        with pytest.raises(Postponed):
            issue(HOST)
        front.refused.clear()
        before = AcmeAccount.objects.get()
        pebble.stop()
        pebble.start()
        issue(HOST)
    after = AcmeAccount.objects.get()
    assert bytes(after.sealed_key) == bytes(before.sealed_key)
    assert list(Order.objects.order_by("pk").values_list("state", "problem")) == [
        ("failed", "stale"),
        ("done", ""),
    ]


def test_a_ca_that_wants_an_external_account_gets_it(ca: Grounds, settings: Settings, tmp_path: Path) -> None:
    ca.zones.set(HOST, ("A", "127.0.0.1"))
    with Pebble(tmp_path, ca.dns, http_port=ca.http_port, eab={"kid-1": EAB_KEY}) as pebble:
        acme.use(pebble.directory, pebble.ca_file)
        with pytest.raises(Postponed, match="ACME_EAB_KID"):
            issue(HOST)
        acme.use(pebble.directory, pebble.ca_file, ACME_EAB_KID="kid-1", ACME_EAB_KEY=EAB_KEY)
        assert issue(HOST).directory == pebble.directory


def test_spent_limits_lead_to_the_fallback(
    front: AcmeFront, tmp_path: Path, ca: Grounds, settings: Settings
) -> None:
    for _ in range(5):
        assert budgets.take(front.directory, HOST) == 0
    with pytest.raises(Postponed) as postponed:
        issue(HOST)
    assert postponed.value.code == "rateLimited" and 0 < postponed.value.seconds <= 7 * 86_400
    assert front.count("newOrder") == 0
    with Pebble(tmp_path, ca.dns, http_port=ca.http_port) as other:
        settings.ACME_FALLBACK_DIRECTORY, settings.ACME_FALLBACK_CA_FILE = other.directory, str(other.ca_file)
        assert issue(HOST).directory == other.directory


@pytest.mark.parametrize("how", ["limited", "down"])
def test_a_first_ca_that_cannot_leads_to_the_fallback(
    how: str, front: AcmeFront, tmp_path: Path, ca: Grounds, settings: Settings
) -> None:
    front.limited[HOST] = ("too many", "86400")
    if how == "down":
        settings.ACME_DIRECTORY = f"https://127.0.0.1:{free_port()}/dir"
    with Pebble(tmp_path, ca.dns, http_port=ca.http_port) as other:
        settings.ACME_FALLBACK_DIRECTORY, settings.ACME_FALLBACK_CA_FILE = other.directory, str(other.ca_file)
        assert issue(HOST).directory == other.directory


def test_a_name_that_is_removed_meanwhile_is_not_stored(front: AcmeFront) -> None:
    def remove(kind: str) -> None:
        if kind == "certificate":
            with transaction.atomic():
                bundles.forget(HOST)
            connection.close()

    front.delay = remove
    with pytest.raises(Rejected, match="removed"):
        issue(HOST)
    assert not Bundle.objects.exists() and Order.objects.get().problem == "forgotten"


def test_an_order_whose_key_cannot_be_opened_is_given_up(front: AcmeFront, settings: Settings) -> None:
    Order.objects.create(host=HOST, directory=front.directory, sealed_key=b"x" * 60, key_name="old")
    issue(HOST)
    assert list(Order.objects.order_by("pk").values_list("state", "problem")) == [
        ("failed", "sealing"),
        ("done", ""),
    ]


def test_without_the_key_that_sealed_our_account_nothing_is_thrown_away(
    front: AcmeFront, settings: Settings
) -> None:
    issue("other.example")
    settings.CERTIFICATE_KEYS = [NEW]
    accounts._kept.cache_clear()
    with pytest.raises(Postponed) as postponed:
        issue(HOST)
    assert postponed.value.code == "configuration" and "'old'" in postponed.value.detail
    assert base64.b64decode(OLD.partition(":")[2]).decode() not in postponed.value.detail
    settings.CERTIFICATE_KEYS = [NEW, OLD]
    assert issue(HOST)


def test_an_expired_bundle_is_no_good_one(front: AcmeFront, root: Minted) -> None:
    old = leaf(root, HOST, life=timedelta(days=3), at=clock.now() - timedelta(days=4))
    bundles.store(HOST, old.pem, old.key_pem)
    assert issue(HOST).not_after > clock.now()
