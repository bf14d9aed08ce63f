"""The team: asked to join, let in at the invited address only, changed by who may, never without an owner."""

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client as Browser

from kit import clock
from portal.audit.models import AuditEntry
from portal.people import joining, roles
from portal.people.models import Company, OwnershipTransfer, Staff, StaffInvitation, TeamSettings
from portal.people.refusals import LastOwner, NotAllowed, StaffLimitReached
from tenants.accounts.models import Account, Membership, Role
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency
from tests.cast import PASSWORD, console_browser
from tests.running_jobs import run_jobs

TEAM = "/northwind/team/"
LINK = re.compile(r"/northwind(/join/[\w-]+/)")


def login_of(email: str, name: str = "Jonas Weber") -> Account:
    account = Account.objects.create_user(email, PASSWORD, name=name)
    EmailAddress.objects.create(user=account, email=email, verified=True, primary=True)
    return account


def joined(agency: CurrentAgency, email: str, role: str = Role.MEMBER) -> Account:
    account = login_of(email, email.partition("@")[0].title())
    Membership.objects.create(account=account, agency=Agency.objects.get(pk=agency.id), role=role)
    with inside(agency):
        Staff.objects.create(account_id=account.pk, name=account.name, email=email, role=role)
    return account


def staff_of(agency: CurrentAgency, account: Account) -> Staff:
    with inside(agency):
        return Staff.objects.get(account_id=account.pk)


def invite(alice: Account, email: str, role: str = "member", **more: Any) -> str:
    """Alice asks somebody; the path of the link in the mail."""
    page = console_browser(alice).post(
        f"{TEAM}invitations/", {"email": email, "role": role, "sees": "all", **more}
    )
    assert page.status_code == 302, page.content.decode()
    run_jobs()
    sent = [one for one in mail.outbox if one.to == [email]][-1]
    return "/northwind" + LINK.search(str(sent.body))[1]  # type: ignore[index]


def test_a_new_person_makes_a_login_from_the_mail_and_is_in(northwind: CurrentAgency, alice: Account) -> None:
    path = invite(alice, "nora@new.example", "admin")
    browser = console_browser()
    assert "Make my login and join" in browser.get(path).content.decode()
    weak = browser.post(path, {"name": "Nora Neu", "password": "password"})
    assert weak.status_code == 422 and not Account.objects.filter(email="nora@new.example").exists()
    done = browser.post(path, {"name": "Nora Neu", "password": "a long one that nobody has"})
    assert done["Location"] == "/northwind/"
    assert browser.get("/northwind/team/").status_code == 200
    nora = Account.objects.get(email="nora@new.example")
    assert Membership.objects.get(account=nora).role == Role.ADMIN
    assert staff_of(northwind, nora).role == "admin"
    assert console_browser().get(path).status_code == 410


def test_an_existing_login_joins_with_its_own_password_only(northwind: CurrentAgency, alice: Account) -> None:
    jonas = login_of("jonas@other.example")
    path = invite(alice, "Jonas@Other.example".lower())
    page = console_browser().get(path).content.decode()
    assert "has a login" in page and 'name="password"' not in page
    console_browser().post(path, {"name": "Mallory", "password": "a long one that nobody has"})
    jonas.refresh_from_db()
    assert jonas.check_password(PASSWORD) and not Membership.objects.filter(account=jonas).exists()
    browser = console_browser(jonas)
    assert "Join as jonas@other.example" in browser.get(path).content.decode()
    assert browser.post(path)["Location"] == "/northwind/"
    assert browser.get("/northwind/").status_code == 200


def test_another_login_gets_in_only_with_the_code_from_the_invited_mailbox(
    northwind: CurrentAgency, alice: Account, hugo: Account
) -> None:
    path = invite(alice, "jonas@other.example")
    browser = console_browser(hugo)
    assert "Mail a code" in browser.get(path).content.decode()
    assert browser.post(path).status_code == 422
    browser.post(f"{path}code/")
    run_jobs()
    sent = mail.outbox[-1]
    assert sent.to == ["jonas@other.example"] and hugo.email in str(sent.body)
    code = re.search(r"\b\d{6}\b", str(sent.body))[0]  # type: ignore[index]
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    for _ in range(2):
        assert browser.post(path, {"code": wrong}).status_code == 422
    mallory = console_browser(login_of("mallory@x.example"))
    assert mallory.post(path, {"code": code}).status_code == 422  # another login asked for it
    assert not Membership.objects.filter(account=hugo, agency=northwind.id).exists()
    assert browser.post(path, {"code": code}).status_code == 302
    assert Membership.objects.get(account=hugo, agency=northwind.id).role == Role.MEMBER


