"""The way on which a session comes along: nobody else can use it, and it leads nowhere else."""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.db import connections
from django.utils.http import urlencode

from config.logs import ScrubSecrets
from kit import clock
from kit.tokens import digest
from portal.audit.models import AuditEntry
from portal.people import moving
from portal.people.models import Client, ClientSession, SessionMove
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency
from tenants.domains.models import DomainState
from tests.cast import host_browser, portal_browser
from tests.portal.people.one_browser import CUSTOM, HTTPS, OneBrowser, give_domain
from tests.portal.people.signing_in import is_in, session_token

DEFAULT = "northwind.localhost"
HTTP = f"http://{DEFAULT}"
SECOND = "clients.northwind.example"


@pytest.fixture
def marias(northwind: CurrentAgency, maria: Client) -> OneBrowser:
    """Maria's browser, signed in at the default address; the portal has moved since."""
    return in_at_default(northwind, maria)


@pytest.fixture
def charlies(northwind: CurrentAgency, charlie: Client) -> OneBrowser:
    """Charlie's, likewise."""
    return in_at_default(northwind, charlie)


def in_at_default(agency: CurrentAgency, client: Client) -> OneBrowser:
    browser = OneBrowser.signed_in(agency, client)
    give_domain(agency)
    return browser


def start(browser: OneBrowser, path: str = "/profile/") -> str:
    """The first leg: the address of the second, with the hash of this browser's new secret."""
    return str(browser.step(f"{HTTPS}/arrive/?" + urlencode({"next": path, "from": DEFAULT}))["Location"])


def code_for(browser: OneBrowser) -> str:
    """The first two legs: the address of the third, with the code."""
    address = str(browser.step(start(browser))["Location"])
    assert address.startswith(f"{HTTPS}/arrive/")
    return address


def is_in_at(browser: OneBrowser, host: str = CUSTOM) -> bool:
    return is_in(browser.on(host))


def test_a_code_works_once(marias: OneBrowser) -> None:
    address = code_for(marias)
    secrets = {k: v.value for k, v in marias.on(CUSTOM).cookies.items()}
    assert marias.step(address)["Location"] == "/profile/"
    assert is_in_at(marias)
    again = OneBrowser()
    again.on(CUSTOM).cookies.load(secrets)
    again.step(address)
    assert not is_in_at(again)


def test_a_code_ends_after_a_minute(marias: OneBrowser) -> None:
    address = code_for(marias)
    with time_machine.travel(clock.now() + timedelta(seconds=61)):
        assert marias.step(address)["Location"] == "/profile/"
        assert not is_in_at(marias)


def test_a_code_is_worth_nothing_in_another_browser(marias: OneBrowser, charlies: OneBrowser) -> None:
    address = code_for(marias)
    start(charlies)  # with a secret of his own
    for browser in (charlies, OneBrowser()):
        assert browser.step(address)["Location"] == "/profile/"
        assert not is_in_at(browser)


def test_who_shows_a_code_in_the_wrong_browser_uses_it_up(marias: OneBrowser) -> None:
    address = code_for(marias)
    OneBrowser().step(address)
    marias.step(address)
    assert not is_in_at(marias)


def test_charlie_cannot_lead_maria_into_his_session(charlies: OneBrowser, marias: OneBrowser) -> None:
    """Login CSRF: she would write into his records."""
    address = code_for(charlies)
    victim = OneBrowser()
    start(victim)
    victim.go(address)
    assert not is_in_at(victim)
    assert b"Maria" in marias.go(f"{HTTP}/profile/").content


def test_charlie_cannot_have_a_code_made_for_his_secret_and_use_it(
    marias: OneBrowser, charlie: Client
) -> None:
    """He sends Maria to the second leg with his hash; even if he reads the code, she has used it up."""
    charlies = OneBrowser()
    with_his_hash = start(charlies)
    address = marias.step(with_his_hash)["Location"]
    marias.step(address)
    charlies.step(address)
    assert not is_in_at(charlies) and not is_in_at(marias)


