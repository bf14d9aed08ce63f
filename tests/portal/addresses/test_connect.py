"""Where the DNS provider adds the records by itself, the page leads there; it asks for that after it has been drawn."""

from typing import Any

import pytest

from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency
from tenants.domains import domain_connect
from tenants.domains.domain_connect import Offer
from tenants.domains.models import Domain, DomainState
from tests.cast import console_browser
from tests.portal.addresses.claims import make_claim, wrong_report

HOST = "portal.northwind.com"
PROVIDER = "https://dns.example/apply?x=1&y=2"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def asked(settings: object, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """A provider that offers it, and what it was asked."""
    settings.DOMAIN_CONNECT_PROVIDER = "portico.example"  # type: ignore[attr-defined]
    calls: list[dict[str, Any]] = []

    def offer(host: str, **more: Any) -> Offer:
        calls.append({"host": host} | more)
        return Offer("Example <DNS>", PROVIDER)

    monkeypatch.setattr(domain_connect, "offer", offer)
    return calls


@pytest.fixture
def domain(northwind: CurrentAgency) -> Domain:
    return make_claim(northwind.id, HOST, report=wrong_report("northwind.com", northwind.id).to_json())


def path(domain: Domain) -> str:
    return f"/northwind/branding/domain/{domain.pk}/"


def test_the_page_asks_once_it_is_drawn(alice: Account, domain: Domain, asked: list[Any]) -> None:
    browser = console_browser(alice)
    assert f'hx-get="{path(domain)}connect/"' in browser.get(path(domain)).content.decode()
    assert asked == []
    answer = browser.get(f"{path(domain)}connect/", headers=HTMX).content.decode()
    assert (
        "Example &lt;DNS&gt; can add it for you" in answer
        and 'href="https://dns.example/apply?x=1&amp;y=2"' in answer
    )
    [call] = asked
    assert (
        call["zone"] == "northwind.com" and call["return_to"].endswith(path(domain)) and call["proof"] == ""
    )


def test_without_scripts_it_leads_there_at_once(alice: Account, domain: Domain, asked: list[Any]) -> None:
    response = console_browser(alice).get(f"{path(domain)}connect/")
    assert (response.status_code, response["Location"]) == (302, PROVIDER)


def test_where_it_is_not_offered_nothing_is_shown(
    alice: Account, domain: Domain, asked: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(domain_connect, "offer", lambda host, **more: None)
    browser = console_browser(alice)
    answer = browser.get(f"{path(domain)}connect/", headers=HTMX).content.decode().strip()
    assert answer.endswith('<div id="connect"></div>') and "hx-get" not in answer
    response = browser.get(f"{path(domain)}connect/", follow=True)
    assert "cannot add the record by itself" in response.content.decode()


def test_the_network_is_not_asked_at_every_press(alice: Account, domain: Domain, asked: list[Any]) -> None:
    for _ in range(15):
        console_browser(alice).get(f"{path(domain)}connect/", headers=HTMX)
    assert len(asked) == 10


def test_it_is_asked_for_claims_that_wait_only(
    northwind: CurrentAgency, alice: Account, asked: list[Any]
) -> None:
    live = make_claim(northwind.id, "live.northwind.com", DomainState.ACTIVE)
    apex = make_claim(northwind.id, "northwind.com")
    for domain in (live, apex):
        assert "connect/" not in console_browser(alice).get(path(domain)).content.decode()
        console_browser(alice).get(f"{path(domain)}connect/", headers=HTMX)
    assert asked == []


def test_an_installation_without_a_template_does_not_ask(alice: Account, domain: Domain) -> None:
    assert "connect/" not in console_browser(alice).get(path(domain)).content.decode()
