"""Look: accent, title and pictures, chosen by owners and admins."""

from typing import Any

import pytest
from django.core.files.storage import default_storage

from portal.branding.models import DEFAULT_ACCENT
from portal.branding.operations import NeedsFullBranding, change_look
from portal.people.models import Client, Staff
from portal.uploads.models import Upload
from tenants.accounts.models import Account, Membership, Role
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency
from tests.cast import PASSWORD, console_browser, portal_browser
from tests.portal.branding.pictures import hang, recorded, settings_of
from tests.portal.uploads import samples

LOOK = "/northwind/branding/"
TABS = ["", "portal/", "sections/", "domain/", "palette/?accent=%23ff0000", "preview.css?accent=%23ff0000"]


def send(account: Account, path: str = LOOK, **fields: Any) -> Any:
    return console_browser(account).post(path, {"accent": "#0f766e", "title": "", **fields})


@pytest.fixture
def jonas(northwind: CurrentAgency) -> Account:
    """A member of Northwind's staff, neither owner nor admin."""
    account = Account.objects.create_user("jonas@northwind.example", PASSWORD, name="Jonas Weber")
    Membership.objects.create(account=account, agency=Agency.objects.get(pk=northwind.id), role=Role.MEMBER)
    with inside(northwind):
        Staff.objects.create(account_id=account.pk, name="Jonas Weber", email=account.email)
    return account


@pytest.mark.parametrize("tab", TABS)
def test_members_strangers_and_other_agencies_do_not_get_in(
    tab: str, northwind: CurrentAgency, alice: Account, jonas: Account, hugo: Account
) -> None:
    assert console_browser(alice).get(LOOK + tab).status_code == 200
    assert console_browser(jonas).get(LOOK + tab).status_code == 403
    assert console_browser(hugo).get(LOOK + tab).status_code == 404
    assert console_browser().get(LOOK + tab).status_code == 302


@pytest.mark.parametrize("tab", ["", "portal/", "sections/", "preview/"])
def test_members_and_other_agencies_change_nothing(
    tab: str, northwind: CurrentAgency, jonas: Account, hugo: Account
) -> None:
    fields = {
        "accent": "#ff0000",
        "title": "Mine",
        "welcome_source": "Mine",
        "on_projects": "",
        "name_projects": "x",
    }
    assert console_browser(jonas).post(LOOK + tab, fields).status_code == 403
    assert console_browser(hugo).post(LOOK + tab, fields).status_code == 404
    assert console_browser().post(LOOK + tab, fields).status_code == 302
    assert (settings_of(northwind).accent, settings_of(northwind).title) == (DEFAULT_ACCENT, "")


def test_a_client_finds_no_branding_page_on_the_portal(northwind: CurrentAgency, charlie: Client) -> None:
    assert portal_browser(northwind, charlie).get("/branding/").status_code == 404


def test_accent_and_title_are_saved_and_recorded(northwind: CurrentAgency, alice: Account) -> None:
    response = send(alice, accent="#0F766E", title="  Nordlicht ")
    assert response.status_code == 302 and response["Location"] == LOOK
    portal = settings_of(northwind)
    assert (portal.accent, portal.title) == ("#0f766e", "Nordlicht")
    [entry] = recorded(northwind, "branding.look")
    assert entry.actor_name == "Alice Moreno"
    assert entry.summary == "Changed the accent colour, the title"
    assert entry.change == {"accent": [DEFAULT_ACCENT, "#0f766e"], "title": ["", "Nordlicht"]}
    send(alice, accent="#0f766e", title="Nordlicht")
    assert len(recorded(northwind, "branding.look")) == 1  # nothing changed, nothing is recorded


@pytest.mark.parametrize(
    "accent", ["", "red", "#12", "url(x)", "#0f766e;}*{display:none", "#gggggg", "x" * 99]
)
def test_what_is_no_colour_is_an_error_of_the_field(
    accent: str, northwind: CurrentAgency, alice: Account
) -> None:
    response = send(alice, accent=accent)
    assert response.status_code == 422 and 'id="id_accent_error"' in response.content.decode()
    assert settings_of(northwind).accent == DEFAULT_ACCENT


def test_pictures_are_drawn_anew_and_the_old_ones_go(
    northwind: CurrentAgency, alice: Account, django_capture_on_commit_callbacks: Any
) -> None:
    old = hang(northwind, "logo")["logo"]
    with django_capture_on_commit_callbacks(execute=True):
        photo = samples.picture("JPEG", (3000, 1000), comment=b"SECRET")
        response = send(
            alice,
            logo=samples.uploaded(photo, "Logo neu.jpg"),
            favicon=samples.uploaded(samples.animation(), "f.gif"),
        )
    assert response.status_code == 302
    with inside(northwind):
        portal = settings_of(northwind)
        assert portal.logo and portal.favicon
        assert portal.logo.name == "Logo neu.jpg" and portal.favicon.content_type == "image/png"
        kept = default_storage.open(portal.logo.storage_key).read()
        assert b"SECRET" not in kept
        assert not Upload.objects.filter(pk=old.pk).exists() and not default_storage.exists(old.storage_key)
    [entry] = recorded(northwind, "branding.look")
    assert entry.change["logo"][0]["name"] == "logo.png" and entry.change["logo"][1]["name"] == "Logo neu.jpg"


