"""Sign-in by Google, against a real OpenID Connect provider in a process of its own."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.test import Client as Browser

from kit import clock
from portal.audit.models import AuditEntry
from portal.people.invitations import invite
from portal.people.models import Client, ClientSession, GoogleAccount
from tenants.agencies.current import CurrentAgency, inside, platform_origin
from tests.cast import platform_browser, portal_browser
from tests.rig.openid import CLIENT_ID, CLIENT_SECRET, RealProvider, person, real_provider

PEOPLE = [
    person("maria", "maria@client.example"),
    person("loud", "MARIA@Client.Example"),
    person("tom", "tom@client.example"),
    person("private", "maria.private@home.example"),
    person("unproven", "maria@client.example", is_verified=False),
    person("stranger", "stranger@client.example"),
    person("ines", "ines@client.example"),
]


@pytest.fixture(scope="module")
def provider(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any
) -> Iterator[RealProvider]:
    folder: Path = tmp_path_factory.mktemp("provider")
    with django_db_blocker.unblock():
        begun = real_provider(folder, platform_origin() + "/google/callback/", *PEOPLE)
        with begun as running:
            yield running


@pytest.fixture(autouse=True)
def _configured(provider: RealProvider, settings: Any, db: None) -> None:
    settings.GOOGLE_ISSUER, settings.GOOGLE_CLIENT_ID = provider.issuer, CLIENT_ID
    settings.GOOGLE_CLIENT_SECRET = CLIENT_SECRET
    cache.clear()


def ask_in(agency: CurrentAgency, client: Client) -> None:
    with inside(agency):
        invite(client, by=None)


def to_portal(provider: RealProvider, browser: Browser, account: str, start: str = "/sign-in/google/") -> str:
    """From the button to the portal's page that ends the way."""
    off = browser.get(start)
    assert off.status_code == 302, off.status_code
    return back(provider, off["Location"], account)


def back(provider: RealProvider, url: str, account: str) -> str:
    came = urlsplit(provider.consent(url, account))
    answer = platform_browser().get(f"{came.path}?{came.query}")
    assert answer.status_code == 302, answer.content
    return str(answer["Location"])


def path_of(address: str) -> str:
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def is_in(browser: Browser) -> bool:
    return browser.get("/profile/").status_code == 200


def test_an_invited_client_comes_in_and_gets_where_it_wanted(
    northwind: CurrentAgency, maria: Client, provider: RealProvider
) -> None:
    ask_in(northwind, maria)
    browser = portal_browser(northwind)
    assert b"Sign in with Google" in browser.get("/sign-in/").content
    there = to_portal(provider, browser, "maria", "/sign-in/google/?next=/projects/")
    assert there.startswith(northwind.portal_url("/arrive/google/"))
    assert b"maria@client.example" in browser.get(path_of(there)).content
    assert not is_in(browser)
    answer = browser.post(path_of(there))
    assert (answer.status_code, answer["Location"]) == (302, "/projects/")
    assert is_in(browser)
    with inside(northwind):
        account = GoogleAccount.objects.get()
        assert (account.client_id, account.issuer) == (maria.pk, provider.issuer)
        assert account.used_at is not None
        assert "by Google" in AuditEntry.objects.get(verb="people.signed_in").summary


def test_the_second_time_the_address_no_longer_matters(
    northwind: CurrentAgency, maria: Client, provider: RealProvider
) -> None:
    ask_in(northwind, maria)
    browser = portal_browser(northwind)
    browser.post(path_of(to_portal(provider, browser, "maria")))
    with inside(northwind):
        Client.objects.filter(pk=maria.pk).update(email="maria@new.example")
    other = portal_browser(northwind)
    other.post(path_of(to_portal(provider, other, "maria")))
    assert is_in(other)
    with inside(northwind):
        assert ClientSession.objects.filter(client=maria).count() == 2


def test_capitals_in_the_address_are_the_same_address(
    northwind: CurrentAgency, maria: Client, provider: RealProvider
) -> None:
    ask_in(northwind, maria)
    browser = portal_browser(northwind)
    browser.post(path_of(to_portal(provider, browser, "loud")))
    assert is_in(browser)


@pytest.mark.parametrize("account", ["stranger", "unproven", "tom", "ines"])
def test_who_was_not_asked_in_here_is_told_the_same_for_every_reason(
    northwind: CurrentAgency, maria: Client, tom: Client, provider: RealProvider, account: str
) -> None:
    """A stranger, an address that Google did not verify, a client who was never invited, another agency's."""
    ask_in(northwind, maria)
    browser = portal_browser(northwind)
    answer = browser.post(path_of(to_portal(provider, browser, account)))
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/google/no/?why=access")
    assert b"has no access here" in browser.get(answer["Location"]).content
    assert not is_in(browser)
    with inside(northwind):
        assert not GoogleAccount.objects.exists()


