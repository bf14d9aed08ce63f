"""Access: how it ends, on which day, and that nothing stays open behind it."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
import time_machine
from django.core import mail

from kit import clock
from portal.audit.models import AuditEntry
from portal.mail.models import Message
from portal.mail.operations import queue_mail
from portal.people.ending import warn_of_ending_access
from portal.people.invitations import invite
from portal.people.models import (
    Client,
    ClientSession,
    Company,
    CompanyMembership,
    Invitation,
    SignInLink,
    Staff,
)
from portal.people.operations import (
    AlreadyClient,
    ClientLimitReached,
    NoAccess,
    NotAllowed,
    Refused,
    add_and_invite,
    add_client,
    edit_client,
    remove_access,
    restore_access,
    set_access_until,
)
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency
from tenants.plans import limits
from tests.cast import portal_browser
from tests.portal.people.inviting import invited, latest, link_in_last_mail, press
from tests.running_jobs import run_jobs


def test_a_removed_client_is_out_at_once_with_every_way_back_closed(
    northwind: CurrentAgency, maria: Client, alice_staff: Staff
) -> None:
    path = invited(northwind, maria)
    one, two = portal_browser(northwind, maria), portal_browser(northwind, maria)
    assert one.get("/profile/").status_code == two.get("/").status_code == 200
    one.post("/sign-in/", {"email": maria.email})
    run_jobs()
    with inside(northwind):
        SignInLink.objects.create(
            client=maria, token_hash="h", browser_hash="b", expires_at=clock.now() + timedelta(minutes=10)
        )
        queued = queue_mail("people.invitation", maria, words={"invitation_id": latest(northwind, maria).pk})
        remove_access(maria, by=alice_staff)
        remove_access(maria, by=alice_staff)
        assert not ClientSession.objects.filter(client=maria, ended_at__isnull=True).exists()
        assert not SignInLink.objects.filter(client=maria, used_at=None, revoked_at=None).exists()
        assert Message.objects.get(pk=queued.pk).state == Message.State.DROPPED
        assert AuditEntry.objects.filter(verb="people.access_removed").count() == 1
        assert Client.objects.filter(pk=maria.pk).exists()
    for browser in (one, two):
        for page in ("/", "/profile/", "/profile/email/", f"/profile/photo/{queued.pk}/"):
            assert browser.get(page).status_code == 302
    assert portal_browser(northwind).get(path).status_code == 410
    before = len(mail.outbox)
    run_jobs()
    assert len(mail.outbox) == before


def test_restored_access_needs_a_new_sign_in_and_finds_everything(
    northwind: CurrentAgency, maria: Client, alice_staff: Staff
) -> None:
    path = invited(northwind, maria)
    browser = portal_browser(northwind, maria)
    with inside(northwind):
        remove_access(maria, by=alice_staff)
        restore_access(maria, by=alice_staff)
        assert maria.memberships.count() == 1
    assert browser.get("/profile/").status_code == 302
    assert portal_browser(northwind).get(path).status_code == 410
    with inside(northwind):
        invite(maria, by=alice_staff)
    run_jobs()
    assert press(portal_browser(northwind), link_in_last_mail("invitation")).status_code == 302


@pytest.mark.parametrize(
    ("zone", "still_in", "out"),
    [
        # 23:30 on the last day and 00:00 of the next one, in the agency's zone
        ("Pacific/Auckland", "2026-06-10 11:30Z", "2026-06-10 12:00Z"),
        ("America/Los_Angeles", "2026-06-11 06:30Z", "2026-06-11 07:00Z"),
    ],
)
def test_the_last_day_counts_in_the_agencys_zone(
    northwind: CurrentAgency, maria: Client, zone: str, still_in: str, out: str
) -> None:
    Agency.objects.filter(slug="northwind").update(zone=zone)
    agency = Agency.objects.get(slug="northwind").current()
    with time_machine.travel("2026-06-01 12:00Z", tick=False) as now:
        with inside(agency):
            Client.objects.filter(pk=maria.pk).update(access_until=date(2026, 6, 10))
        browser, path = portal_browser(agency, maria), invited(agency, maria)
        now.move_to(still_in)
        assert browser.get("/profile/").status_code == 200
        assert portal_browser(agency).get(path).status_code == 200
        now.move_to(out)
        assert browser.get("/profile/").status_code == 302
        assert portal_browser(agency).get(path).status_code == 410


def test_the_last_day_is_set_by_owners_and_admins_and_never_in_the_past(
    northwind: CurrentAgency, maria: Client, alice_staff: Staff
) -> None:
    with inside(northwind):
        member = Staff.objects.create(account_id=999, name="Jonas", email="jonas@northwind.example")
        today = northwind.today()
        attempts: list[Callable[[], object]] = [
            lambda: set_access_until(maria, today, by=member),
            lambda: remove_access(maria, by=member),
            lambda: restore_access(maria, by=member),
        ]
        for refused in attempts:
            with pytest.raises(NotAllowed):
                refused()
        with pytest.raises(Refused, match="over"):
            set_access_until(maria, today - timedelta(days=1), by=alice_staff)
        set_access_until(maria, today, by=alice_staff)
        maria.refresh_from_db()
        assert maria.has_access and maria.access_until == today


def test_the_plans_number_of_clients_is_a_limit_on_adding_only(harbour: CurrentAgency, ines: Client) -> None:
    most = limits(harbour.plan).clients
    assert most is not None
    with inside(harbour):
        owner = Staff.objects.get(role=Staff.Role.OWNER)
        taken = Client.objects.filter(removed_at=None, is_example=False).count()
        Client.objects.bulk_create(
            Client(email=f"c{number}@client.example", name=f"C {number}") for number in range(most - taken)
        )
        with pytest.raises(ClientLimitReached, match=f"{most} clients"):
            add_client(email="more@client.example", name="More", by=owner)
        add_and_invite(email=ines.email.upper(), name="Ines", by=owner)
        gone = Client.objects.get(email="c1@client.example")
        remove_access(gone, by=owner)
        add_client(email="more@client.example", name="More", by=owner)
        with pytest.raises(ClientLimitReached):
            restore_access(gone, by=owner)
    assert portal_browser(harbour, ines).get("/profile/").status_code == 200


def test_inviting_a_known_address_never_doubles_the_client(
    northwind: CurrentAgency, maria: Client, alice_staff: Staff
) -> None:
    with time_machine.travel("2026-03-02 09:00Z", tick=False) as now, inside(northwind):
        oakley = Company.objects.get(name="Oakley")
        for _turn in range(7):
            client, invitation = add_and_invite(
                email=" MARIA@client.example ",
                name="Somebody",
                by=alice_staff,
                company=oakley,
                next_path="/profile/",
            )
            assert (client.pk, client.name, invitation.next_path) == (maria.pk, "Maria Silva", "/profile/")
            now.shift(60)
        assert CompanyMembership.objects.filter(client=maria).count() == 2
        open_ones = Invitation.objects.filter(client=maria, accepted_at=None, revoked_at=None)
        assert open_ones.count() == 1 and maria.invitations.count() == 5
        with pytest.raises(AlreadyClient, match="Maria Silva"):
            add_client(email="Maria@Client.example", name="x", by=alice_staff)
        remove_access(maria, by=alice_staff)
        with pytest.raises(NoAccess):
            add_and_invite(email=maria.email, name="x", by=alice_staff)


def test_a_mistyped_address_is_corrected_until_the_client_has_signed_in(
    northwind: CurrentAgency, tom: Client, maria: Client, alice_staff: Staff
) -> None:
    path = invited(northwind, tom)
    with inside(northwind):
        edit_client(tom, name="Thomas Becker", email="thomas@client.example", by=alice_staff)
        with pytest.raises(AlreadyClient):
            edit_client(tom, name="Thomas Becker", email="MARIA@client.example", by=alice_staff)
    assert portal_browser(northwind).get(path).status_code == 410
    with inside(northwind):
        tom.refresh_from_db()
    portal_browser(northwind, tom).get("/profile/")
    with inside(northwind), pytest.raises(Refused, match="signed in"):
        edit_client(tom, name="Thomas Becker", email="other@client.example", by=alice_staff)


def test_staff_are_warned_seven_days_and_one_day_before_access_ends(
    northwind: CurrentAgency, maria: Client, tom: Client, alice_staff: Staff
) -> None:
    with time_machine.travel("2026-06-03 09:00+02:00", tick=False) as now:
        with inside(northwind):
            jonas = Staff.objects.create(account_id=999, name="Jonas", email="jonas@northwind.example")
            invite(maria, by=jonas)
            for client in (maria, tom):
                client.access_until = northwind.today() + timedelta(days=7)
                client.save()
        run_jobs()
        mail.outbox.clear()
        with inside(northwind):
            assert warn_of_ending_access() == 2 and warn_of_ending_access() == 0
            run_jobs()
        sent = {(message.to[0], message.subject) for message in mail.outbox}
        assert sent == {
            ("jonas@northwind.example", "The access of Maria Silva ends in 7 days"),
            ("alice@northwind.example", "The access of Tom Becker ends in 7 days"),
        }
        now.move_to("2026-06-09 07:30+02:00")
        with inside(northwind):
            assert warn_of_ending_access() == 0
        now.move_to("2026-06-09 08:30+02:00")
        with inside(northwind):
            assert warn_of_ending_access() == 2
            run_jobs()
        assert mail.outbox[-1].subject.endswith("ends tomorrow")
