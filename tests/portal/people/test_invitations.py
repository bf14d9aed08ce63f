"""From the mail to the portal: once, by a person, on the right host."""

from datetime import timedelta
from smtplib import SMTPRecipientsRefused

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from django.test import Client as Browser

from kit import clock
from portal.audit.models import AuditEntry
from portal.mail.jobs import Deferred
from portal.people.invitations import invite, resend, revoke
from portal.people.models import Client, ClientSession, Invitation, Staff
from portal.people.refusals import NoAccess, NotAllowed, TooOften
from portal.people.sign_in_paths import safe_next
from tenants.agencies.current import CurrentAgency, inside
from tests.cast import portal_browser
from tests.portal.people.inviting import PERSON, invited, latest, link_in_last_mail, press, proof_on
from tests.running_jobs import run_jobs

SIGNED_IN = settings.CLIENT_COOKIE_NAME


def test_one_click_from_the_mail_leads_to_the_page_that_was_meant(
    northwind: CurrentAgency, maria: Client, alice_staff: Staff
) -> None:
    path = invited(northwind, maria, by=alice_staff, next_path="/profile/")
    assert mail.outbox[-1].to == ["maria@client.example"]
    assert "Northwind Studio" in str(mail.outbox[-1].subject) and "Portico" not in str(mail.outbox[-1].body)
    browser = portal_browser(northwind)
    answer = press(browser, path)
    assert (answer.status_code, answer["Location"]) == (302, "/profile/")
    assert browser.get("/profile/").status_code == 200
    assert latest(northwind, maria).state == "accepted"


def test_the_link_page_keeps_its_address_to_itself(northwind: CurrentAgency, maria: Client) -> None:
    page = portal_browser(northwind).get(invited(northwind, maria))
    assert page["Referrer-Policy"] == "no-referrer" and "no-store" in page["Cache-Control"]
    assert "Portico" not in page.content.decode().replace("Powered by", "")


def test_only_the_hash_is_stored_and_the_queue_never_had_the_token(
    northwind: CurrentAgency, maria: Client
) -> None:
    with inside(northwind):
        invite(maria, by=None)
        assert latest(northwind, maria).token_hash == ""
    run_jobs()
    token = link_in_last_mail("invitation").split("/")[2]
    with inside(northwind), connection.cursor() as cursor:
        assert latest(northwind, maria).token_hash not in ("", token)
        cursor.execute("SELECT count(*) FROM mail_message WHERE words::text LIKE %s", [f"%{token}%"])
        assert cursor.fetchone() == (0,)


def test_after_a_scanner_opened_and_posted_everything_the_person_gets_in_with_one_click(
    northwind: CurrentAgency, maria: Client
) -> None:
    path = invited(northwind, maria)
    scanner = Browser(headers={"host": northwind.host, "user-agent": "Proofpoint"}, enforce_csrf_checks=True)
    for _ in range(3):
        assert scanner.get(path).status_code == 200
        assert scanner.head(path).status_code == 200
        assert scanner.options(path).status_code == 405
        for wrong in ({}, {"proof": "x"}, {"proof": ""}):
            assert Browser(headers={"host": northwind.host}).post(path, wrong).status_code == 200
        assert scanner.post(path + "sign-in-link/").status_code == 410
    assert SIGNED_IN not in scanner.cookies
    assert latest(northwind, maria).state == "sent"
    person = Browser(headers={"host": northwind.host}, enforce_csrf_checks=True)
    assert press(person, path).status_code == 302
    assert person.get("/profile/").status_code == 200


def test_a_proof_from_one_browser_is_worth_nothing_in_another(
    northwind: CurrentAgency, maria: Client
) -> None:
    path = invited(northwind, maria)
    proof = proof_on(portal_browser(northwind).get(path).content.decode())
    thief = portal_browser(northwind)
    thief.post(path, {"proof": proof})
    assert SIGNED_IN not in thief.cookies and latest(northwind, maria).accepted_at is None


