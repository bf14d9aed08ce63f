"""Staff see the portal as a client does, and nothing they do there changes anything."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client as Browser

from kit import clock
from portal import registry
from portal.audit.models import AuditEntry
from portal.demo import Cast
from portal.people.models import (
    VIEWING_LASTS,
    Client,
    ClientSession,
    Company,
    Staff,
    StaffScope,
    TeamSettings,
    ViewAs,
)
from tenants.accounts.models import Account, Membership, Role
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency
from tenants.routing.middleware import PORTAL_URLS
from tests.cast import PASSWORD, console_browser, portal_browser
from tests.portal.people.walking import addresses, touched

UNSAFE = ("post", "put", "patch", "delete")


@pytest.fixture
def jonas(northwind: CurrentAgency) -> Account:
    """A member of Northwind's staff."""
    account = Account.objects.create_user("jonas@northwind.example", PASSWORD, name="Jonas Weber")
    Membership.objects.create(account=account, agency=Agency.objects.get(slug="northwind"), role=Role.MEMBER)
    with inside(northwind):
        Staff.objects.create(account_id=account.pk, name="Jonas Weber", email=account.email)
    return account


def path_of(url: str) -> str:
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def asked(account: Account, client: Client, reason: str = "Maria called") -> tuple[Browser, str]:
    """The console's browser, and where it is sent on the portal."""
    console = console_browser(account)
    done = console.post(f"/northwind/clients/{client.pk}/viewing/", {"reason": reason})
    assert done.status_code == 302, done.content.decode()
    return console, path_of(done["Location"])


def offered(console: Browser, portal: Browser, arrive: str) -> str:
    """From the first leg to the code's address."""
    there = portal.get(arrive)
    back = console.get(path_of(there["Location"]))
    assert back.status_code == 302, back.content.decode()
    return path_of(back["Location"])


def looking(account: Account, client: Client, agency: CurrentAgency) -> Browser:
    """A browser that sees the portal as the client."""
    portal = portal_browser(agency)
    console, arrive = asked(account, client)
    assert portal.get(offered(console, portal, arrive))["Location"] == "/"
    return portal


def furnish(agency: CurrentAgency, alice: Account, maria: Client) -> dict[str, Any]:
    """All that the demo shows, Maria's; ids of it by module."""
    from tests.portal.people.test_served import ids_by_namespace

    with inside(agency):
        cast = Cast(agency=agency, staff=Staff.objects.get(account_id=alice.pk))
        cast.companies.append(Company.objects.get(name="Brightside"))
        cast.clients.append(maria)
        for module in registry.all_modules():
            if module.demo:
                module.demo(cast)
        return ids_by_namespace()


def test_staff_see_what_the_client_sees_with_a_banner_and_it_is_written_down(
    northwind: CurrentAgency, alice: Account, maria: Client
) -> None:
    portal = looking(alice, maria, northwind)
    home = portal.get("/").content.decode()
    assert "You see the portal as Maria" in home and "Leave this view" in home
    with inside(northwind):
        assert not ClientSession.objects.exists()
        entry = AuditEntry.objects.get(verb="people.viewing_begun")
        assert entry.subject == f"client:{maria.pk}" and "Maria called" in entry.summary
    ended = portal.post("/viewing/end/")
    assert f"/northwind/clients/{maria.pk}/" in ended.content.decode()
    assert portal.get("/").status_code == 302
    with inside(northwind):
        assert AuditEntry.objects.filter(verb="people.viewing_ended").exists()
    log = portal_browser(northwind, maria).get("/profile/").content.decode()
    assert "Who looked at your portal" in log and "Alice Moreno" in log and "Maria called" in log


