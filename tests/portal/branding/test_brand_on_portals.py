"""What a portal answers to anyone: its own looks and nothing else."""

import json
import uuid
from typing import Any

import pytest

from portal.branding.brand import brand_of, console_brand, look
from portal.people.models import Client
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency
from tenants.plans import Plan
from tenants.routing import hosts
from tests.cast import console_browser, portal_browser
from tests.portal.branding.pictures import hang, set_settings, settings_of

OPEN = ["/theme.css", "/brand/favicon/", "/favicon.ico", "/manifest.webmanifest", "/robots.txt"]
FOR_EVER = "public, max-age=31536000, immutable"


def brand(agency: CurrentAgency) -> dict[str, Any]:
    return brand_of(agency, settings_of(agency))


def put_on(agency: CurrentAgency, plan: Plan) -> CurrentAgency:
    Agency.objects.filter(pk=agency.id).update(plan=plan)
    hosts.forget_all()
    changed: CurrentAgency = Agency.objects.get(pk=agency.id).current()
    return changed


def content(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


@pytest.mark.parametrize("path", OPEN)
def test_the_looks_need_no_sign_in_and_set_no_cookie(path: str, northwind: CurrentAgency) -> None:
    response = portal_browser(northwind).get(path)
    assert response.status_code == 200 and not response.cookies
    assert response["Cache-Control"].startswith("public")
    assert "Portico" not in content(response).decode() and "harbour" not in content(response).decode().lower()


@pytest.mark.parametrize("path", OPEN)
def test_a_closed_portal_still_has_its_looks(path: str, northwind: CurrentAgency) -> None:
    set_settings(northwind, is_open=False)
    assert portal_browser(northwind).get(path).status_code == 200
    assert portal_browser(northwind).get("/sign-in/").status_code == 503


@pytest.mark.parametrize("path", OPEN)
def test_the_looks_cannot_be_posted_to(path: str, northwind: CurrentAgency) -> None:
    assert portal_browser(northwind).post(path).status_code == 405


def test_theme_and_favicon_may_be_kept_for_ever_under_their_version_only(northwind: CurrentAgency) -> None:
    browser = portal_browser(northwind)
    for name in ("theme_url", "favicon_url"):
        address = brand(northwind)[name]
        assert browser.get(address)["Cache-Control"] == FOR_EVER
        assert browser.get(address.partition("?")[0])["Cache-Control"] == "public, max-age=300"
        assert browser.get(address.partition("?")[0] + "?v=old")["Cache-Control"] == "public, max-age=300"


def test_who_holds_the_theme_gets_304_until_the_accent_changes(northwind: CurrentAgency) -> None:
    browser = portal_browser(northwind)
    etag = browser.get("/theme.css")["ETag"]
    again = browser.get("/theme.css", headers={"if-none-match": etag})
    assert again.status_code == 304 and not again.content and again["ETag"] == etag
    set_settings(northwind, accent="#ff0000")
    changed = browser.get("/theme.css", headers={"if-none-match": etag})
    assert changed.status_code == 200 and "#ff0000" in changed.content.decode()


def test_the_version_changes_with_whatever_is_drawn(northwind: CurrentAgency, harbour: CurrentAgency) -> None:
    versions = {look(northwind, settings_of(northwind)), look(harbour, settings_of(harbour))}
    for values in ({"accent": "#00aa00"}, {"title": "Zebra"}):
        set_settings(northwind, **values)
        versions.add(look(northwind, settings_of(northwind)))
    hang(northwind, "favicon")
    versions.add(look(northwind, settings_of(northwind)))
    assert len(versions) == 5


def test_without_an_own_favicon_it_is_the_initial_on_the_accent(northwind: CurrentAgency) -> None:
    set_settings(northwind, title='<script>"Zebra', accent="#0f766e")
    response = portal_browser(northwind).get("/favicon.ico")
    assert response["Content-Type"] == "image/svg+xml" and "sandbox" in response["Content-Security-Policy"]
    drawing = response.content.decode()
    assert "#0f766e" in drawing and ">S</text>" in drawing and "<script" not in drawing


def test_an_own_favicon_is_served_instead(northwind: CurrentAgency) -> None:
    hang(northwind, "favicon")
    response = portal_browser(northwind).get("/brand/favicon/")
    assert response["Content-Type"] == "image/png" and response["Cache-Control"] == "public, max-age=300"
    assert content(response).startswith(b"\x89PNG")


def test_logo_and_login_image_are_shown_to_anyone_for_ever(northwind: CurrentAgency) -> None:
    hang(northwind, "logo", "login_image")
    for name in ("logo_url", "login_image_url"):
        response = portal_browser(northwind).get(brand(northwind)[name])
        assert response.status_code == 200 and response["Cache-Control"] == FOR_EVER
        assert response["X-Content-Type-Options"] == "nosniff" and not response.cookies
        assert content(response).startswith(b"\x89PNG")


def test_only_what_the_settings_point_at_is_given_out(
    northwind: CurrentAgency, harbour: CurrentAgency, maria: Client, charlie: Client
) -> None:
    made = hang(northwind, "logo", "agency_logo", "login_image", "favicon")
    secret = hang(northwind, "logo")["logo"]  # stored last: it is the logo now
    set_settings(northwind, logo=made["logo"])
    theirs = hang(harbour, "logo")["logo"]
    with inside(northwind):
        Client.objects.filter(pk=maria.pk).update(photo=secret)
    asked = [uuid.uuid4(), secret.pk, theirs.pk, made["agency_logo"].pk, made["favicon"].pk]
    for browser in (portal_browser(northwind), portal_browser(northwind, charlie)):
        for upload_id in asked:
            assert browser.get(f"/brand/logo/{upload_id}/").status_code == 404
            assert browser.get(f"/brand/login/{upload_id}/").status_code == 404
        assert browser.get(f"/brand/login/{made['logo'].pk}/").status_code == 404
        assert browser.get("/brand/logo/1/").status_code in (302, 404)


def test_a_replaced_logo_is_gone(northwind: CurrentAgency) -> None:
    old = hang(northwind, "logo")["logo"]
    hang(northwind, "logo")
    assert portal_browser(northwind).get(f"/brand/logo/{old.pk}/").status_code == 404


def test_the_manifest_names_the_agency_and_its_colour(northwind: CurrentAgency) -> None:
    set_settings(northwind, title="Nordlicht – Räume", accent="#ABCDEF".lower())
    response = portal_browser(northwind).get("/manifest.webmanifest")
    assert response["Content-Type"] == "application/manifest+json"
    described = json.loads(response.content)
    assert (described["name"], described["theme_color"]) == ("Nordlicht – Räume", "#abcdef")
    assert portal_browser(northwind).get(described["icons"][0]["src"])["Cache-Control"] == FOR_EVER


def test_no_portal_is_for_search_engines(northwind: CurrentAgency) -> None:
    response = portal_browser(northwind).get("/robots.txt")
    assert response.content == b"User-agent: *\nDisallow: /\n" and "noindex" in response["X-Robots-Tag"]


def test_on_starter_only_logo_and_accent_show_and_who_powers_it(harbour: CurrentAgency) -> None:
    made = hang(harbour, "logo", "favicon", "login_image")
    full = {"title": "Zebra", "welcome": "<p>Hi</p>", "support_email": "help@harbour.example"}
    set_settings(harbour, accent="#00aa00", **full)
    shown = brand(harbour)
    assert shown["logo_url"] and shown["accent"] == "#00aa00" and shown["powered_by"]["name"]
    assert shown["name"] == "Harbour & Co"
    assert not (shown["welcome"] or shown["support_email"] or shown["login_image_url"])
    browser = portal_browser(harbour)
    assert browser.get("/favicon.ico")["Content-Type"] == "image/svg+xml"
    assert browser.get(f"/brand/login/{made['login_image'].pk}/").status_code == 404
    assert json.loads(browser.get("/manifest.webmanifest").content)["name"] == "Harbour & Co"


def test_after_a_downgrade_and_back_everything_is_there_again(northwind: CurrentAgency) -> None:
    set_settings(northwind, title="Zebra", welcome="<p>Hi</p>")
    lower = put_on(northwind, Plan.STARTER)
    assert (brand(lower)["name"], brand(lower)["welcome"]) == ("Northwind Studio", "")
    back = put_on(northwind, Plan.SCALE)
    assert (brand(back)["name"], brand(back)["welcome"], brand(back)["powered_by"]) == (
        "Zebra",
        "<p>Hi</p>",
        None,
    )


def test_the_pages_use_the_brand(northwind: CurrentAgency, maria: Client) -> None:
    hang(northwind, "logo")
    set_settings(
        northwind, title="Zebra", welcome="<p>Hi <strong>you</strong></p>", support_email="help@n.example"
    )
    page = portal_browser(northwind, maria).get("/").content.decode()
    shown = brand(northwind)
    for part in ("logo_url", "theme_url", "favicon_url", "manifest_url", "welcome", "support_email"):
        assert shown[part] in page, part
    assert "Zebra</title>" in page and "Portico" not in page


def test_the_console_has_twins_that_need_staff(
    northwind: CurrentAgency, alice: Account, hugo: Account
) -> None:
    made = hang(northwind, "logo", "agency_logo")
    twin = console_brand(northwind, settings_of(northwind))
    addresses = [twin["theme_url"], twin["favicon_url"], twin["logo_url"]]
    assert str(made["agency_logo"].pk) in twin["logo_url"]
    for address in addresses:
        response = console_browser(alice).get(address)
        assert response.status_code == 200, address
        assert response["Cache-Control"] == "private, max-age=31536000, immutable"
        assert console_browser().get(address).status_code == 302
        assert console_browser(hugo).get(address).status_code == 404
    for wrong in (
        f"agency-logo/{made['logo'].pk}",
        f"logo/{uuid.uuid4()}",
        f"photo/{made['logo'].pk}",
        f"pk/{made['logo'].pk}",
    ):
        assert console_browser(alice).get(f"/northwind/branding/{wrong}/").status_code == 404
