"""The portal moves to a domain of the agency's own: who is led there, what comes along, what stays."""

import pytest
from django.core import mail

from portal.branding.models import PortalSettings
from portal.people.invitations import invite
from portal.people.models import Client, ClientPasskey, ClientSession, FormerKey
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency, AgencyState
from tenants.domains.models import Domain, DomainState
from tests.cast import host_browser, portal_browser
from tests.portal.people.one_browser import CUSTOM, HTTPS, OneBrowser, give_domain, seen_again
from tests.portal.people.signing_in import ask, ask_and_read, last_mail, session_token
from tests.portal.people.test_sign_in_passkeys import Authenticator, _add, _sign_in
from tests.running_jobs import run_jobs

DEFAULT = "northwind.localhost"
HTTP = f"http://{DEFAULT}"
MARIA = "maria@client.example"
FROM_AN_OPEN_PAGE = {
    "sec-fetch-site": "same-origin",
    "sec-fetch-dest": "document",
    "sec-fetch-mode": "navigate",
}


@pytest.fixture
def moved(northwind: CurrentAgency) -> CurrentAgency:
    """Northwind on its own domain."""
    return give_domain(northwind)


@pytest.fixture
def marias(northwind: CurrentAgency, maria: Client) -> OneBrowser:
    """Maria's browser, signed in at the default address; the portal has moved since."""
    browser = OneBrowser.signed_in(northwind, maria)
    give_domain(northwind)
    return browser


@pytest.mark.parametrize(
    "path", ["/", "/sign-in/", "/projects/?page=2", "/profile/?a=1&b=%C3%A4", "/sign-in/?next=/profile/"]
)
def test_a_stranger_is_led_to_the_same_page_on_the_own_domain(moved: CurrentAgency, path: str) -> None:
    for method in ("get", "head"):
        answer = getattr(host_browser(DEFAULT), method)(path)
        assert (answer.status_code, answer["Location"]) == (302, HTTPS + path)
        assert "no-store" in answer["Cache-Control"] and answer["Referrer-Policy"] == "no-referrer"


def test_maria_comes_along_signed_in(northwind: CurrentAgency, marias: OneBrowser) -> None:
    before = session_token(marias.on(DEFAULT))
    page = marias.go(f"{HTTP}/profile/sessions/?a=1")
    assert page.status_code == 200 and b"This device" in page.content
    assert marias.trail[-1] == f"{HTTPS}/profile/sessions/?a=1"
    assert len(marias.trail) == 5
    cookie = marias.on(CUSTOM).cookies["__Host-session"]
    assert cookie.value != before and cookie["secure"] and cookie["httponly"] and not cookie["domain"]
    assert b"Maria" in marias.go(f"{HTTPS}/profile/").content
    with inside(northwind):
        assert ClientSession.objects.get().host == CUSTOM  # one device, not two


def test_no_step_of_the_way_may_be_kept_or_told_on(marias: OneBrowser) -> None:
    address = f"{HTTP}/profile/"
    for _ in range(4):
        answer = marias.step(address)
        assert answer.status_code == 302
        assert "no-store" in answer["Cache-Control"] and answer["Referrer-Policy"] == "no-referrer"
        address = answer["Location"]
    assert address == "/profile/"


def test_who_is_in_on_the_own_domain_already_stays_who_they_are(
    marias: OneBrowser, moved: CurrentAgency, tom: Client
) -> None:
    marias.on(CUSTOM).cookies["__Host-session"] = session_token(portal_browser(moved, tom))
    assert b"tom@client.example" in marias.go(f"{HTTP}/profile/").content
    assert len(marias.trail) == 3


def test_what_was_typed_on_the_old_host_is_taken_there(marias: OneBrowser, northwind: CurrentAgency) -> None:
    old = marias.on(DEFAULT)
    fields = {"display_name": "Mia", "phone": "", "language": "", "zone": ""}
    answer = old.post("/profile/", fields)
    assert (answer.status_code, answer["Location"]) == (302, "/profile/")
    # Browsers would not follow a form's redirects to another host (form-action).
    page = old.get("/profile/", headers=FROM_AN_OPEN_PAGE)
    assert b"Your profile is saved" in page.content and b'value="Mia"' in page.content
    assert old.cookies["stay"]["max-age"] == 10
    del old.cookies["stay"]
    assert b"Mia" in marias.go(f"{HTTP}/profile/").content and marias.trail[-1].startswith(HTTPS)
    # The form that was still open in another tab is taken after that, too.
    assert old.post("/profile/", {**fields, "display_name": "Ria"}).status_code == 302
    with inside(northwind):
        assert Client.objects.get(email=MARIA).display_name == "Ria"