def test_codes_cannot_be_guessed_for_long(northwind: CurrentAgency, alice: Account, hugo: Account) -> None:
    path = invite(alice, "jonas@other.example")
    browser = console_browser(hugo)
    browser.post(f"{path}code/")
    run_jobs()
    code = re.search(r"\b\d{6}\b", str(mail.outbox[-1].body))[0]  # type: ignore[index]
    for n in range(joining.CODE_TRIES):
        browser.post(path, {"code": f"{(int(code) + 1 + n) % 1_000_000:06}"})
    assert browser.post(path, {"code": code}).status_code == 422
    assert not Membership.objects.filter(account=hugo, agency=northwind.id).exists()


@pytest.mark.parametrize("ended", ["revoked", "expired", "sent again", "inviter removed"])
def test_a_link_that_ended_lets_nobody_in(ended: str, northwind: CurrentAgency, alice: Account) -> None:
    boss = joined(northwind, "boss@northwind.example", Role.ADMIN)
    path = invite(boss, "nora@new.example")
    with inside(northwind):
        one = StaffInvitation.objects.get()
        if ended == "expired":
            StaffInvitation.objects.update(expires_at=clock.now() - timedelta(seconds=1))
            assert StaffInvitation.objects.get().state == "expired"
    browser = console_browser(alice)
    if ended == "revoked":
        browser.post(f"{TEAM}invitations/{one.pk}/revocation/")
    if ended == "sent again":
        browser.post(f"{TEAM}invitations/{one.pk}/sending/")
        run_jobs()
    if ended == "inviter removed":
        browser.post(f"{TEAM}{staff_of(northwind, boss).pk}/removal/")
    answer = console_browser().post(path, {"name": "N", "password": "a long one that nobody has"})
    assert answer.status_code == 410
    assert not Account.objects.filter(email="nora@new.example").exists()


def test_the_plans_places_count_those_who_were_asked(
    harbour: CurrentAgency, hugo: Account, northwind: CurrentAgency
) -> None:
    browser = console_browser(hugo)
    for email, is_asked in (("a@x.example", True), ("b@x.example", False)):
        page = browser.post("/harbour/team/invitations/", {"email": email, "role": "member", "sees": "all"})
        assert (page.status_code == 302) is is_asked, page.content.decode()
    assert "all places are taken" in page.content.decode()
    with inside(harbour):
        assert StaffInvitation.objects.count() == 1
        with pytest.raises(StaffLimitReached):
            joining.need_room()


def test_admins_neither_make_nor_touch_owners(northwind: CurrentAgency, alice: Account) -> None:
    boss = joined(northwind, "boss@northwind.example", Role.ADMIN)
    owner, admin = staff_of(northwind, alice), staff_of(northwind, boss)
    with inside(northwind):
        for act in (
            lambda: roles.change_role(owner, "member", by=admin),
            lambda: roles.change_role(admin, "owner", by=admin),
            lambda: roles.remove_staff(owner, by=admin),
            lambda: roles.set_scope(owner, sees_all=False, by=admin),
            lambda: joining.invite_staff(email="x@x.example", role="owner", by=admin),
            lambda: roles.save_settings(by=admin, second_factor_from=None, members_may_view=False),
        ):
            with pytest.raises(NotAllowed):
                act()
    browser = console_browser(boss)
    browser.post(f"{TEAM}{owner.pk}/removal/")
    browser.post(f"{TEAM}{owner.pk}/", {"role": "member"})
    browser.post(f"{TEAM}settings/", {"second_factor_from": "", "members_may_view": ""})
    assert browser.get(f"{TEAM}ownership/").status_code == 403
    assert staff_of(northwind, alice).role == "owner" and staff_of(northwind, alice).is_active
    with inside(northwind):
        assert not TeamSettings.objects.exists()


