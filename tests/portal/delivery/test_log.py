"""What staff see of mails, and what they may do about those that did not arrive."""

from typing import Any

import pytest

from portal.delivery.marks import clear, mark, mark_of
from portal.delivery.noting import note
from portal.mail.models import Message
from portal.mail.operations import queue_mail
from portal.people.models import Client, Staff
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, inside
from tests.cast import console_browser, portal_browser
from tests.running_jobs import queued, run_jobs

AT = "/northwind/mails/"
WORDS = {
    "client_name": "Maria",
    "days": 7,
    "last_day": "1 May",
    "button_url": "https://x.example/secret-path",
}


def words(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    return str(response.content.decode())


@pytest.fixture
def mail(northwind: CurrentAgency, maria: Client) -> Message:
    """A mail to Maria that has gone out."""
    with inside(northwind):
        made = queue_mail("people.access_ends", maria, words=WORDS)
    run_jobs()
    return made


@pytest.fixture
def member(northwind: CurrentAgency, alice: Account) -> Any:
    """Alice's browser, but as a member."""
    with inside(northwind):
        Staff.objects.filter(account_id=alice.pk).update(role=Staff.Role.MEMBER)
    return console_browser(alice)


def test_the_log_lists_searches_and_filters(
    northwind: CurrentAgency, alice: Account, mail: Message, tom: Client
) -> None:
    browser = console_browser(alice)
    with inside(northwind):
        queue_mail("people.access_ends", tom, words={**WORDS, "client_name": "Tom"})
    assert "The access of Maria ends" in words(browser.get(AT))
    for query, found in (
        ("q=maria", True), ("q=nobody", False), ("state=sent", True), ("state=bounced", False),
        ("mail=people.access_ends", True), ("mail=people.sign_in", False),
        (f"client={mail.client_id}", True), (f"client={tom.pk}", False),
    ):  # fmt: skip
        assert ("The access of Maria ends" in words(browser.get(f"{AT}?{query}"))) is found, query
    for query in ("after=nonsense", "client=x", "client=999999", "after=WyJ4IiwgMV0"):
        assert browser.get(f"{AT}?{query}").status_code == 404, query


def test_many_mails_come_in_pages_without_gap_or_repetition(
    northwind: CurrentAgency, alice: Account, maria: Client, django_assert_max_num_queries: Any
) -> None:
    import re

    from kit import clock

    with inside(northwind):
        at = clock.now()  # one moment for all: the id decides
        Message.objects.bulk_create(
            Message(
                email="people.access_ends",
                client=maria,
                address=maria.email,
                subject=f"No {n}.",
                created_at=at,
            )
            for n in range(120)
        )
    browser, url, seen = console_browser(alice), AT, list[str]()
    with django_assert_max_num_queries(60):
        while url:
            page = words(browser.get(url))
            seen += re.findall(r"No \d+\.", page)
            following = re.search(r'rel="next" href="([^"]+)"', page)
            url = AT + following[1].replace("&amp;", "&") if following else ""
    assert len(seen) == 120 == len(set(seen))


def test_one_mail_shows_what_became_of_it_but_no_link(
    northwind: CurrentAgency, alice: Account, mail: Message
) -> None:
    with inside(northwind):
        note(mail, "deferred", source="smtp", words="451 <b>later</b>")
        note(mail, "delivered", source="service", words="250 OK")
    page = words(console_browser(alice).get(f"{AT}{mail.pk}/"))
    assert "451 &lt;b&gt;later&lt;/b&gt;" in page and "250 OK" in page and "Delivered" in page
    assert "1 May is the last day" in page
    assert "secret-path" not in page


def test_a_sign_in_mail_shows_neither_link_nor_code(
    northwind: CurrentAgency, alice: Account, maria: Client
) -> None:
    with inside(northwind):
        made = Message.objects.create(
            email="people.sign_in", client=maria, address=maria.email, state="sent", words={}
        )
    page = words(console_browser(alice).get(f"{AT}{made.pk}/"))
    assert "012345" not in page and "portal.example" not in page and "Send again" not in page


def test_a_mail_that_failed_is_sent_again_one_that_arrived_is_not(
    northwind: CurrentAgency, alice: Account, maria: Client, mail: Message
) -> None:
    browser = console_browser(alice)
    browser.post(f"{AT}{mail.pk}/again/")
    assert queued() == []
    with inside(northwind):
        failed = queue_mail("people.access_ends", maria, words=WORDS)
        note(failed, "failed", source="us", words="given up")
    run_jobs()
    browser.post(f"{AT}{failed.pk}/again/")
    run_jobs()
    with inside(northwind):
        assert Message.objects.get(pk=failed.pk).state == "sent"
        kinds = list(failed.events.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["failed", "again", "sent"]


def test_nothing_is_sent_again_to_a_marked_address_but_to_the_new_one(
    northwind: CurrentAgency, alice: Account, maria: Client, mail: Message
) -> None:
    with inside(northwind):
        note(mail, "bounced", source="report", words="5.1.1 none", is_gone=True)
    run_jobs()
    browser = console_browser(alice)
    refused = browser.post(f"{AT}{mail.pk}/again/", follow=True)
    assert "Correct the address" in words(refused) and queued() == []
    with inside(northwind):
        Client.objects.filter(pk=maria.pk).update(email="maria@new.example")
    browser.post(f"{AT}{mail.pk}/again/")
    run_jobs()
    with inside(northwind):
        again = Message.objects.get(pk=mail.pk)
        assert (again.state, again.address) == ("sent", "maria@new.example")


def test_the_clients_page_warns_and_staff_take_the_mark_off(
    northwind: CurrentAgency, alice: Account, maria: Client, mail: Message
) -> None:
    browser, page = console_browser(alice), f"/northwind/clients/{maria.pk}/"
    assert "come back" not in words(browser.get(page))
    with inside(northwind):
        note(mail, "bounced", source="report", words="5.1.1 none", is_gone=True)
        found = mark_of(maria.email)
        assert found is not None
    assert f"Mails to {maria.email} come back" in words(browser.get(page))
    assert maria.email in words(browser.get(f"{AT}addresses/"))
    browser.post(f"{AT}addresses/{found.pk}/clearance/", {"from": "client"})
    assert "come back" not in words(browser.get(page))
    with inside(northwind):
        queue_mail("people.access_ends", maria, words=WORDS)
    run_jobs()
    with inside(northwind):
        assert Message.objects.latest("created_at").state == "sent"


def test_who_reported_spam_gets_the_link_that_they_ask_for_and_nothing_else(
    northwind: CurrentAgency, maria: Client
) -> None:
    from portal.delivery.marks import why_not

    with inside(northwind):
        mark(maria.email, "bounced", words="")
        assert why_not(maria.email, is_asked_for=True)
        mark(maria.email.upper(), "complained", words="")
        assert why_not(maria.email, is_asked_for=True) == "" != why_not(maria.email, is_asked_for=False)
        assert clear(maria.email, by=Staff.objects.get()) and not clear(maria.email, by=Staff.objects.get())


def test_members_see_mails_to_clients_but_not_those_to_owners(
    northwind: CurrentAgency, member: Any, alice_staff: Staff, mail: Message, alice: Account
) -> None:
    with inside(northwind):
        boss = Staff.objects.create(
            account_id=99_999, name="Olga", email="olga@northwind.example", role="owner"
        )
        secret = queue_mail("people.access_ends", boss, words={**WORDS, "client_name": "Zoe"})
    run_jobs()
    page = words(member.get(AT))
    assert "The access of Maria" in page and "The access of Zoe" not in page
    assert member.get(f"{AT}{mail.pk}/").status_code == 200
    assert member.get(f"{AT}{secret.pk}/").status_code == 404
    assert member.post(f"{AT}{secret.pk}/again/").status_code == 404


def test_nobody_else_sees_it(
    northwind: CurrentAgency, harbour: CurrentAgency, hugo: Account, maria: Client, mail: Message
) -> None:
    other, own = console_browser(hugo), f"/harbour/mails/{mail.pk}/"
    assert other.get(AT).status_code == 404
    assert other.get(own).status_code == 404 and other.post(f"{own}again/").status_code == 404
    assert portal_browser(northwind, maria).get("/mails/").status_code == 404
    assert console_browser().get(AT).status_code == 302
