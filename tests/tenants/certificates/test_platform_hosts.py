"""Without a wildcard every host of the platform gets a certificate of its own, and loses it with its agency."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache

from infra.embedded.minting import Minted
from kit import clock
from tenants.agencies.models import Agency, AgencyState
from tenants.certificates import checks, platform_hosts
from tenants.certificates.issuing import Postponed, Rejected
from tenants.certificates.jobs import renew_due
from tenants.certificates.models import Bundle, Order
from tests.rig.acme import Grounds
from tests.rig.bundles import stored

PLATFORM = "portico.example"
OURS = sorted([PLATFORM, f"app.{PLATFORM}", f"harbour.{PLATFORM}", f"northwind.{PLATFORM}"])


@pytest.fixture(autouse=True)
def _per_host(settings: Any) -> None:
    settings.PLATFORM_TLS, settings.PORTICO_HOST = "per-host", PLATFORM


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hosts for which a certificate was asked; none is given until a test says so."""
    names: list[str] = []
    monkeypatch.setattr(platform_hosts, "issue", names.append)
    return names


def _hosts() -> list[str]:
    return sorted(Bundle.objects.values_list("host", flat=True))


def test_every_host_of_the_platform_gets_one(ca: Grounds) -> None:
    for host in OURS:
        ca.zones.set(host, ("A", "127.0.0.1"))
    assert platform_hosts.keep_up() == 4
    assert _hosts() == OURS
    assert platform_hosts.keep_up() == 0 and Order.objects.count() == 4


def test_an_agency_that_is_gone_loses_its_certificate(db: None, root: Minted, asked: list[str]) -> None:
    for host in OURS:
        stored(root, host)
    Bundle.objects.update(directory="https://ca.example/")
    custom = "portal.northwind.example"
    stored(root, custom)
    Agency.objects.filter(slug="harbour").update(state=AgencyState.GONE)
    platform_hosts.keep_up()
    assert _hosts() == sorted([PLATFORM, f"app.{PLATFORM}", custom, f"northwind.{PLATFORM}"])
    assert asked == []


def test_its_certificates_are_renewed_like_all_others(ca: Grounds, root: Minted) -> None:
    """A host of ours whose certificate is due; and Charlie's, which nobody vouches for."""
    ca.zones.set(PLATFORM, ("A", "127.0.0.1"))
    old = stored(root, PLATFORM)
    stored(root, "portal.charlie.example")
    Bundle.objects.update(directory=ca.pebble.directory, renew_at=clock.now() - timedelta(days=1))
    renew_due()
    assert Bundle.objects.get(host=PLATFORM).serial != old
    assert list(Order.objects.values_list("host", flat=True)) == [PLATFORM]


@pytest.mark.parametrize("how", ["off", "wildcard"])
def test_otherwise_nothing_is_ordered_or_taken_away(
    how: str, db: None, root: Minted, settings: Any, asked: list[str]
) -> None:
    settings.PLATFORM_TLS = how
    stored(root, f"gone.{PLATFORM}")
    Bundle.objects.update(directory="https://ca.example/")
    assert platform_hosts.keep_up() == 0
    assert asked == [] and _hosts() == [f"gone.{PLATFORM}"]


def test_only_our_own_hosts_are_renewed(db: None, settings: Any) -> None:
    assert all(platform_hosts.is_kept(host) for host in OURS)
    Agency.objects.filter(slug="harbour").update(state=AgencyState.GONE)
    for other in (f"harbour.{PLATFORM}", f"nobody.{PLATFORM}", "portal.northwind.example", f"a.b.{PLATFORM}"):
        assert not platform_hosts.is_kept(other), other
    settings.PLATFORM_TLS = "wildcard"
    assert not platform_hosts.is_kept(PLATFORM)


def test_a_host_that_the_ca_refuses_waits_longer_each_time_and_holds_up_nobody(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def refuse(host: str) -> None:
        asked.append(host)
        at = clock.now()
        Order.objects.create(
            host=host,
            directory="https://ca.example/",
            state="failed",
            sealed_key=b"",
            problem="dns",
            ended_at=at,
        )
        raise Rejected("dns", "no such name")

    monkeypatch.setattr(platform_hosts, "issue", refuse)
    with time_machine.travel("2026-01-05 09:00Z", tick=False) as now:
        platform_hosts.keep_up()
        assert sorted(asked) == OURS
        for wait in (1, 10, 100, 24 * 60, 24 * 60):
            asked.clear()
            now.shift(timedelta(minutes=wait, seconds=-1))
            platform_hosts.keep_up()
            assert asked == [], wait
            now.shift(timedelta(seconds=1))
            platform_hosts.keep_up()
            assert sorted(asked) == OURS, wait


def test_what_the_ca_postpones_is_waited_for(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def postpone(host: str) -> None:
        asked.append(host)
        raise Postponed(600, "rateLimited", "too many")

    monkeypatch.setattr(platform_hosts, "issue", postpone)
    platform_hosts.keep_up()
    platform_hosts.keep_up()
    assert asked == [PLATFORM]
    cache.delete(platform_hosts.WAIT)
    platform_hosts.keep_up()
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"PLATFORM_TLS": "off"}, []),
        ({"PLATFORM_TLS": "wildcard"}, ["certificates.E001"]),
        ({"PLATFORM_TLS": "wildcard", "EDGE_WILDCARD_CERT": "/etc/x.pem"}, []),
        ({"PLATFORM_TLS": "per-host"}, ["certificates.E002"]),
        ({"PLATFORM_TLS": "perhost"}, ["certificates.E004"]),
        ({"PLATFORM_TLS": "off", "EDGE_WILDCARD_CERT": "/etc/x.pem"}, ["certificates.E003"]),
        ({"PLATFORM_TLS": "off", "ACME_DIRECTORY": "https://ca.example/"}, ["certificates.W001"]),
        (
            {"PLATFORM_TLS": "per-host", "ACME_DIRECTORY": "https://ca.example/", "EDGE_IPV4": ["192.0.2.1"]},
            [],
        ),
    ],
)
def test_settings_that_do_not_go_together_are_said_at_the_start(
    changed: dict[str, Any], said: list[str], settings: Any
) -> None:
    settings.EDGE_WILDCARD_CERT, settings.ACME_DIRECTORY = "", ""
    settings.EDGE_IPV4, settings.EDGE_PROBES = [], []
    for name, value in changed.items():
        setattr(settings, name, value)
    assert [message.id for message in checks.check_edge()] == said