def test_a_picture_is_removed_by_its_checkbox_and_the_others_stay(
    northwind: CurrentAgency, alice: Account
) -> None:
    made = hang(northwind, "logo", "favicon", "agency_logo", "login_image")
    assert send(alice, **{"favicon-clear": "on"}).status_code == 302
    portal = settings_of(northwind)
    assert portal.favicon_id is None
    assert (portal.logo_id, portal.agency_logo_id) == (made["logo"].pk, made["agency_logo"].pk)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (samples.SVG, "SVG drawings can carry scripts"),
        (samples.HTML, "not a picture that fits"),
        (samples.bomb(), "more than 50 million pixels"),
        (samples.picture()[:60], "could not be read"),
        (b"", "empty"),
    ],
    ids=["svg", "html", "bomb", "torn", "empty"],
)
def test_a_picture_that_cannot_be_taken_is_an_error_of_its_field_and_nothing_is_saved(
    content: bytes, words: str, northwind: CurrentAgency, alice: Account
) -> None:
    response = send(
        alice, accent="#ff0000", logo=samples.uploaded(samples.picture()), favicon=samples.uploaded(content)
    )
    page = response.content.decode()
    assert response.status_code == 422 and words in page and 'id="id_favicon_error"' in page
    portal = settings_of(northwind)
    assert (portal.accent, portal.logo_id, portal.favicon_id) == (DEFAULT_ACCENT, None, None)
    with inside(northwind):
        assert not Upload.objects.exists()


def test_the_agencys_own_logo_shows_in_the_console_and_never_on_the_portal(
    northwind: CurrentAgency, alice: Account, maria: Client
) -> None:
    made = hang(northwind, "agency_logo")["agency_logo"]
    assert str(made.pk) in console_browser(alice).get(LOOK).content.decode()
    assert str(made.pk) not in portal_browser(northwind, maria).get("/").content.decode()


def test_starter_sees_the_rest_locked_with_the_plan_that_opens_it(
    harbour: CurrentAgency, hugo: Account
) -> None:
    page = console_browser(hugo).get("/harbour/branding/").content.decode()
    assert page.count("From Growth on") == 3
    for name in ("title", "favicon", "login_image"):
        assert f'name="{name}"' not in page
    for name in ("accent", "logo", "agency_logo"):
        assert f'name="{name}"' in page


def test_starter_cannot_send_what_its_plan_does_not_open(harbour: CurrentAgency, hugo: Account) -> None:
    fields = {name: samples.uploaded(samples.picture()) for name in ("logo", "favicon", "login_image")}
    response = send(hugo, "/harbour/branding/", accent="#00aa00", title="Zebra", **fields)
    assert response.status_code == 302
    portal = settings_of(harbour)
    assert (portal.accent, portal.title) == ("#00aa00", "")
    assert portal.logo_id and portal.favicon_id is None and portal.login_image_id is None


@pytest.mark.parametrize("name", ["title", "favicon", "login_image"])
def test_the_operation_refuses_starter_too_whoever_calls_it(name: str, harbour: CurrentAgency) -> None:
    with inside(harbour), pytest.raises(NeedsFullBranding, match="comes with Growth") as refused:
        by = Staff.objects.get()
        if name == "title":
            change_look(by=by, words={"accent": "#00aa00", "title": "Zebra"})
        else:
            change_look(
                by=by, words={"accent": "#00aa00"}, pictures={name: samples.uploaded(samples.picture())}
            )
    assert refused.value.field == name and settings_of(harbour).accent == DEFAULT_ACCENT


def test_a_read_only_agency_changes_nothing(northwind: CurrentAgency, alice: Account) -> None:
    Agency.objects.filter(pk=northwind.id).update(state="read_only")
    send(alice, accent="#ff0000")
    assert settings_of(northwind).accent == DEFAULT_ACCENT


def test_the_preview_button_shows_and_saves_nothing(northwind: CurrentAgency, alice: Account) -> None:
    response = send(alice, accent="#ff0000", title="Zebra", preview="1")
    page = response.content.decode()
    assert response.status_code == 200 and "accent=%23ff0000" in page and page.count(">Zebra</span>") >= 2
    assert (settings_of(northwind).accent, settings_of(northwind).title) == (DEFAULT_ACCENT, "")
    assert not recorded(northwind, "branding.look")


def test_the_previews_theme_is_for_the_sample_only(northwind: CurrentAgency, alice: Account) -> None:
    sheet = console_browser(alice).get(LOOK + "preview.css?accent=%23ff0000")
    assert sheet["Content-Type"].startswith("text/css") and sheet["Cache-Control"].startswith("private")
    assert "[data-theme-scope]" in sheet.content.decode() and ":root" not in sheet.content.decode()
    for wrong in ("", "?accent=red", "?accent=%7D*%7B", "?accent="):
        assert console_browser(alice).get(LOOK + "preview.css" + wrong).status_code == 400
        assert console_browser(alice).get(LOOK + "palette/" + wrong).status_code == 400


def test_the_palette_says_how_well_the_accent_can_be_read(northwind: CurrentAgency, alice: Account) -> None:
    pale = console_browser(alice).get(LOOK + "palette/?accent=%23fde047").content.decode()
    assert "15.9" in pale and "a shade darker or lighter" in pale