def test_members_and_strangers_have_no_team_page(
    northwind: CurrentAgency, alice: Account, hugo: Account
) -> None:
    jonas = joined(northwind, "jonas@northwind.example")
    pk = staff_of(northwind, alice).pk
    for path in ("", "invitations/", f"{pk}/", f"{pk}/removal/"):
        assert console_browser(jonas).get(TEAM + path).status_code == 403
        assert console_browser(jonas).post(TEAM + path, {"role": "member"}).status_code in (403, 405)
        assert console_browser(hugo).get(TEAM + path).status_code == 404
        assert console_browser().get(TEAM + path).status_code == 302
    assert console_browser().get("/northwind/join/").status_code == 404
    for path in ("/northwind/join/../clients/", "/northwind/join/x/y/z/"):
        assert console_browser().get(path).status_code in (302, 404)


def test_an_agency_is_never_without_an_owner(northwind: CurrentAgency, alice: Account) -> None:
    owner = staff_of(northwind, alice)
    with inside(northwind), pytest.raises(LastOwner):
        roles.leave(owner)
    page = console_browser(alice).post(f"{TEAM}leave/", follow=True).content.decode()
    assert "at least one owner" in page
    second = joined(northwind, "second@northwind.example", Role.OWNER)
    with inside(northwind):
        roles.change_role(owner, "admin", by=staff_of(northwind, second))
        with pytest.raises(NotAllowed):
            roles.remove_staff(Staff.objects.get(account_id=second.pk), by=owner)
    assert Membership.objects.get(account=alice).role == Role.ADMIN


def test_who_is_removed_is_out_at_the_next_click_and_stays_the_author(
    northwind: CurrentAgency, alice: Account
) -> None:
    jonas = joined(northwind, "jonas@northwind.example")
    browser, staff = console_browser(jonas), staff_of(northwind, jonas)
    with inside(northwind):
        from portal.tasks.operations import add_task

        add_task("Call Maria", by=staff)
    assert browser.get("/northwind/").status_code == 200
    console_browser(alice).post(f"{TEAM}{staff.pk}/removal/")
    assert browser.get("/northwind/").status_code == 404
    assert browser.get("/").status_code == 200  # the login and its other agencies stay
    assert not Membership.objects.filter(account=jonas).exists()
    with inside(northwind):
        assert AuditEntry.objects.filter(actor_name="Jonas", verb="tasks.added").exists()
    path = invite(alice, jonas.email, "admin")
    browser.post(path)
    again = staff_of(northwind, jonas)
    assert (again.pk, again.role, again.is_active) == (staff.pk, "admin", True)


def test_leaving_oneself(northwind: CurrentAgency, alice: Account) -> None:
    jonas = joined(northwind, "jonas@northwind.example")
    browser = console_browser(jonas)
    assert "Leave Northwind" in browser.get(f"{TEAM}leave/").content.decode()
    assert browser.post(f"{TEAM}leave/")["Location"] == "/"
    assert browser.get("/northwind/").status_code == 404


def set_password(account: Account) -> None:
    # The cast's was hashed by a hasher that tests do without.
    account.set_password(PASSWORD)
    account.save()


def prove(browser: Browser) -> None:
    done = browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert done.status_code == 302, done.content.decode()[-3000:]


def test_ownership_moves_when_both_have_said_so(northwind: CurrentAgency, alice: Account) -> None:
    jonas = joined(northwind, "jonas@northwind.example")
    set_password(alice)
    to = {"to": staff_of(northwind, jonas).pk}
    browser, other = console_browser(alice), console_browser(jonas)
    asked = browser.post(f"{TEAM}ownership/", to)
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    with inside(northwind):
        assert not OwnershipTransfer.objects.exists()
    prove(browser)
    assert browser.post(f"{TEAM}ownership/", to).status_code == 302
    run_jobs()
    assert {one.to[0] for one in mail.outbox} >= {alice.email, jonas.email}
    assert staff_of(northwind, alice).role == "owner" and staff_of(northwind, jonas).role == "member"
    assert "hands" in other.get(f"{TEAM}ownership/").content.decode()
    assert other.post(f"{TEAM}ownership/acceptance/")["Location"].startswith("/accounts/reauthenticate/")
    prove(other)
    other.post(f"{TEAM}ownership/acceptance/")
    assert staff_of(northwind, alice).role == "admin" and staff_of(northwind, jonas).role == "owner"
    assert Membership.objects.get(account=jonas).role == Role.OWNER
    assert Membership.objects.get(account=alice).role == Role.ADMIN