def test_every_address_refuses_every_unsafe_method_and_no_page_writes(
    northwind: CurrentAgency, alice: Account, maria: Client
) -> None:
    ids = furnish(northwind, alice, maria)
    portal = looking(alice, maria, northwind)
    paths = [path for path in addresses(PORTAL_URLS, ids) if path != "/viewing/end/"]
    assert len(paths) > 150
    shown, before = 0, touched(northwind.schema_name)
    for path in paths:
        if path.startswith("/viewing/"):
            continue  # the way in: nobody is seen as a client there, see the tests of the hand-over
        for method in UNSAFE:
            assert getattr(portal, method)(path).status_code == 403, (method, path)
        page = portal.get(path)
        body = page.getvalue() if page.streaming else page.content
        assert page.status_code < 500, path
        if page.status_code == 200 and b"<main" in body:
            shown += 1
            assert b"You see the portal as" in body, path
        for secret in (b"client_secret", b"csrf-secret"):
            assert secret not in body, path
    assert shown > 20
    assert touched(northwind.schema_name) == before


def test_uploads_the_api_and_a_forged_method_are_refused_too(
    northwind: CurrentAgency, alice: Account, maria: Client
) -> None:
    portal = looking(alice, maria, northwind)
    from django.core.files.uploadedfile import SimpleUploadedFile

    for path in ("/profile/photo/", "/nowhere/at/all/"):
        assert portal.post(path, {"photo": SimpleUploadedFile("a.png", b"x")}).status_code == 403
    assert portal.generic("FROB", "/").status_code == 403
    forged = portal.post("/profile/", {"_method": "GET"}, headers={"X-HTTP-Method-Override": "GET"})
    assert forged.status_code == 403
    for path in ("/profile/password/", "/profile/passkeys/", "/profile/email/", "/profile/sessions/",
                 "/payments/methods/", "/sign-in/", "/sign-in/again/", "/arrive/", "/leave/"):  # fmt: skip
        assert portal.get(path).status_code == 403, path