def test_who_lost_access_stays_out(northwind: CurrentAgency, maria: Client, provider: RealProvider) -> None:
    ask_in(northwind, maria)
    browser = portal_browser(northwind)
    browser.post(path_of(to_portal(provider, browser, "maria")))
    with inside(northwind):
        Client.objects.filter(pk=maria.pk).update(removed_at=clock.now())
    assert not is_in(browser)
    again = portal_browser(northwind)
    answer = again.post(path_of(to_portal(provider, again, "maria")))
    assert answer["Location"] == "/sign-in/google/no/?why=access" and not is_in(again)


def test_access_that_ends_on_the_way_does_not_open(
    northwind: CurrentAgency, maria: Client, provider: RealProvider
) -> None:
    ask_in(northwind, maria)
    browser = portal_browser(northwind)
    there = to_portal(provider, browser, "maria")
    with inside(northwind):
        Client.objects.filter(pk=maria.pk).update(removed_at=clock.now())
    assert browser.post(path_of(there))["Location"].endswith("why=access") and not is_in(browser)


def test_two_portals_in_one_browser_stay_apart(
    northwind: CurrentAgency, harbour: CurrentAgency, maria: Client, ines: Client, provider: RealProvider
) -> None:
    ask_in(northwind, maria)
    ask_in(harbour, ines)
    here, there = portal_browser(northwind), portal_browser(harbour)
    off_here, off_there = here.get("/sign-in/google/"), there.get("/sign-in/google/")
    to_here = back(provider, off_here["Location"], "maria")
    to_there = back(provider, off_there["Location"], "ines")
    assert to_here.startswith(northwind.portal_url("/")) and to_there.startswith(harbour.portal_url("/"))
    there.post(path_of(to_there))
    here.post(path_of(to_here))
    assert is_in(here) and is_in(there)
    with inside(northwind):
        assert list(GoogleAccount.objects.values_list("client", flat=True)) == [maria.pk]
    with inside(harbour):
        assert list(GoogleAccount.objects.values_list("client", flat=True)) == [ines.pk]


def test_two_ways_begun_in_two_tabs_both_arrive(
    northwind: CurrentAgency, maria: Client, provider: RealProvider
) -> None:
    ask_in(northwind, maria)
    browser = portal_browser(northwind)
    first, second = browser.get("/sign-in/google/"), browser.get("/sign-in/google/")
    later = back(provider, second["Location"], "maria")
    browser.post(path_of(back(provider, first["Location"], "maria")))
    assert browser.post(path_of(later))["Location"] == "/"


def test_a_client_connects_an_account_with_another_address(
    northwind: CurrentAgency, maria: Client, provider: RealProvider
) -> None:
    browser = portal_browser(northwind, maria)
    off = browser.post("/profile/google/connection/")
    there = path_of(back(provider, off["Location"], "private"))
    page = browser.get(there)
    assert b"Connect this Google account?" in page.content and b"data-arrive" not in page.content
    assert browser.post(there)["Location"] == "/profile/google/"
    assert b"maria.private@home.example" in browser.get("/profile/google/").content
    other = portal_browser(northwind)
    other.post(path_of(to_portal(provider, other, "private")))
    assert is_in(other)
    browser.post("/profile/google/removal/")
    third = portal_browser(northwind)
    assert third.post(path_of(to_portal(provider, third, "private")))["Location"].endswith("why=access")


def test_an_account_signs_in_one_client_only(
    northwind: CurrentAgency, maria: Client, tom: Client, provider: RealProvider
) -> None:
    for client, expected in ((maria, maria.pk), (tom, maria.pk)):
        browser = portal_browser(northwind, client)
        off = browser.post("/profile/google/connection/")
        browser.post(path_of(back(provider, off["Location"], "private")))
        with inside(northwind):
            assert GoogleAccount.objects.get().client_id == expected


def test_connecting_asks_for_a_fresh_proof(northwind: CurrentAgency, maria: Client) -> None:
    browser = portal_browser(northwind, maria)
    with inside(northwind):
        ClientSession.objects.update(fresh_at=clock.now() - timedelta(hours=1))
    assert browser.post("/profile/google/connection/")["Location"].startswith("/sign-in/again/")


def test_without_a_provider_nothing_of_it_is_shown(
    northwind: CurrentAgency, maria: Client, settings: Any
) -> None:
    settings.GOOGLE_CLIENT_ID = ""
    assert b"Google" not in portal_browser(northwind).get("/sign-in/").content
    assert portal_browser(northwind).get("/sign-in/google/").status_code == 404
    browser = portal_browser(northwind, maria)
    assert b"Google" not in browser.get("/profile/").content
    assert browser.get("/profile/google/").status_code == 404