def test_an_offer_can_be_taken_back_and_is_only_for_the_one_it_was_made_to(
    northwind: CurrentAgency, alice: Account
) -> None:
    jonas = joined(northwind, "jonas@northwind.example")
    third = joined(northwind, "third@northwind.example", Role.ADMIN)
    set_password(alice)
    browser = console_browser(alice)
    prove(browser)
    browser.post(f"{TEAM}ownership/", {"to": staff_of(northwind, jonas).pk})
    for account in (third, alice):
        mallory = console_browser(account)
        prove(mallory)
        mallory.post(f"{TEAM}ownership/acceptance/")
        assert staff_of(northwind, alice).role == "owner"
    browser.post(f"{TEAM}ownership/deletion/")
    other = console_browser(jonas)
    prove(other)
    other.post(f"{TEAM}ownership/acceptance/")
    assert staff_of(northwind, jonas).role == "member"


def test_who_lacks_a_second_factor_can_do_nothing_here_from_the_day_on(
    northwind: CurrentAgency, alice: Account
) -> None:
    jonas = joined(northwind, "jonas@northwind.example")
    today = northwind.today()
    browser = console_browser(alice)
    first = browser.post(f"{TEAM}settings/", {"second_factor_from": today, "members_may_view": "on"})
    assert "your own two-step sign-in first" in first.content.decode()
    Authenticator.objects.create(user=alice, type=Authenticator.Type.TOTP, data={"secret": "x"})
    later = today + timedelta(days=7)
    assert browser.post(f"{TEAM}settings/", {"second_factor_from": later}).status_code == 302
    other = console_browser(jonas)
    assert "without two-step sign-in" in other.get("/northwind/").content.decode()
    assert "Missing" in browser.get(TEAM).content.decode()
    browser.post(f"{TEAM}settings/", {"second_factor_from": today})
    for path in ("", "clients/", "invoices/", "team/leave/"):
        page = other.get(f"/northwind/{path}")
        assert page.status_code == 403 and "/accounts/2fa/" in page.content.decode()
    assert other.post("/northwind/clients/new/", {"name": "N", "email": "n@x.example"}).status_code == 403
    assert other.get("/accounts/").status_code == 200
    assert browser.get("/northwind/").status_code == 200
    Authenticator.objects.create(user=jonas, type=Authenticator.Type.RECOVERY_CODES, data={})
    assert other.get("/northwind/").status_code == 403
    Authenticator.objects.create(user=jonas, type=Authenticator.Type.WEBAUTHN, data={})
    assert other.get("/northwind/").status_code == 200


def test_whom_a_member_sees_is_chosen_on_their_page(northwind: CurrentAgency, alice: Account) -> None:
    jonas = joined(northwind, "jonas@northwind.example")
    pk = staff_of(northwind, jonas).pk
    with inside(northwind):
        brightside = Company.objects.get(name="Brightside").pk
    browser = console_browser(alice)
    assert "Brightside" in browser.get(f"{TEAM}{pk}/").content.decode()
    browser.post(f"{TEAM}{pk}/clients/", {"sees": "some", "companies": [brightside]})
    page = console_browser(jonas).get("/northwind/clients/").content.decode()
    assert "Maria Silva" in page and "Tom Becker" not in page
    assert browser.post(f"{TEAM}{pk}/clients/", {}).status_code == 422  # nothing said opens nothing
    assert "Tom Becker" not in console_browser(jonas).get("/northwind/clients/").content.decode()
    browser.post(f"{TEAM}{pk}/clients/", {"sees": "all"})
    assert "Tom Becker" in console_browser(jonas).get("/northwind/clients/").content.decode()