def test_a_page_that_writes_is_not_shown_and_nothing_is_written(
    northwind: CurrentAgency, alice: Account, maria: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    portal = looking(alice, maria, northwind)
    from modules.projects.models import Project

    def through_orm(request: Any) -> None:
        Client.objects.filter(pk=maria.pk).update(name="Changed")

    def past_our_eyes(request: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "WITH a AS (UPDATE people_client SET name = 'Changed' RETURNING 1) SELECT * FROM a"
            )

    for write in (through_orm, past_our_eyes):
        monkeypatch.setattr(Project.objects.__class__, "visible_to", lambda self, client, w=write: w(None))
        assert portal.get("/projects/").status_code == 403, write
        monkeypatch.undo()
        with inside(northwind):
            assert Client.objects.get(pk=maria.pk).name == "Maria Silva"
    assert portal.get("/").status_code == 200


@pytest.mark.parametrize(
    "what", ["expired", "ended", "staff removed", "client removed", "members kept out", "not served"]
)
def test_it_ends_at_the_next_click_when_it_may_not_go_on(
    what: str, northwind: CurrentAgency, jonas: Account, maria: Client
) -> None:
    portal = looking(jonas, maria, northwind)
    assert portal.get("/").status_code == 200
    with inside(northwind):
        if what == "expired":
            row = ViewAs.objects.get()
            assert row.expires_at and row.begun_at and row.expires_at - row.begun_at == VIEWING_LASTS
            ViewAs.objects.update(expires_at=clock.now() - timedelta(seconds=1))
        elif what == "ended":
            ViewAs.objects.update(ended_at=clock.now())
        elif what == "staff removed":
            Staff.objects.filter(account_id=jonas.pk).update(is_active=False)
        elif what == "client removed":
            Client.objects.filter(pk=maria.pk).update(removed_at=clock.now())
        elif what == "members kept out":
            TeamSettings.objects.create(pk=1, members_may_view=False)
        else:
            staff = Staff.objects.get(account_id=jonas.pk)
            Staff.objects.filter(pk=staff.pk).update(sees_all=False)
            StaffScope.objects.create(staff=staff, company=Company.objects.get(name="Oakley"))
    page = portal.get("/profile/")
    assert page.status_code == 403 and "has ended" in page.content.decode()
    assert "Maria" not in page.content.decode()


def test_the_hand_over_works_once_in_the_browser_that_began(
    northwind: CurrentAgency,
    harbour: CurrentAgency,
    alice: Account,
    jonas: Account,
    hugo: Account,
    maria: Client,
) -> None:
    portal = portal_browser(northwind)
    console, arrive = asked(alice, maria)
    there = path_of(portal.get(arrive)["Location"])
    assert console_browser(jonas).get(there).status_code == 410  # a colleague
    assert console_browser(hugo).get(there).status_code == 404  # another agency
    assert console_browser().get(there).status_code == 302
    assert console.get(there.partition("?")[0] + "?state=short").status_code == 410
    begin = path_of(console.get(there)["Location"])
    assert console.get(there).status_code == 410  # a second code for the same wish
    assert portal_browser(northwind).get(begin).status_code == 410  # a browser without the secret
    elsewhere = portal_browser(harbour)
    elsewhere.cookies = portal.cookies
    assert elsewhere.get(begin).status_code == 410
    assert portal.get(begin).status_code == 302
    assert portal.get(begin).status_code == 410  # again
    thief = portal_browser(harbour)
    thief.cookies["viewing"] = portal.cookies["viewing"].value
    assert thief.get("/").status_code in (302, 403)
    for name in ("session", "staff"):
        as_session = portal_browser(northwind)
        as_session.cookies[name] = portal.cookies["viewing"].value
        assert as_session.get("/").status_code == 302


def test_a_hand_over_that_took_too_long_is_refused(
    northwind: CurrentAgency, alice: Account, maria: Client
) -> None:
    portal = portal_browser(northwind)
    console, arrive = asked(alice, maria)
    begin = offered(console, portal, arrive)
    with inside(northwind):
        ViewAs.objects.update(code_expires_at=clock.now() - timedelta(seconds=1))
    assert portal.get(begin).status_code == 410
    with inside(northwind):
        assert not AuditEntry.objects.filter(verb="people.viewing_begun").exists()


def test_who_may_not_look_is_refused_in_the_console(
    northwind: CurrentAgency, jonas: Account, hugo: Account, maria: Client, charlie: Client, alice: Account
) -> None:
    path = f"/northwind/clients/{maria.pk}/viewing/"
    assert console_browser(hugo).get(path).status_code == 404
    assert console_browser(alice).post(path, {"reason": "  "}).status_code == 422
    with inside(northwind):
        staff = Staff.objects.get(account_id=jonas.pk)
        Staff.objects.filter(pk=staff.pk).update(sees_all=False)
        StaffScope.objects.create(staff=staff, client=maria)
    browser = console_browser(jonas)
    assert browser.get(f"/northwind/clients/{charlie.pk}/viewing/").status_code == 404
    assert browser.get(path).status_code == 200
    with inside(northwind):
        TeamSettings.objects.create(pk=1, members_may_view=False)
    assert browser.post(path, {"reason": "Why not"}).status_code == 422
    assert "See the portal as" not in browser.get(f"/northwind/clients/{maria.pk}/").content.decode()
    with inside(northwind):
        Client.objects.filter(pk=maria.pk).update(removed_at=clock.now())
    assert console_browser(alice).post(path, {"reason": "Gone"}).status_code == 422
    with inside(northwind):
        assert not ViewAs.objects.exists()


def test_an_invoice_looked_at_by_staff_does_not_count_as_seen(
    northwind: CurrentAgency, alice: Account, maria: Client
) -> None:
    furnish(northwind, alice, maria)
    portal = looking(alice, maria, northwind)
    from modules.invoices.models import Invoice

    with inside(northwind):
        Invoice.objects.update(viewed_at=None)
        seen = list(Invoice.objects.visible_to(maria).values_list("pk", flat=True))
    assert seen
    for pk in seen:
        assert portal.get(f"/invoices/{pk}/").status_code == 200
    with inside(northwind):
        assert not Invoice.objects.filter(viewed_at__isnull=False).exists()
        assert Client.objects.get(pk=maria.pk).last_seen_at is None