def test_opening_is_noted_for_people_only(northwind: CurrentAgency, maria: Client) -> None:
    path = invited(northwind, maria)
    browser = portal_browser(northwind)
    browser.get(path, headers={"user-agent": "Mozilla/5.0 (compatible; SomeBot/1.0)"})
    browser.head(path, headers=PERSON)
    assert latest(northwind, maria).state == "sent"
    browser.get(path, headers=PERSON)
    assert latest(northwind, maria).state == "opened"


def test_it_works_once_and_then_offers_a_fresh_sign_in_link(northwind: CurrentAgency, maria: Client) -> None:
    path = invited(northwind, maria)
    press(portal_browser(northwind), path)
    again = portal_browser(northwind)
    page = again.get(path)
    assert page.status_code == 410 and "no longer works" in page.content.decode()
    sent = again.post(path + "sign-in-link/", {"proof": proof_on(page.content.decode())})
    assert sent.status_code == 200
    before = len(mail.outbox)
    run_jobs()
    assert len(mail.outbox) == before + 1 and mail.outbox[-1].to == ["maria@client.example"]
    enter = link_in_last_mail("enter")
    again.get(enter)
    assert again.post(enter).status_code == 302
    assert again.get("/profile/").status_code == 200


def test_an_unknown_link_and_a_used_one_answer_alike(northwind: CurrentAgency, maria: Client) -> None:
    used = invited(northwind, maria)
    press(portal_browser(northwind), used)
    answers = []
    for path in (used, "/invitation/" + "x" * 43 + "/"):
        browser = portal_browser(northwind)
        page = browser.get(path)
        sent = browser.post(path + "sign-in-link/", {"proof": proof_on(page.content.decode())})
        token = path.split("/")[2]
        words = page.content.decode().replace(token, "T")
        answers.append(
            (page.status_code, words.replace(proof_on(words), "P"), sent.status_code, sent.content)
        )
    assert answers[0] == answers[1]


def test_whoever_is_signed_in_just_goes_on(northwind: CurrentAgency, maria: Client) -> None:
    path = invited(northwind, maria, next_path="/profile/")
    answer = portal_browser(northwind, maria).get(path)
    assert (answer.status_code, answer["Location"]) == (302, "/profile/")
    assert latest(northwind, maria).accepted_at is None


def test_another_client_on_this_browser_is_told_and_replaced(
    northwind: CurrentAgency, maria: Client, tom: Client
) -> None:
    path = invited(northwind, maria)
    browser = portal_browser(northwind, tom)
    assert "tom@client.example" in browser.get(path).content.decode()
    assert press(browser, path).status_code == 302
    assert "maria@client.example" in browser.get("/profile/").content.decode()
    with inside(northwind):
        assert not ClientSession.objects.filter(client=tom, ended_at__isnull=True).exists()


def test_a_newer_invitation_kills_the_older(northwind: CurrentAgency, maria: Client) -> None:
    with time_machine.travel("2026-03-02 09:00Z", tick=False) as now:
        old = invited(northwind, maria)
        now.shift(60)
        with inside(northwind):
            resend(latest(northwind, maria), by=None)
        run_jobs()
        new = link_in_last_mail("invitation")
        assert portal_browser(northwind).get(old).status_code == 410
        assert press(portal_browser(northwind), new).status_code == 302


def test_a_form_sent_twice_mails_once(northwind: CurrentAgency, maria: Client) -> None:
    with inside(northwind):
        assert invite(maria, by=None).pk == invite(maria, by=None, next_path="/profile/").pk
        assert latest(northwind, maria).next_path == "/profile/"
    run_jobs()
    assert len(mail.outbox) == 1


def test_sending_again_has_a_limit_with_words(northwind: CurrentAgency, maria: Client) -> None:
    with time_machine.travel("2026-03-02 09:00Z", tick=False) as now, inside(northwind):
        for _ in range(5):
            invite(maria, by=None)
            now.shift(60)
        with pytest.raises(TooOften, match="Try again in"):
            invite(maria, by=None)


