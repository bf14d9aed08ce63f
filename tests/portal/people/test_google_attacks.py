"""Attacks on the way to Google and back: each is refused, and nobody is signed in."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import time_machine

from kit import clock
from portal.people.invitations import invite
from portal.people.models import Client, ClientSession, GoogleAccount
from tenants.agencies.current import CurrentAgency, inside
from tenants.openid.models import Attempt
from tests.cast import portal_browser
from tests.portal.people.google_way import NO, arrived, come_back, off
from tests.portal.people.one_browser import give_domain
from tests.portal.people.test_google import is_in, path_of
from tests.rig.openid import LyingProvider

# --- the honest way works, or else every refusal below would mean nothing ------------------------------------


def test_the_honest_way_signs_in(liar: LyingProvider, northwind: CurrentAgency, asked_in: Client) -> None:
    browser = portal_browser(northwind)
    there = arrived(liar, browser, iss=liar.issuer)
    assert there.startswith("/arrive/google/")
    browser.post(there)
    assert is_in(browser)
    assert len(liar.verifiers[0]) >= 43  # RFC 7636, 4.1


# --- the way back --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda back: back.pop("state"),
        lambda back: back.update(state=""),
        lambda back: back.update(state="x" * 43),
        lambda back: back.update(state=[back["state"], back["state"]]),
        lambda back: back.update(state=back["state"] + "x"),
    ],
    ids=["none", "empty", "invented", "twice", "changed"],
)
def test_a_state_that_nobody_gave_leads_nowhere(
    liar: LyingProvider,
    northwind: CurrentAgency,
    asked_in: Client,
    change: Callable[[dict[str, Any]], object],
) -> None:
    back: dict[str, Any] = dict(liar.consent(off(portal_browser(northwind))))
    change(back)
    assert come_back(back, expected=410) == "" and not liar.verifiers


def test_a_state_is_taken_once(liar: LyingProvider, northwind: CurrentAgency, asked_in: Client) -> None:
    back = liar.consent(off(portal_browser(northwind)))
    come_back(back)
    come_back(back, expected=410)
    assert len(liar.verifiers) == 1


def test_a_state_is_too_old_after_ten_minutes(
    liar: LyingProvider, northwind: CurrentAgency, asked_in: Client
) -> None:
    back = liar.consent(off(portal_browser(northwind)))
    with time_machine.travel(clock.now() + timedelta(minutes=10, seconds=1), tick=True):
        come_back(back, expected=410)


def test_an_answer_in_another_issuers_name_is_refused(
    liar: LyingProvider, northwind: CurrentAgency, asked_in: Client
) -> None:
    """RFC 9207: the mix-up of two providers."""
    browser = portal_browser(northwind)
    assert arrived(liar, browser, iss="https://evil.example").startswith(NO + "refused")
    assert not liar.verifiers


def test_coming_back_with_an_error_says_so(liar: LyingProvider, northwind: CurrentAgency) -> None:
    browser = portal_browser(northwind)
    back = liar.consent(off(browser))
    there = path_of(come_back({"state": back["state"], "error": "<script>alert(1)</script>"}))
    page = browser.get(there)
    assert there == NO + "cancelled" and b"alert(1)" not in page.content


def test_the_callback_is_on_the_platforms_host_only(
    liar: LyingProvider, northwind: CurrentAgency, harbour: CurrentAgency
) -> None:
    browser = portal_browser(northwind)
    back = "/google/callback/?" + urlencode(liar.consent(off(browser)))
    assert browser.get(back).status_code in (302, 404) and not liar.verifiers
    assert portal_browser(harbour).get(back).status_code in (302, 404) and not liar.verifiers


def test_where_google_sends_the_browser_does_not_follow_the_host_header(
    liar: LyingProvider, northwind: CurrentAgency
) -> None:
    browser = portal_browser(northwind)
    answer = browser.get("/sign-in/google/", headers={"x-forwarded-host": "evil.example"})
    asked = parse_qs(urlsplit(answer["Location"]).query)
    assert urlsplit(asked["redirect_uri"][0]).hostname == "localhost"
    assert asked["code_challenge_method"] == ["S256"] and asked["response_type"] == ["code"]


def test_next_leads_to_no_other_host(liar: LyingProvider, northwind: CurrentAgency, asked_in: Client) -> None:
    for wanted in ("https://evil.example/", "//evil.example/", "/\\evil.example", "/sign-out/"):
        browser = portal_browser(northwind)
        url = off(browser, "/sign-in/google/?" + urlencode({"next": wanted}))
        there = path_of(come_back(liar.consent(url)))
        assert browser.post(there)["Location"] == "/"


# --- the code between the hosts ------------------------------------------------------------------------------


def test_another_browser_cannot_use_the_code(
    liar: LyingProvider, northwind: CurrentAgency, asked_in: Client
) -> None:
    """Also: nobody can lead somebody else's browser into their own session."""
    browser, other = portal_browser(northwind), portal_browser(northwind)
    there = arrived(liar, browser)
    assert other.get(there)["Location"] == NO + "late"
    assert other.post(there)["Location"] == NO + "late" and not is_in(other)
    assert browser.post(there)["Location"] == NO + "late" and not is_in(browser)  # it was used up


