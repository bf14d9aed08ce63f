"""Portal: on or off, welcome message, support e-mail."""

from typing import Any

import pytest

from portal.branding.operations import NeedsFullBranding, change_portal
from portal.people.models import Client, Staff
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, inside
from tests.cast import console_browser, portal_browser
from tests.portal.branding.pictures import recorded, set_settings, settings_of

PORTAL = "/northwind/branding/portal/"


def send(account: Account, path: str = PORTAL, **fields: Any) -> Any:
    usual = {"is_open": "on", "welcome_source": "", "support_email": "alice@northwind.example"}
    return console_browser(account).post(path, {k: v for k, v in (usual | fields).items() if v is not None})


def test_switched_off_clients_see_a_note_in_the_brand_and_nothing_else(
    northwind: CurrentAgency, alice: Account, maria: Client
) -> None:
    assert send(alice, is_open=None).status_code == 302
    for browser in (portal_browser(northwind), portal_browser(northwind, maria)):
        for path in ("/", "/sign-in/", "/projects/", "/profile/"):
            response = browser.get(path)
            assert response.status_code == 503
            assert (
                "closed for now" in response.content.decode() and "Portico" not in response.content.decode()
            )
    assert send(alice, is_open="on").status_code == 302
    assert portal_browser(northwind, maria).get("/").status_code == 200
    assert [e.summary for e in recorded(northwind, "branding.portal_closed")] == ["Switched the portal off"]
    assert [e.change for e in recorded(northwind, "branding.portal_opened")] == [{"is_open": [False, True]}]


def test_the_welcome_message_is_kept_as_written_and_shown_as_clean_html(
    northwind: CurrentAgency, alice: Account, maria: Client
) -> None:
    source = "**Hello** <script>alert(1)</script>\r\n\r\n- one"
    assert send(alice, welcome_source=source).status_code == 302
    portal = settings_of(northwind)
    assert portal.welcome_source == source.replace("\r\n", "\n")
    page = portal_browser(northwind, maria).get("/").content.decode()
    assert "<strong>Hello</strong> &lt;script&gt;alert(1)&lt;/script&gt;" in page and "<li>one</li>" in page
    [entry] = recorded(northwind, "branding.portal")
    assert entry.change == {"welcome_source": ["", portal.welcome_source]}
    assert "**Hello**" in console_browser(alice).get(PORTAL).content.decode()
    send(alice, welcome_source="")
    assert settings_of(northwind).welcome == ""


def test_a_message_that_is_too_long_or_an_address_that_is_none_is_a_field_error(
    northwind: CurrentAgency, alice: Account
) -> None:
    response = send(alice, welcome_source="x" * 5001, support_email="help at example")
    page = response.content.decode()
    assert response.status_code == 422
    assert 'id="id_welcome_source_error"' in page and 'id="id_support_email_error"' in page
    assert settings_of(northwind).support_email == "alice@northwind.example"


def test_a_null_byte_is_a_field_error(northwind: CurrentAgency, alice: Account) -> None:
    assert send(alice, welcome_source="a\x00b").status_code == 422


def test_the_support_address_stands_at_the_foot_of_every_page(
    northwind: CurrentAgency, alice: Account, maria: Client
) -> None:
    assert send(alice, support_email="help@northwind.example").status_code == 302
    for browser, path in ((portal_browser(northwind, maria), "/"), (portal_browser(northwind), "/sign-in/")):
        assert 'href="mailto:help@northwind.example"' in browser.get(path).content.decode()


def test_a_message_of_before_is_offered_as_words(northwind: CurrentAgency, alice: Account) -> None:
    set_settings(northwind, welcome="<p>From <b>before</b></p>", welcome_source="")
    assert ">\nFrom before</textarea>" in console_browser(alice).get(PORTAL).content.decode()


def test_the_live_preview_shows_unsaved_words_in_both_schemes_and_saves_nothing(
    northwind: CurrentAgency, alice: Account
) -> None:
    fields = {"welcome_source": "**Try** <img src=x onerror=alert(1)>", "support_email": "try@n.example"}
    response = console_browser(alice).post("/northwind/branding/preview/", fields)
    page = response.content.decode()
    assert page.count("<strong>Try</strong>") == 2 and page.count("try@n.example") == 2
    assert "<img src=x" not in page and "<html" not in page
    assert settings_of(northwind).welcome_source == ""
    assert console_browser(alice).get("/northwind/branding/preview/").status_code == 405


def test_the_preview_button_does_the_same_without_scripts(northwind: CurrentAgency, alice: Account) -> None:
    response = send(alice, welcome_source="Only **tried**", preview="1", is_open=None)
    assert response.status_code == 200
    assert response.content.decode().count("Only <strong>tried</strong>") == 2
    assert settings_of(northwind).is_open and settings_of(northwind).welcome_source == ""


def test_starter_may_close_its_portal_and_nothing_else(harbour: CurrentAgency, hugo: Account) -> None:
    path = "/harbour/branding/portal/"
    page = console_browser(hugo).get(path).content.decode()
    assert page.count("From Growth on") == 2
    assert 'name="welcome_source"' not in page and 'name="support_email"' not in page
    before = settings_of(harbour)
    send(hugo, path, is_open=None, welcome_source="Hi", support_email="x@y.example")
    after = settings_of(harbour)
    assert not after.is_open
    assert (after.welcome, after.support_email) == (before.welcome, before.support_email)
    sample = console_browser(hugo).post("/harbour/branding/preview/", {"welcome_source": "Hi **there**"})
    assert "there" not in sample.content.decode()


@pytest.mark.parametrize("wanted", [{"welcome_source": "Hi"}, {"support_email": "x@y.example"}])
def test_the_operation_refuses_starter_too(wanted: dict[str, Any], harbour: CurrentAgency) -> None:
    with inside(harbour), pytest.raises(NeedsFullBranding):
        change_portal(by=Staff.objects.get(), is_open=False, **wanted)
    assert settings_of(harbour).is_open


def test_the_domain_page_says_what_there_is_and_offers_no_form(
    northwind: CurrentAgency, alice: Account, hugo: Account
) -> None:
    page = console_browser(alice).get("/northwind/branding/domain/").content.decode()
    assert northwind.portal_url("/") in page and "data-copy=" in page and "none can be connected here" in page
    page = console_browser(hugo).get("/harbour/branding/domain/").content.decode()
    main = page[page.index("<main") :]
    assert "Custom domains come with Growth" in main and "<input" not in main and "<form" not in main