def test_a_form_that_does_not_fit_is_answered_on_the_old_host(marias: OneBrowser) -> None:
    page = marias.on(DEFAULT).post("/profile/", {"phone": "no number", "zone": "Nowhere/There"})
    assert page.status_code == 200 and b"no number" in page.content


def test_from_a_page_that_is_still_open_a_page_leads_on(marias: OneBrowser) -> None:
    """A search form's redirect to another host would be refused by the browser: form-action."""
    page = marias.step(f"{HTTP}/projects/?q=a", **FROM_AN_OPEN_PAGE)
    assert page.status_code == 200
    there = page["Refresh"].removeprefix("0; url=")
    assert there.startswith(f"{HTTPS}/arrive/?") and CUSTOM.encode() in page.content
    assert marias.go(there).status_code == 200
    assert marias.trail[-1] == f"{HTTPS}/projects/?q=a"


@pytest.mark.parametrize(
    "path",
    [
        "/theme.css",
        "/brand/favicon/",
        "/favicon.ico",
        "/manifest.webmanifest",
        "/robots.txt",
        "/static/ui/base.css",
    ],
)
def test_looks_are_answered_on_every_host(moved: CurrentAgency, path: str) -> None:
    answer = host_browser(DEFAULT).get(path)
    assert "Location" not in answer or answer["Location"].startswith("/")


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-dest": "image", "sec-fetch-mode": "no-cors"},
        {"sec-fetch-dest": "iframe", "sec-fetch-mode": "navigate"},
        {"sec-fetch-dest": "empty", "sec-fetch-mode": "cors"},
        {"accept": "image/avif,image/webp,*/*;q=0.8"},
    ],
)
def test_what_a_page_of_the_old_host_needs_is_answered_there(
    marias: OneBrowser, headers: dict[str, str]
) -> None:
    assert marias.step(f"{HTTP}/profile/", **headers).status_code == 200


def test_a_photo_is_answered_on_every_host(marias: OneBrowser) -> None:
    answer = marias.step(f"{HTTP}/profile/photo/7d3f4f5e-1d3a-4b8e-9d53-0f6f3a1f0c11/")
    assert answer.status_code == 404


def test_a_fragment_is_answered_by_leading_the_whole_page(marias: OneBrowser, moved: CurrentAgency) -> None:
    asked = {"hx-request": "true", "hx-current-url": f"{HTTP}/projects/?q=a", "sec-fetch-dest": "empty"}
    answer = host_browser(DEFAULT).get("/profile/", headers=asked)
    assert (answer.status_code, answer["HX-Redirect"]) == (204, f"{HTTPS}/projects/?q=a")
    there = marias.step(f"{HTTP}/profile/", **asked)["HX-Redirect"]
    assert marias.go(there).status_code == 200 and marias.trail[-1] == f"{HTTPS}/projects/?q=a"
    evil = {**asked, "hx-current-url": "https://evil.example//evil.example/"}
    assert host_browser(DEFAULT).get("/profile/", headers=evil)["HX-Redirect"] == f"{HTTPS}/"
    boosted = {**asked, "hx-boosted": "true"}
    assert host_browser(DEFAULT).get("/profile/", headers=boosted)["HX-Redirect"] == f"{HTTPS}/profile/"


def test_links_in_old_mails_keep_their_secret(northwind: CurrentAgency, maria: Client) -> None:
    with inside(northwind):
        invite(maria, by=None)
    run_jobs()
    link = next(w for w in str(mail.outbox[-1].body).split() if "/invitation/" in w)
    assert link.startswith(HTTP)
    give_domain(northwind)
    browser = OneBrowser()
    page = browser.go(f"{link}?utm=a")
    assert page.status_code == 200 and browser.trail[-1] == f"{link.replace(HTTP, HTTPS)}?utm=a"
    proof = page.context["proof"]
    path = browser.trail[-1].removeprefix(HTTPS)
    assert browser.on(CUSTOM).post(path, {"proof": proof}).status_code == 302
    assert browser.go(f"{HTTPS}/profile/").status_code == 200


