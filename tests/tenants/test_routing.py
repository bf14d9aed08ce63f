"""resolve(host, path): pure, exact, and nobody answers for a host that nobody claimed."""

import time
from contextlib import suppress
from dataclasses import replace

import pytest
from django.test import Client as Browser

from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency
from tenants.agencies.models import Agency, AgencyState
from tenants.domains.models import LINKED, Domain, DomainState
from tenants.plans import Plan
from tenants.routing import hosts
from tenants.routing.resolve import (
    Console,
    Place,
    Platform,
    Portal,
    UnknownAgency,
    UnknownHost,
    UnroutableHost,
    is_foreign_in_demo,
    normalise,
    resolve,
)
from tests.cast import console_browser, host_browser

NORTHWIND = CurrentAgency(
    id=1,
    name="Northwind",
    slug="northwind",
    schema_name="a_northwind",
    plan=Plan.GROWTH,
    state=AgencyState.ACTIVE,
    zone="UTC",
    language="en",
    trial_ends_at=None,
    host="northwind.portico.example",
)
IDN = replace(NORTHWIND, id=2, slug="muenchen", host="portal.xn--mnchen-3ya.example")


def where(host: str, path: str = "/") -> Place:
    return resolve(
        host,
        path,
        platform="portico.example",
        by_slug={"northwind": NORTHWIND}.get,
        by_domain={"portal.northwind.example": NORTHWIND, IDN.host: IDN}.get,
    )


@pytest.mark.parametrize(
    "host",
    ["portico.example", "PORTICO.example", "portico.example.", "portico.example:8000", "Portico.Example.:80"],
)
def test_the_apex_is_the_platform(host: str) -> None:
    assert where(host) == Platform()


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/api/v1/clients/", "/operators/", "/health/"])
def test_the_consoles_host_has_pages_of_its_own(path: str) -> None:
    assert where("app.portico.example", path) == Console()


@pytest.mark.parametrize("path", ["/northwind", "/northwind/", "/northwind/clients/7/"])
def test_the_first_part_of_a_consoles_path_names_the_agency(path: str) -> None:
    assert where("app.portico.example", path) == Console(agency=NORTHWIND)


@pytest.mark.parametrize(
    "path", ["/nobody/", "/NORTHWIND/", "/northwind%2f/", "/../northwind/", "/a b/", "/ñ/"]
)
def test_a_console_of_nobody_is_an_error(path: str) -> None:
    with pytest.raises(UnknownAgency):
        where("app.portico.example", path)


@pytest.mark.parametrize(
    "host",
    [
        "northwind.portico.example",
        "NorthWind.Portico.Example",
        "northwind.portico.example.",
        "northwind.portico.example:443",
        "portal.northwind.example",
        "PORTAL.NORTHWIND.EXAMPLE.:8443",
    ],
)
def test_a_portal_answers_on_its_hosts_however_they_are_written(host: str) -> None:
    place = where(host)
    assert isinstance(place, Portal) and place.agency == NORTHWIND
    assert place.host == place.host.lower() and not place.host.endswith(".")


@pytest.mark.parametrize(
    "host", ["portal.münchen.example", "portal.MÜNCHEN.example", "portal.xn--mnchen-3ya.example"]
)
def test_an_idn_is_found_by_its_a_label(host: str) -> None:
    place = where(host)
    assert isinstance(place, Portal) and place.agency == IDN


@pytest.mark.parametrize(
    "host",
    [
        "www.portico.example",
        "www.northwind.portico.example",
        "www.portal.northwind.example",
        "nobody.portico.example",
        "evil-portico.example",
        "portico.example.evil.example",
        "example",
        "127.0.0.1",
        "xn--80ak6aa92e.example",
    ],
)
def test_a_host_that_nobody_claimed_is_an_error(host: str) -> None:
    with pytest.raises(UnknownHost):
        where(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        ".",
        "..",
        "a..b",
        "-a.example",
        "a_b.example",
        "[::1]",
        "a b",
        "a/b",
        "a@b",
        "a:b",
        "a:80:90",
        "x" * 300,
        "\x00",
    ],
)
def test_what_is_no_host_name_is_an_error(host: str) -> None:
    with pytest.raises(UnroutableHost):
        normalise(host)


def test_an_unknown_host_gets_a_constant_answer_that_names_nobody(northwind: CurrentAgency) -> None:
    answers = {
        Browser(headers={"host": host}).get(path).content
        for host in ("nobody.localhost", "www.localhost", "evil.example", "10.0.0.1", "a..b")
        for path in ("/", "/projects/", "/sign-in/")
    }
    assert len(answers) == 1
    assert b"Northwind" not in answers.pop()
    assert Browser(headers={"host": "nobody.localhost"}).get("/").status_code == 404