@pytest.mark.parametrize("secret", ["", "x", "a" * 43])
def test_the_hash_of_nothing_opens_nothing(marias: OneBrowser, secret: str) -> None:
    """The hash comes by way of an address: a browser without the cookie must not match it."""
    state = moving.hash_of(secret)
    address = marias.step(f"{HTTP}/leave/?" + urlencode({"state": state, "next": "/profile/"}))["Location"]
    victim = OneBrowser()
    victim.on(CUSTOM).cookies[f"__Host-moving-{state[:12]}"] = secret if len(secret) < 43 else ""
    victim.step(address)
    assert not is_in_at(victim)


@pytest.mark.parametrize("state", ["", "x", "A" * 64, "0" * 63, "0" * 65, "0" * 63 + "\n", "\x00", "é" * 64])
def test_without_a_proper_hash_there_is_no_code(
    northwind: CurrentAgency, marias: OneBrowser, state: str
) -> None:
    answer = marias.step(f"{HTTP}/leave/?" + urlencode({"state": state, "next": "/profile/"}))
    assert answer["Location"] == f"{HTTPS}/profile/"
    with inside(northwind):
        assert not SessionMove.objects.exists()


def test_who_is_not_signed_in_gets_no_code(northwind: CurrentAgency, marias: OneBrowser) -> None:
    answer = OneBrowser().step(start(marias))
    assert answer["Location"] == f"{HTTPS}/profile/"
    with inside(northwind):
        assert not SessionMove.objects.exists()


def test_another_agencys_host_never_takes_it(
    marias: OneBrowser, harbour: CurrentAgency, northwind: CurrentAgency
) -> None:
    other = "portal.harbour.example"
    give_domain(harbour, other)
    address = code_for(marias)
    secrets = {k: v.value for k, v in marias.on(CUSTOM).cookies.items()}
    for host in (other, harbour.default_host):
        theirs = marias.on(host)
        theirs.cookies.load(secrets)
        theirs.get(address.removeprefix(HTTPS))
        assert not session_token(theirs)
    marias.step(address)  # and it is not used up by that
    assert is_in_at(marias)


def test_another_host_of_the_agency_does_not_take_it(northwind: CurrentAgency, marias: OneBrowser) -> None:
    give_domain(northwind, SECOND, is_primary=False)
    address = code_for(marias)
    aside = marias.on(SECOND)
    aside.cookies.load({k: v.value for k, v in marias.on(CUSTOM).cookies.items()})
    aside.get(address.removeprefix(HTTPS))
    assert "__Host-session" not in aside.cookies


@pytest.mark.parametrize("what", ["removed", "until", "signed out", "too old"])
@pytest.mark.parametrize("when", ["before the code", "after the code"])
def test_access_that_ends_on_the_way_ends_the_way(
    northwind: CurrentAgency, maria: Client, marias: OneBrowser, what: str, when: str
) -> None:
    address = start(marias)
    if when == "after the code":
        address = marias.step(address)["Location"]
    past = clock.now() - timedelta(days=40)
    with inside(northwind):
        client, session = Client.objects.filter(pk=maria.pk), ClientSession.objects.filter(client=maria)
        {
            "removed": lambda: client.update(removed_at=past),
            "until": lambda: client.update(access_until=past.date()),
            "signed out": lambda: session.update(ended_at=past),
            "too old": lambda: session.update(expires_at=past),
        }[what]()
    marias.go(address)
    assert "/sign-in/" in marias.trail[-1] and not session_token(marias.on(CUSTOM))


