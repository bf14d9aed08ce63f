"""A new address counts when both have said yes, and the old one has the last word for a week."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail

from kit import clock
from kit.refused import Refused
from portal.audit.models import AuditEntry
from portal.people import email_changes
from portal.people.models import Client, ClientSession, EmailChange
from portal.people.refusals import LinkUnusable, TooOften
from tenants.agencies.current import CurrentAgency, inside
from tests.cast import portal_browser
from tests.portal.people.inviting import after, link_in_last_mail, press, proof_on
from tests.running_jobs import run_jobs

NEW = "maria@new.example"


def ask(agency: CurrentAgency, client: Client, new: str = NEW) -> dict[str, str]:
    """Ask on the page and deliver; address → path of its link."""
    mail.outbox.clear()
    answer = portal_browser(agency, client).post("/profile/email/", {"new_email": new})
    assert answer.status_code == 302, answer.content.decode()
    run_jobs()
    paths = {}
    for message in list(mail.outbox):
        mail.outbox.append(message)
        paths[message.to[0]] = link_in_last_mail("confirm-email")
    mail.outbox.clear()
    return paths


def email_of(agency: CurrentAgency, client: Client) -> str:
    with inside(agency):
        return Client.objects.get(pk=client.pk).email


@pytest.mark.parametrize("order", [(NEW, "maria@client.example"), ("maria@client.example", NEW)])
def test_both_addresses_confirm_and_the_old_one_can_take_it_back(
    northwind: CurrentAgency, maria: Client, order: tuple[str, str]
) -> None:
    paths = ask(northwind, maria)
    assert "One more to go" in press(portal_browser(northwind), paths[order[0]]).content.decode()
    assert email_of(northwind, maria) == maria.email
    assert "is changed" in press(portal_browser(northwind), paths[order[1]]).content.decode()
    assert email_of(northwind, maria) == NEW
    run_jobs()
    assert [message.to for message in mail.outbox] == [[maria.email]]
    undo = link_in_last_mail("undo-email")
    inside_now = portal_browser(northwind, maria)
    assert "old address is back" in press(portal_browser(northwind), undo).content.decode()
    assert email_of(northwind, maria) == maria.email
    assert inside_now.get("/profile/").status_code == 302
    assert portal_browser(northwind).get(undo).status_code == 410
    with inside(northwind):
        verbs = set(AuditEntry.objects.values_list("verb", flat=True))
        assert {"people.email_change_asked", "people.email_changed", "people.email_change_undone"} <= verbs


def test_looking_at_the_links_confirms_nothing(northwind: CurrentAgency, maria: Client) -> None:
    for path in ask(northwind, maria).values():
        page = portal_browser(northwind).get(path)
        assert page.status_code == 200 and page["Referrer-Policy"] == "no-referrer"
        portal_browser(northwind).head(path)
        portal_browser(northwind).post(path)
        portal_browser(northwind).post(path, {"proof": proof_on(page.content.decode())})
    with inside(northwind):
        change = EmailChange.objects.get()
        assert change.old_confirmed_at is None and change.new_confirmed_at is None


def test_one_side_pressed_twice_is_one_side(northwind: CurrentAgency, maria: Client) -> None:
    path = ask(northwind, maria)[NEW]
    for _ in range(2):
        assert "One more to go" in press(portal_browser(northwind), path).content.decode()
    assert email_of(northwind, maria) == maria.email


def test_an_address_that_another_client_has_gets_nothing_and_the_page_says_the_same(
    northwind: CurrentAgency, maria: Client, tom: Client
) -> None:
    browser, pages = portal_browser(northwind, maria), []
    for address in (NEW, tom.email):
        words = after(browser, browser.post("/profile/email/", {"new_email": address}))
        assert "We wrote to both addresses" in words
        pages.append(_without_tokens(words.replace(address, "…")))
    assert pages[0] == pages[1]
    paths = ask(northwind, maria, "TOM@client.example")
    assert set(paths) == {maria.email}
    press(portal_browser(northwind), paths[maria.email])
    assert email_of(northwind, maria) == maria.email and email_of(northwind, tom) == tom.email


def test_an_address_taken_while_it_was_being_confirmed_stays_with_its_owner(
    northwind: CurrentAgency, maria: Client
) -> None:
    paths = ask(northwind, maria)
    press(portal_browser(northwind), paths[NEW])
    with inside(northwind):
        Client.objects.create(email=NEW.upper(), name="Somebody else")
    assert press(portal_browser(northwind), paths[maria.email]).status_code == 410
    assert email_of(northwind, maria) == maria.email


def test_links_die_after_a_day_when_given_up_and_when_asked_anew(
    northwind: CurrentAgency, maria: Client
) -> None:
    with time_machine.travel("2026-03-02 09:00Z", tick=False) as now:
        first = ask(northwind, maria)
        second = ask(northwind, maria, "other@new.example")
        assert portal_browser(northwind).get(first[NEW]).status_code == 410
        portal_browser(northwind, maria).post("/profile/email/", {"cancel": "1"})
        assert portal_browser(northwind).get(second["other@new.example"]).status_code == 410
        third = ask(northwind, maria)
        now.shift(timedelta(hours=24))
        assert portal_browser(northwind).get(third[NEW]).status_code == 410


def test_taking_back_ends_after_a_week(northwind: CurrentAgency, maria: Client) -> None:
    with time_machine.travel("2026-03-02 09:00Z", tick=False) as now:
        for path in ask(northwind, maria).values():
            press(portal_browser(northwind), path)
        run_jobs()
        undo = link_in_last_mail("undo-email")
        now.shift(timedelta(days=7, seconds=-1))
        assert portal_browser(northwind).get(undo).status_code == 200
        now.shift(timedelta(seconds=1))
        assert portal_browser(northwind).get(undo).status_code == 410


def test_the_owner_of_the_first_address_undoes_a_whole_chain(northwind: CurrentAgency, maria: Client) -> None:
    for path in ask(northwind, maria).values():
        press(portal_browser(northwind), path)
    run_jobs()
    undo = link_in_last_mail("undo-email")
    with inside(northwind):
        maria.refresh_from_db()
    for path in ask(northwind, maria, "thief@evil.example").values():
        press(portal_browser(northwind), path)
    run_jobs()
    stolen = link_in_last_mail("undo-email")
    press(portal_browser(northwind), undo)
    assert email_of(northwind, maria) == "maria@client.example"
    assert portal_browser(northwind).get(stolen).status_code == 410


def test_who_signed_in_long_ago_proves_it_first(northwind: CurrentAgency, maria: Client) -> None:
    browser = portal_browser(northwind, maria)
    with inside(northwind):
        ClientSession.objects.update(fresh_at=clock.now() - timedelta(hours=1))
    answer = browser.post("/profile/email/", {"new_email": NEW})
    assert answer["Location"].startswith("/sign-in/again/")
    with inside(northwind):
        assert not EmailChange.objects.exists()


def test_the_own_address_and_too_many_changes_are_refused_with_words(
    northwind: CurrentAgency, maria: Client
) -> None:
    with inside(northwind):
        with pytest.raises(Refused, match="already"):
            email_changes.ask(maria, "MARIA@client.example")
        for number in range(5):
            email_changes.ask(maria, f"n{number}@new.example")
        with pytest.raises(TooOften):
            email_changes.ask(maria, NEW)


def test_links_of_northwind_are_nothing_on_harbours_host(
    northwind: CurrentAgency, harbour: CurrentAgency, maria: Client
) -> None:
    path = ask(northwind, maria)[NEW]
    assert portal_browser(harbour).get(path).status_code == 410
    with inside(harbour), pytest.raises(LinkUnusable):
        email_changes.confirm(path.split("/")[2])


def _without_tokens(page: str) -> str:
    import re

    return re.sub(r'value="[\w-]{60,}"|nonce="[^"]+"', "", page)