def test_a_forwarded_host_is_not_believed(northwind: CurrentAgency) -> None:
    browser = Browser(headers={"host": "nobody.localhost", "x-forwarded-host": "northwind.localhost"})
    assert browser.get("/").status_code == 404
    browser = Browser(headers={"host": "northwind.localhost", "x-forwarded-host": "harbour.localhost"})
    assert b"Northwind" in browser.get("/sign-in/").content


def test_a_custom_domain_answers_only_once_it_is_verified(northwind: CurrentAgency) -> None:
    domain = Domain.objects.create(host="portal.northwind.example", agency_id=northwind.id)
    browser = host_browser("portal.northwind.example", is_https=True)
    assert browser.get("/sign-in/").status_code == 404
    assert Agency.objects.get(pk=northwind.id).current().host == "northwind.localhost"
    Domain.objects.filter(pk=domain.pk).update(state=DomainState.ACTIVE)
    hosts.forget_all()
    assert browser.get("/sign-in/").status_code == 200
    assert Agency.objects.get(pk=northwind.id).current().host == "portal.northwind.example"


@pytest.mark.parametrize("method", ["get", "head", "post"])
def test_an_own_domain_answers_over_tls_only(northwind: CurrentAgency, method: str) -> None:
    Domain.objects.create(
        host="portal.northwind.example", agency_id=northwind.id, state=DomainState.DEPLOYING
    )
    browser = Browser(headers={"host": "portal.northwind.example:8000"})
    answer = getattr(browser, method)("/sign-in/?next=/profile/")
    assert answer.status_code == 302 and answer["Cache-Control"] == "no-store"
    assert answer["Location"] == "https://portal.northwind.example/sign-in/?next=/profile/"
    assert not answer.cookies


@pytest.mark.parametrize("state", DomainState)
def test_only_an_active_domain_draws_browsers_to_it(northwind: CurrentAgency, state: DomainState) -> None:
    Domain.objects.create(host="portal.northwind.example", agency_id=northwind.id, state=state)
    current = Agency.objects.get(pk=northwind.id).current()
    assert current.is_moved == (state == DomainState.ACTIVE)
    assert current.has_own_domain == (state in LINKED)


def test_addresses_name_scheme_and_port_of_their_host(northwind: CurrentAgency, settings: object) -> None:
    settings.PORTICO_PORT_SUFFIX, settings.EDGE_PORT_SUFFIX = ":8000", ":8443"  # type: ignore[attr-defined]
    own = replace(northwind, host="portal.northwind.example")
    assert northwind.portal_url("/a/") == northwind.default_url("/a/") == "http://northwind.localhost:8000/a/"
    assert own.portal_url("/a/") == "https://portal.northwind.example:8443/a/"
    assert own.default_url("/a/") == "http://northwind.localhost:8000/a/"


@pytest.mark.parametrize(
    ("host", "is_foreign"),
    [
        ("portal.youragency.localhost", True),
        ("a.b.c.localhost", True),
        ("youragency.localhost", False),
        ("app.localhost", False),
        ("x.app.localhost", False),
        ("key.to.localhost", False),
        ("portal.youragency.example", False),
    ],
)
def test_in_the_demo_names_below_localhost_may_be_foreign(host: str, is_foreign: bool) -> None:
    asked: list[str] = []

    def by_domain(name: str) -> CurrentAgency | None:
        asked.append(name)
        return NORTHWIND

    with suppress(UnknownHost):
        resolve(host, "/", platform="localhost", by_slug=lambda slug: None, by_domain=by_domain)
    assert bool(asked) == (is_foreign or host.endswith(".example"))
    assert is_foreign_in_demo(host, "localhost") == is_foreign
    assert not is_foreign_in_demo(host.replace("localhost", "portico.example"), "portico.example")


def test_a_change_is_seen_within_a_second_without_being_told(northwind: CurrentAgency) -> None:
    assert hosts.by_slug("northwind") is not None
    Agency.objects.filter(pk=northwind.id).update(name="Northwind & Sons", slug="north")
    time.sleep(hosts.LIFETIME_SECONDS + 0.05)
    assert hosts.by_slug("northwind") is None
    renamed = hosts.by_slug("north")
    assert renamed is not None and renamed.name == "Northwind & Sons"
    assert hosts.LIFETIME_SECONDS < 1


def test_a_gone_agency_answers_nowhere(northwind: CurrentAgency, alice: Account) -> None:
    Agency.objects.filter(pk=northwind.id).update(state=AgencyState.GONE)
    hosts.forget_all()
    assert Browser(headers={"host": "northwind.localhost"}).get("/").status_code == 404
    assert console_browser(alice).get("/northwind/").status_code == 404


def test_random_hosts_do_not_grow_the_cache_for_ever(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosts, "MOST_ENTRIES", 20)
    for number in range(50):
        hosts.by_domain(f"{number}.example")
    assert len(hosts._entries) <= 20