def test_a_domain_that_goes_on_the_way_leads_back(northwind: CurrentAgency, marias: OneBrowser) -> None:
    address = start(marias)
    give_domain(northwind, state=DomainState.RELEASED)
    assert marias.go(address).status_code == 200
    assert marias.trail[-1] == f"{HTTP}/profile/"


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/\t/evil.example",
        "/.//evil.example",
        "javascript:alert(1)",
        "/arrive/?next=/arrive/",
        "/leave/",
        "/sign-out/",
        "/enter/token/",
        "/no/such/page/",
        "/\r\nSet-Cookie: a=b",
        "\x00",
        "/" + "x" * 600,
    ],
)
def test_no_leg_leads_elsewhere(marias: OneBrowser, wanted: str) -> None:
    for browser in (marias, OneBrowser()):
        for address in (f"{HTTPS}/arrive/?", f"{HTTPS}/arrive/abc/?", f"{HTTP}/leave/?"):
            browser.go(address + urlencode({"next": wanted, "from": DEFAULT, "state": digest("x")}))
            assert all(urlsplit(one).netloc in (CUSTOM, DEFAULT) for one in browser.trail)
            assert urlsplit(browser.trail[-1]).path in ("/", "/sign-in/")


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "harbour.localhost",
        "portal.harbour.example",
        CUSTOM,
        f"{CUSTOM}.",
        CUSTOM.upper(),
        "localhost",
        "a b",
        "\x00",
        "[",
        "x" * 300,
        "northwind.localhost@evil.example",
        "clients.northwind.example@evil.example",
        "northwind.localhost:x",
        "northwind.localhost/..",
        "//evil.example",
    ],
)
def test_the_first_leg_goes_back_to_hosts_of_the_agency_only(
    northwind: CurrentAgency, marias: OneBrowser, harbour: CurrentAgency, host: str
) -> None:
    give_domain(harbour, "portal.harbour.example")
    give_domain(northwind, SECOND, is_primary=False)
    answer = OneBrowser().step(f"{HTTPS}/arrive/?" + urlencode({"next": "/profile/", "from": host}))
    assert (answer.status_code, answer["Location"]) == (302, "/profile/")
    assert not answer.cookies


@pytest.mark.parametrize("host", [SECOND, SECOND.upper(), f"{SECOND}.", f"{SECOND}:99"])
def test_however_it_is_written_the_first_leg_goes_back_to_the_host_itself(
    northwind: CurrentAgency, marias: OneBrowser, host: str
) -> None:
    give_domain(northwind, SECOND, is_primary=False)
    answer = OneBrowser().step(f"{HTTPS}/arrive/?" + urlencode({"from": host}))
    assert answer["Location"].startswith(f"https://{SECOND}/leave/?")


def test_ahead_of_time_nothing_happens(northwind: CurrentAgency, marias: OneBrowser) -> None:
    """A browser that loads the page before anybody goes there is refused, and asks again when somebody does."""
    for headers in ({"sec-purpose": "prefetch;prerender"}, {"purpose": "prefetch"}, {"x-moz": "prefetch"}):
        assert marias.go(f"{HTTP}/profile/", **headers).status_code == 503
    address = code_for(marias)
    assert marias.step(address, **{"sec-purpose": "prefetch"}).status_code == 503
    assert marias.step(address)["Location"] == "/profile/"
    assert is_in_at(marias)


@pytest.mark.parametrize("method", ["head", "post", "put", "delete", "options"])
def test_the_legs_are_walked_by_get_only(northwind: CurrentAgency, marias: OneBrowser, method: str) -> None:
    address = code_for(marias)
    for path, host in ((address.removeprefix(HTTPS), CUSTOM), ("/arrive/", CUSTOM), ("/leave/", DEFAULT)):
        assert getattr(marias.on(host), method)(path).status_code == 405
    marias.step(address)
    assert is_in_at(marias)


def test_head_is_led_on_without_a_way(northwind: CurrentAgency, marias: OneBrowser) -> None:
    answer = marias.on(DEFAULT).head("/profile/?a=1")
    assert (answer.status_code, answer["Location"]) == (302, f"{HTTPS}/profile/?a=1")


def test_a_browser_without_cookies_there_ends_at_the_sign_in_page(marias: OneBrowser) -> None:
    forgetful = marias.on(CUSTOM)
    address, hops = f"{HTTP}/profile/", 0
    while (answer := marias.step(address)).status_code == 302:
        forgetful.cookies.clear()
        there, hops = answer["Location"], hops + 1
        address = there if "://" in there else f"{HTTPS}{there}"
    assert answer.status_code == 200 and address.startswith(f"{HTTPS}/sign-in/?next=") and hops < 10