def test_a_forged_cookie_opens_nothing(
    liar: LyingProvider, northwind: CurrentAgency, asked_in: Client
) -> None:
    browser, other = portal_browser(northwind), portal_browser(northwind)
    there = arrived(liar, browser)
    name = next(name for name in browser.cookies if name.startswith("google-"))
    other.cookies[name] = "x" * 43
    assert other.post(there)["Location"] == NO + "late" and not is_in(other)


def test_a_code_is_taken_once(liar: LyingProvider, northwind: CurrentAgency, asked_in: Client) -> None:
    browser = portal_browser(northwind)
    there = arrived(liar, browser)
    browser.post(there)
    browser.post("/sign-out/")
    assert browser.post(there)["Location"] == NO + "late" and not is_in(browser)


def test_looking_uses_nothing_up_and_signs_nobody_in(
    liar: LyingProvider, northwind: CurrentAgency, asked_in: Client
) -> None:
    browser = portal_browser(northwind)
    there = arrived(liar, browser)
    for _ in range(3):
        assert browser.get(there).status_code == 200 and browser.head(there).status_code == 200
    with inside(northwind):
        assert not ClientSession.objects.exists()
    browser.post(there)
    assert is_in(browser)


def test_a_code_is_too_old_after_a_minute(
    liar: LyingProvider, northwind: CurrentAgency, asked_in: Client
) -> None:
    browser = portal_browser(northwind)
    there = arrived(liar, browser)
    with time_machine.travel(clock.now() + timedelta(seconds=61), tick=True):
        assert browser.post(there)["Location"] == NO + "late"


def test_a_code_of_one_agency_opens_no_other(
    liar: LyingProvider, northwind: CurrentAgency, harbour: CurrentAgency, asked_in: Client
) -> None:
    browser, other = portal_browser(northwind), portal_browser(harbour)
    there = arrived(liar, browser)
    for name, cookie in browser.cookies.items():
        other.cookies[name] = cookie.value
    assert other.post(there)["Location"] == NO + "late" and not is_in(other)


def test_a_code_of_one_host_opens_no_other_of_the_same_agency(
    liar: LyingProvider, northwind: CurrentAgency, asked_in: Client
) -> None:
    browser = portal_browser(northwind)
    there = arrived(liar, browser)
    moved = give_domain(northwind)
    other = portal_browser(moved)
    for name, cookie in browser.cookies.items():
        other.cookies[f"__Host-{name}"] = cookie.value
    assert other.post(there)["Location"] == NO + "late" and not is_in(other)


# --- whose account it is -------------------------------------------------------------------------------------


def test_an_account_stays_its_clients_when_it_takes_anothers_address(
    liar: LyingProvider, northwind: CurrentAgency, asked_in: Client, tom: Client
) -> None:
    with inside(northwind):
        invite(tom, by=None)
    browser = portal_browser(northwind)
    browser.post(arrived(liar, browser))
    liar.claims = {"email": tom.email}
    again = portal_browser(northwind)
    again.post(arrived(liar, again))
    with inside(northwind):
        assert set(ClientSession.objects.values_list("client", flat=True)) == {asked_in.pk}


def test_a_new_account_with_a_known_clients_address_does_not_take_over(
    liar: LyingProvider, northwind: CurrentAgency, asked_in: Client
) -> None:
    """An address can be given to somebody new; the account that was connected first stays the one."""
    browser = portal_browser(northwind)
    browser.post(arrived(liar, browser))
    liar.claims = {"sub": "2"}
    other = portal_browser(northwind)
    assert other.post(arrived(liar, other))["Location"] == NO + "access" and not is_in(other)
    with inside(northwind):
        assert GoogleAccount.objects.get().subject == "1"


def test_connecting_ends_in_the_session_that_began_it(
    liar: LyingProvider, northwind: CurrentAgency, maria: Client, tom: Client
) -> None:
    """Signed out and somebody else in, in the same browser, while Google asked."""
    browser, toms = portal_browser(northwind, maria), portal_browser(northwind, tom)
    url = browser.post("/profile/google/connection/")["Location"]
    there = path_of(come_back(liar.consent(url)))
    name = next(name for name in browser.cookies if name.startswith("google-"))
    toms.cookies[name] = browser.cookies[name].value
    assert toms.post(there)["Location"] == NO + "access"
    with inside(northwind):
        assert not GoogleAccount.objects.exists()


def test_nobody_is_connected_by_a_link(liar: LyingProvider, northwind: CurrentAgency, maria: Client) -> None:
    browser = portal_browser(northwind, maria)
    assert browser.get("/profile/google/connection/").status_code == 405
    assert browser.get("/sign-in/google/")["Location"] == "/"
    assert not Attempt.objects.exists()