def test_who_is_signed_in_keeps_the_secret_of_another_link(marias: OneBrowser) -> None:
    for path in ("/enter/abc/", "/invitation/abc/?a=1", "/confirm-email/abc/", "/undo-email/abc/"):
        assert marias.step(HTTP + path)["Location"] == HTTPS + path


def test_a_sign_in_that_was_under_way_ends_where_it_began(northwind: CurrentAgency, maria: Client) -> None:
    browser = OneBrowser()
    letter = ask_and_read(browser.on(DEFAULT), MARIA)
    give_domain(northwind)
    assert browser.step(f"{HTTP}/sign-in/sent/").status_code == 200
    assert browser.step(HTTP + letter.path).status_code == 200
    assert browser.on(DEFAULT).post(letter.path).status_code == 302
    del browser.on(DEFAULT).cookies["stay"]
    assert browser.go(f"{HTTP}/profile/").status_code == 200 and browser.trail[-1] == f"{HTTPS}/profile/"
    # Another browser, which did not ask, is led on with the token.
    assert OneBrowser().step(HTTP + letter.path)["Location"] == HTTPS + letter.path


def test_mails_name_the_own_domain_at_once(northwind: CurrentAgency, maria: Client, settings: object) -> None:
    settings.EDGE_PORT_SUFFIX = ":8443"  # type: ignore[attr-defined]
    give_domain(northwind)
    ask(host_browser(CUSTOM, is_https=True), MARIA)
    assert f"https://{CUSTOM}:8443/enter/" in last_mail().text and DEFAULT not in last_mail().text


def test_signing_out_on_the_own_domain_is_signing_out(marias: OneBrowser) -> None:
    marias.go(f"{HTTP}/profile/")
    assert marias.on(CUSTOM).post("/sign-out/").status_code == 302
    assert "/sign-in/" in marias.go(f"{HTTP}/profile/").request["PATH_INFO"]
    assert marias.on(DEFAULT).post("/profile/").headers["Location"].startswith("/sign-in/")


def test_when_the_domain_goes_the_default_address_works_at_once(
    northwind: CurrentAgency, marias: OneBrowser
) -> None:
    marias.go(f"{HTTP}/profile/")
    gone = give_domain(northwind, state=DomainState.RELEASED)
    assert gone.host == DEFAULT
    assert marias.go(f"{HTTP}/profile/").status_code == 200 and len(marias.trail) == 1
    assert marias.step(f"{HTTPS}/profile/").status_code == 404
    assert host_browser(DEFAULT).get("/sign-in/").status_code == 200
    ask(host_browser(DEFAULT), MARIA)
    assert f"{HTTP}/enter/" in last_mail().text


def test_whoever_gets_a_name_that_was_ours_gets_no_session_with_its_cookies(
    northwind: CurrentAgency, marias: OneBrowser
) -> None:
    marias.go(f"{HTTP}/profile/")
    stolen = marias.on(CUSTOM).cookies["__Host-session"].value
    give_domain(northwind, state=DomainState.RELEASED)
    charlie = host_browser(DEFAULT)
    charlie.cookies["session"] = stolen
    assert charlie.get("/profile/")["Location"].startswith("/sign-in/")