def test_it_ends_after_fourteen_days_and_when_revoked(
    northwind: CurrentAgency, maria: Client, alice_staff: Staff
) -> None:
    with time_machine.travel("2026-03-02 09:00Z", tick=False) as now:
        path = invited(northwind, maria)
        now.shift(timedelta(days=14, seconds=-1))
        assert portal_browser(northwind).get(path).status_code == 200
        now.shift(timedelta(seconds=1))
        assert portal_browser(northwind).get(path).status_code == 410
        assert latest(northwind, maria).state == "expired"
        path = invited(northwind, maria)
        with inside(northwind):
            assert revoke(latest(northwind, maria), by=alice_staff)
            assert not revoke(latest(northwind, maria), by=alice_staff)
            assert AuditEntry.objects.filter(verb="people.invitation_revoked").count() == 1
        assert portal_browser(northwind).get(path).status_code == 410


def test_a_revoked_invitation_that_has_not_left_never_leaves(northwind: CurrentAgency, maria: Client) -> None:
    with inside(northwind):
        revoke(invite(maria, by=None), by=None)
    run_jobs()
    assert mail.outbox == []


def test_nobody_without_access_is_invited_and_members_set_no_end(
    northwind: CurrentAgency, maria: Client, alice_staff: Staff
) -> None:
    with inside(northwind):
        member = Staff.objects.create(account_id=999, name="Jonas", email="jonas@northwind.example")
        tomorrow = northwind.today() + timedelta(days=1)
        with pytest.raises(NotAllowed):
            invite(maria, by=member, access_until=tomorrow)
        invite(maria, by=alice_staff, access_until=tomorrow)
        Client.objects.filter(pk=maria.pk).update(removed_at=clock.now())
        with pytest.raises(NoAccess, match="Restore"):
            invite(maria, by=alice_staff)


def test_an_invitation_of_northwind_is_nothing_on_harbours_host(
    northwind: CurrentAgency, harbour: CurrentAgency, maria: Client, ines: Client, charlie: Client
) -> None:
    path = invited(northwind, maria)
    for browser in (portal_browser(harbour), portal_browser(harbour, ines)):
        page = browser.get(path)
        assert page.status_code == 410
        assert browser.post(path, {"proof": proof_on(page.content.decode())}).status_code == 410
    assert "maria" not in page.content.decode().lower()
    assert latest(northwind, maria).state == "sent"


def test_the_same_address_in_two_agencies_is_two_people(
    northwind: CurrentAgency, harbour: CurrentAgency, maria: Client
) -> None:
    with inside(harbour):
        other = Client.objects.create(email=maria.email, name="Maria of Harbour")
    path = invited(harbour, other)
    browser = portal_browser(harbour)
    press(browser, path)
    assert "Maria of Harbour" not in portal_browser(northwind, maria).get("/profile/").content.decode()
    browser.defaults["HTTP_HOST"] = northwind.host
    assert browser.get("/profile/").status_code == 302
    with inside(northwind):
        assert not Invitation.objects.filter(client__email=maria.email).exists()


@pytest.mark.parametrize(
    ("wanted", "kept"),
    [
        ("/profile/", "/profile/"),
        ("/profile/?a=1#b", "/profile/?a=1#b"),
        ("//evil.example/", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/nothing/here/", "/"),
        ("/sign-out/", "/"),
        ("/invitation/abc/", "/"),
        ("/profile/\r\nSet-Cookie: a=b", "/"),
        ("", "/"),
        ("/" + "p" * 600, "/"),
    ],
)
def test_a_deep_link_leads_to_a_page_of_the_portal_or_home(
    northwind: CurrentAgency, wanted: str, kept: str
) -> None:
    with inside(northwind):
        assert safe_next(wanted) == kept


@pytest.mark.parametrize(("code", "state"), [(550, "bounced"), (451, "sent")])
def test_an_address_that_is_refused_for_good_shows_as_bounced(
    northwind: CurrentAgency, maria: Client, monkeypatch: pytest.MonkeyPatch, code: int, state: str
) -> None:
    def refuse(mail: EmailMultiAlternatives) -> int:
        raise SMTPRecipientsRefused({mail.to[0]: (code, b"no such mailbox")})

    monkeypatch.setattr(EmailMultiAlternatives, "send", refuse)
    with inside(northwind):
        invite(maria, by=None)
    if state == "bounced":
        run_jobs()
    else:
        with pytest.raises(Deferred):  # the worker tries again later
            run_jobs()
    assert latest(northwind, maria).state == state