def test_who_goes_in_circles_is_let_out(northwind: CurrentAgency, marias: OneBrowser) -> None:
    for _ in range(20):
        assert marias.step(start(marias))["Location"].startswith(f"{HTTPS}/arrive/")
    assert marias.step(start(marias))["Location"] == f"{HTTPS}/profile/"


def test_two_tabs_at_once_both_arrive(northwind: CurrentAgency, marias: OneBrowser) -> None:
    tabs = [start(marias, path) for path in ("/profile/", "/projects/")]
    codes = [marias.step(address)["Location"] for address in tabs]
    jar = marias.on(CUSTOM).cookies
    arrived = []
    for address in codes:
        jar.pop("__Host-session", None)  # both have asked before either was answered
        marias.step(address)
        arrived.append(jar["__Host-session"].value)
    assert arrived[0] != arrived[1]
    for token in arrived:  # whichever answer came last
        jar["__Host-session"] = token
        assert is_in_at(marias)
    assert b"/profile/sessions/" in marias.on(CUSTOM).get("/profile/").content
    with inside(northwind):
        assert ClientSession.objects.live().count() == 1


def test_only_hashes_are_stored_and_none_is_logged(northwind: CurrentAgency, marias: OneBrowser) -> None:
    address = code_for(marias)
    code = urlsplit(address).path.split("/")[2]
    assert len(code) == 43
    secret = next(c.value for n, c in marias.on(CUSTOM).cookies.items() if "moving" in n)
    marias.step(address)
    token = session_token(marias.on(CUSTOM))
    with inside(northwind):
        rows = [*SessionMove.objects.values(), *ClientSession.objects.values(), *AuditEntry.objects.values()]
    assert not any(one in str(rows) for one in (code, secret, token))
    record = logging.LogRecord("x", logging.INFO, "", 0, "GET %s", (address,), None)
    ScrubSecrets().filter(record)
    assert code not in record.getMessage()


def test_the_record_says_that_a_session_came_along(northwind: CurrentAgency, marias: OneBrowser) -> None:
    marias.go(f"{HTTP}/profile/")
    with inside(northwind):
        entry = AuditEntry.objects.get(verb="people.session_moved")
    assert CUSTOM in entry.summary and entry.actor_name == "Maria Silva"


def test_who_signed_in_meanwhile_is_not_made_somebody_else(
    northwind: CurrentAgency, marias: OneBrowser, tom: Client
) -> None:
    address = code_for(marias)
    toms = session_token(portal_browser(give_domain(northwind), tom))
    marias.on(CUSTOM).cookies["__Host-session"] = toms
    marias.step(address)
    assert session_token(marias.on(CUSTOM)) == toms
    assert b"tom@client.example" in marias.on(CUSTOM).get("/profile/").content


def test_spent_codes_do_not_pile_up(northwind: CurrentAgency, marias: OneBrowser) -> None:
    code_for(marias)
    with time_machine.travel(clock.now() + timedelta(minutes=5)):
        code_for(marias)
    with inside(northwind):
        assert SessionMove.objects.count() == 1


def test_of_many_at_once_one_redeems(committed_db: None) -> None:
    row: Agency = Agency.objects.get(slug="northwind")
    agency = row.current()
    with inside(agency):
        maria = Client.objects.get(email="maria@client.example")
    browser = in_at_default(agency, maria)
    address, cookies = code_for(browser), dict(browser.on(CUSTOM).cookies.items())
    path = address.removeprefix(HTTPS)

    def redeem(_: int) -> bool:
        try:
            copy = host_browser(CUSTOM, is_https=True)
            copy.cookies.load({name: morsel.value for name, morsel in cookies.items()})
            return "__Host-session" in copy.get(path).cookies
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(redeem, range(8))) == 1
