"""Certificates are renewed in time, when their CA wants it, for whom somebody still serves."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from infra.embedded.minting import BEFORE, Minted, leaf
from infra.embedded.processes import free_port
from kit import clock
from tenants.certificates import budgets, bundles, renewal_times, renewing, storms
from tenants.certificates.issuing import Postponed, issue
from tenants.certificates.models import Bundle, Challenge, Order
from tests.rig import acme
from tests.rig.acme_front import AcmeFront

HOST = "portal.northwind.example"
Heard = list[tuple[str, bool, str]]


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """The hosts that somebody still serves."""
    hosts = {HOST}
    monkeypatch.setattr(renewing, "_checks", [])
    renewing.keeps(lambda host: host in hosts)
    yield hosts


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    """What those who listen were told: host, whether renewed, why not."""
    told: Heard = []
    monkeypatch.setattr(renewing, "_ears", [])
    renewing.hears(lambda host, bundle, problem: told.append((host, bundle is not None, problem)))
    return told


def make_due(host: str = HOST) -> None:
    Bundle.objects.filter(host=host).update(renew_at=clock.now() - timedelta(minutes=1))


def test_a_due_certificate_is_replaced(front: AcmeFront, served: set[str], heard: Heard) -> None:
    old = issue(HOST)
    assert renewing.due() == []
    make_due()
    assert renewing.due() == [HOST]
    assert storms.work_off()[0] == 1
    new = Bundle.objects.get()
    assert new.serial != old.serial and new.version > old.version and renewing.due() == []
    assert front.orders[1]["replaces"] == old.certificate_id
    assert heard == [(HOST, True, "")]


def test_a_host_that_nobody_serves_is_not_renewed_but_asked_about_again(
    front: AcmeFront, served: set[str], heard: Heard
) -> None:
    issue(HOST)
    make_due()
    served.clear()
    assert storms.work_off()[0] == 0 and len(front.orders) == 1 and heard == []
    assert renewing.due() == []
    served.add(HOST)
    Bundle.objects.update(renewal_next_at=clock.now() - timedelta(seconds=1))
    assert storms.work_off()[0] == 1


def test_what_was_brought_by_hand_is_left_alone(db: None, root: Minted, served: set[str]) -> None:
    minted = leaf(root, HOST, life=timedelta(hours=2))
    bundles.store(HOST, minted.pem, minted.key_pem)
    make_due()
    assert renewing.due() == [] and renewal_times.to_ask(10) == []


def test_the_old_one_is_served_while_the_ca_says_no(front: AcmeFront, served: set[str], heard: Heard) -> None:
    old = issue(HOST)
    make_due()
    front.refused["finalize"] = (403, "caa", "CAA forbids it")
    assert storms.work_off()[0] == 0
    bundle = Bundle.objects.get()
    assert (bundle.serial, bundle.renewal_problem, bundle.renewal_failures) == (old.serial, "caa", 1)
    assert heard == [(HOST, False, "caa")] and renewing.due() == []
    front.refused.clear()
    Bundle.objects.update(renewal_next_at=clock.now())
    assert storms.work_off()[0] == 1
    assert (Bundle.objects.get().renewal_problem, Bundle.objects.get().renewal_failures) == ("", 0)


def test_who_listens_badly_does_not_stop_renewals(front: AcmeFront, served: set[str], heard: Heard) -> None:
    @renewing.hears
    def breaks(host: str, bundle: Bundle | None, problem: str) -> None:
        raise RuntimeError

    issue(HOST)
    make_due()
    assert storms.work_off()[0] == 1


DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


@pytest.mark.parametrize(
    ("failures", "left", "asked", "wait"),
    [
        (1, 30 * DAY, 0 * DAY, MINUTE),
        (2, 30 * DAY, 0 * DAY, 10 * MINUTE),
        (3, 30 * DAY, 0 * DAY, 100 * MINUTE),
        (4, 30 * DAY, 0 * DAY, DAY),
        (40, 30 * DAY, 0 * DAY, DAY),
        (4, 2 * DAY, 0 * DAY, 6 * HOUR),
        (4, 2 * HOUR, 0 * DAY, 15 * MINUTE),
        (4, 10 * MINUTE, 0 * DAY, 15 * MINUTE),
        (1, 10 * MINUTE, 0 * DAY, MINUTE),
        (4, -DAY, 0 * DAY, HOUR),
        (1, 30 * DAY, 3 * HOUR, 3 * HOUR),
        (1, HOUR, 3 * HOUR, 3 * HOUR),
    ],
)
def test_failures_wait_longer_but_never_too_long(
    failures: int, left: timedelta, asked: timedelta, wait: timedelta
) -> None:
    assert renewing.next_try(failures, left, asked) == wait


def test_the_ca_says_when_and_the_moment_is_chosen_once(front: AcmeFront) -> None:
    bundle = issue(HOST)
    start, end = clock.now() + DAY, clock.now() + 3 * DAY
    front.windows["*"] = (start, end)
    assert storms.work_off() == (0, 1)
    chosen = Bundle.objects.get()
    assert start <= chosen.renew_at <= end and bundle.version == chosen.version
    assert chosen.ari_next_at == pytest.approx(clock.now() + 6 * HOUR, abs=MINUTE), "as its Retry-After says"
    assert storms.work_off() == (0, 0), "not asked again before that"
    for _ in range(3):
        Bundle.objects.update(ari_next_at=clock.now())
        storms.work_off()
        assert Bundle.objects.get().renew_at == chosen.renew_at
    front.windows["*"] = (start + 9 * DAY, end + 9 * DAY)
    Bundle.objects.update(ari_next_at=clock.now())
    storms.work_off()
    assert start + 9 * DAY <= Bundle.objects.get().renew_at <= end + 9 * DAY


def test_moments_are_spread_over_the_window(front: AcmeFront) -> None:
    issue(HOST)
    front.windows["*"] = (clock.now() + DAY, clock.now() + 3 * DAY)
    moments = set()
    for _ in range(5):
        Bundle.objects.update(ari_checked_at=None, ari_next_at=None, renew_at=clock.now() + 30 * DAY)
        storms.work_off()
        moments.add(Bundle.objects.get().renew_at)
    assert len(moments) == 5


def test_a_window_in_the_past_means_now(front: AcmeFront, served: set[str]) -> None:
    issue(HOST)
    front.windows["*"] = (clock.now() - 3 * DAY, clock.now() - DAY)
    assert storms.work_off() == (0, 1)
    assert storms.work_off()[0] == 1, "a revoked certificate is replaced within a minute"


def test_age_decides_when_the_ca_wants_it_later(front: AcmeFront) -> None:
    bundle = issue(HOST)
    front.windows["*"] = (bundle.not_after - DAY, bundle.not_after - HOUR)
    storms.work_off()
    assert Bundle.objects.get().renew_at == bundle.renew_at


@pytest.mark.parametrize(
    ("retry_after", "wait"), [("1", MINUTE), ("600", 10 * MINUTE), ("999999999", DAY), ("soon", 12 * HOUR)]
)
def test_the_next_question_is_within_a_minute_and_a_day(
    retry_after: str, wait: timedelta, front: AcmeFront
) -> None:
    issue(HOST)
    front.windows["*"], front.retry_after = (clock.now() + DAY, clock.now() + 3 * DAY), retry_after
    storms.work_off()
    assert Bundle.objects.get().ari_next_at == pytest.approx(clock.now() + wait, abs=MINUTE / 2)


def test_nonsense_and_no_renewal_information_leave_the_age_to_decide(front: AcmeFront) -> None:
    bundle = issue(HOST)
    front.windows["*"] = (clock.now() + 3 * DAY, clock.now() + DAY)
    storms.work_off()
    front.has_renewals = False
    Bundle.objects.update(ari_next_at=None)
    storms.work_off()
    found = Bundle.objects.get()
    assert found.renew_at == bundle.renew_at and found.ari_next_at and found.ari_next_at > clock.now()


def test_an_expired_certificate_is_not_asked_about(db: None, root: Minted) -> None:
    old = leaf(root, HOST, life=3 * DAY, at=clock.now() - 4 * DAY)
    bundles.store(HOST, old.pem, old.key_pem, directory="https://ca.example/dir")
    assert renewal_times.to_ask(10) == [] and renewing.due() == [HOST]


def test_a_ca_that_is_down_is_asked_once_a_minute_not_once_a_host(
    committed_db: None, root: Minted, settings: object, served: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def fail(host: str, *, replaces: str) -> Bundle:
        asked.append(host)
        raise Postponed(60, "unreachable", "nobody there")

    monkeypatch.setattr(renewing, "issue", fail)
    for number in range(5):
        _stored(root, f"n{number}.example", clock.now())
        served.add(f"n{number}.example")
    make_due("n0.example")
    Bundle.objects.update(renew_at=clock.now())
    for expected in range(1, 6):
        storms.work_off()
        assert len(asked) == expected
    assert len(set(asked)) == 5, "each minute another one"


def _stored(root: Minted, host: str, at: datetime) -> None:
    minted = leaf(root, host, life=6 * DAY + BEFORE, at=at)
    bundles.store(host, minted.pem, minted.key_pem, directory="https://127.0.0.1:1/dir")


def test_two_hundred_six_day_certificates_survive_two_days_without_their_ca(
    front: AcmeFront, root: Minted, served: set[str]
) -> None:
    """Simulated time ends at the real one, because Pebble dates its certificates by its own clock."""
    real = datetime.now(UTC)
    hosts = [f"portal.agency-{number}.example" for number in range(200)]
    served.update(hosts)
    # Half of their lives is over when the CA goes down, two days before now.
    for host in hosts:
        _stored(root, host, real - 5 * DAY)
    Bundle.objects.update(directory=front.directory)
    old = list(Bundle.objects.values_list("serial", flat=True))
    acme.use(f"https://127.0.0.1:{free_port()}/dir", front.ca_file)
    with time_machine.travel(real - 2 * DAY, tick=False) as now:
        while clock.now() < real:
            assert storms.work_off()[0] == 0
            assert not Bundle.objects.filter(not_after__lte=clock.now()).exists()
            now.shift(15 * 60)
        failed = set(Bundle.objects.values_list("renewal_failures", flat=True))
        assert max(failed) < 30, "the CA was not hammered"
        acme.use(front.directory, front.ca_file)
        longest = 0
        while waiting := Bundle.objects.filter(serial__in=old).count():
            renewed, _ = storms.work_off()
            longest = max(longest, renewed)
            assert not Bundle.objects.filter(not_after__lte=clock.now()).exists(), "none has run out"
            assert clock.now() < real + DAY, f"{waiting} still wait"
            now.shift(60)
    assert 0 < longest <= storms.MOST_RENEWALS
    assert len(front.orders) == 200 and all(order["replaces"] for order in front.orders)


def test_a_storm_keeps_to_the_limits_of_a_ca_without_renewal_information(
    front: AcmeFront, root: Minted, served: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fifteen are due at once, six orders in three hours are allowed: then one each half an hour."""
    front.has_renewals = False
    few = replace(budgets.LIMITS[0], most=6)
    monkeypatch.setattr(budgets, "LIMITS", (few, *budgets.LIMITS[1:]))
    hosts = [f"portal.agency-{number}.example" for number in range(15)]
    served.update(hosts)
    real = datetime.now(UTC)
    with time_machine.travel(real, tick=False) as now:
        for host in hosts:
            _stored(root, host, real - 5 * DAY)
        Bundle.objects.update(directory=front.directory)
        old = list(Bundle.objects.values_list("serial", flat=True))
        while waiting := Bundle.objects.filter(serial__in=old).count():
            storms.work_off()
            assert len(front.orders) <= 6 + (clock.now() - real) / (HOUR / 2), "no burst"
            assert clock.now() < real + DAY, f"{waiting} still wait"
            assert not Bundle.objects.filter(not_after__lte=clock.now()).exists()
            now.shift(10 * 60)
    assert len(front.orders) == 15


def test_orders_and_answers_of_long_ago_are_forgotten(db: None) -> None:
    old = clock.now() - 91 * DAY
    for state, ended in (("done", old), ("failed", clock.now()), ("open", None)):
        Order.objects.create(
            host=f"{state}.example",
            state=state,
            ended_at=ended,
            directory="d",
            sealed_key=b"",
            key_name="old",
        )
    Challenge.objects.create(token="t", host="a.example", key_authorization="t.x", created_at=old)
    storms.tidy()
    assert set(Order.objects.values_list("state", flat=True)) == {"failed", "open"}
    assert not Challenge.objects.exists()