def test_a_cookie_of_the_default_address_opens_no_other_host(marias: OneBrowser) -> None:
    copied = host_browser(CUSTOM, is_https=True)
    copied.cookies["__Host-session"] = session_token(marias.on(DEFAULT))
    marias.go(f"{HTTP}/profile/")  # from now on the session knows on which host that cookie belongs
    assert copied.get("/profile/")["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("state", [s for s in DomainState if s != DomainState.ACTIVE])
def test_nobody_is_led_to_a_domain_that_is_not_well(
    northwind: CurrentAgency, maria: Client, state: str
) -> None:
    """Where the name of a degraded domain leads nobody knows: neither clients nor sessions go there."""
    browser = OneBrowser.signed_in(northwind, maria)
    give_domain(northwind, state=state)
    assert browser.step(f"{HTTP}/profile/").status_code == 200
    assert host_browser(DEFAULT).get("/sign-in/").status_code == 200


def test_of_several_domains_the_primary_one_is_led_to(northwind: CurrentAgency, maria: Client) -> None:
    second = "clients.northwind.example"
    give_domain(northwind, second, is_primary=False)
    browser = OneBrowser()
    browser.on(second).cookies["__Host-session"] = session_token(portal_browser(northwind, maria))
    assert browser.step(f"https://{second}/profile/").status_code == 200  # no primary one yet
    give_domain(northwind)
    assert browser.go(f"https://{second}/profile/").status_code == 200
    assert browser.trail[-1] == f"{HTTPS}/profile/" and f"https://{second}/leave/" in browser.trail[2]
    # The other one becomes the primary.
    Domain.objects.filter(host=CUSTOM).update(is_primary=False)
    give_domain(northwind, second, is_primary=True)
    assert browser.go(f"{HTTPS}/profile/").status_code == 200
    assert browser.trail[-1] == f"https://{second}/profile/"
    with inside(northwind):
        assert ClientSession.objects.count() == 1


def test_moving_often_leaves_few_keys(northwind: CurrentAgency, maria: Client) -> None:
    browser = OneBrowser.signed_in(northwind, maria)
    give_domain(northwind)
    for _ in range(12):
        assert browser.go(f"{HTTP}/profile/").status_code == 200
        del browser.on(CUSTOM).cookies["__Host-session"]
    with inside(northwind):
        assert FormerKey.objects.filter(host=CUSTOM).count() == 4
        assert FormerKey.objects.filter(host=DEFAULT).count() == 1  # the one that is still used


def test_a_read_only_agencys_clients_come_along(northwind: CurrentAgency, marias: OneBrowser) -> None:
    for state in (AgencyState.READ_ONLY, AgencyState.SUSPENDED):
        Agency.objects.filter(pk=northwind.id).update(state=state)
        seen_again(northwind)
        assert marias.go(f"{HTTP}/profile/").status_code == 200
        del marias.on(CUSTOM).cookies["__Host-session"]


def test_a_closed_portal_says_so_on_its_own_domain(northwind: CurrentAgency, marias: OneBrowser) -> None:
    with inside(northwind):
        PortalSettings.objects.update(is_open=False)
    for browser in (marias, OneBrowser()):
        page = browser.go(f"{HTTP}/profile/")
        assert page.status_code == 503 and b"closed for now" in page.content
        assert browser.trail[-1].startswith(HTTPS)


def test_own_domains_are_remembered_as_https_without_the_hosts_below(moved: CurrentAgency) -> None:
    answer = host_browser(CUSTOM, is_https=True).get("/sign-in/")
    assert answer["Strict-Transport-Security"] == "max-age=31536000"
    assert "Strict-Transport-Security" not in host_browser(DEFAULT).get("/theme.css")


def test_a_passkey_of_the_old_host_is_explained(northwind: CurrentAgency, maria: Client) -> None:
    device = Authenticator(northwind.host)
    assert _add(portal_browser(northwind, maria), device) == 302
    note = b"A passkey from before this portal moved here"
    assert note not in portal_browser(northwind).get("/sign-in/").content
    moved = give_domain(northwind)
    assert note in portal_browser(moved).get("/sign-in/").content
    browser = portal_browser(moved, maria)
    page = browser.get("/profile/passkeys/").content.decode()
    assert (
        "From an earlier address" in page
        and "My phone" in page
        and "No passkeys for this address yet" in page
    )
    new = Authenticator(CUSTOM, origin=HTTPS, id=b"another key")
    assert _add(browser, new, "New") == 302
    assert _sign_in(moved, new).get("/profile/").status_code == 200
    assert _sign_in(moved, device).get("/profile/").status_code == 302
    with inside(northwind):
        old = ClientPasskey.objects.get(host=DEFAULT).pk
    browser.post(f"/profile/passkeys/{old}/removal/")
    assert "From an earlier address" not in browser.get("/profile/passkeys/").content.decode()


def test_a_passkey_of_the_own_domain_needs_its_very_origin(northwind: CurrentAgency, maria: Client) -> None:
    moved = give_domain(northwind)
    for origin in (f"http://{CUSTOM}", f"{HTTPS}:8443", f"https://x.{CUSTOM}", HTTP):
        assert _add(portal_browser(moved, maria), Authenticator(CUSTOM, origin=origin)) == 422
