"""Mails that are not needed can be left: by the link, by the mail program's one click, for good."""

from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest

from portal import registry
from portal.audit.models import AuditEntry
from portal.delivery.unsubscribing import address_of
from portal.mail.models import Message
from portal.mail.operations import queue_mail
from portal.people.models import Client
from tenants.agencies.current import CurrentAgency, inside
from tests.cast import host_browser, portal_browser
from tests.portal.delivery.mail_server import Post, post_office
from tests.running_jobs import run_jobs

WORDS = {"client_name": "Maria", "days": 7, "last_day": "1 May", "button_url": "https://x.example/"}


@pytest.fixture
def news(monkeypatch: pytest.MonkeyPatch) -> str:
    """A declared mail that nobody needs."""
    declared = registry.emails()
    email = replace(declared["people.access_ends"], key="people.news", is_transactional=False)
    monkeypatch.setattr(registry, "emails", lambda: {**declared, email.key: email})
    return email.key


@pytest.fixture
def post(settings: Any) -> Iterator[Post]:
    with post_office(settings) as running:
        yield running


def path(agency: CurrentAgency, client: Client) -> str:
    with inside(agency):
        return address_of(client).partition(".localhost")[2].partition("/")[2].join(["/", ""])


def test_such_a_mail_says_how_to_leave_and_others_do_not(
    northwind: CurrentAgency, maria: Client, news: str, post: Post
) -> None:
    with inside(northwind):
        queue_mail(news, maria, words=WORDS)
        queue_mail("people.access_ends", maria, words=WORDS)
        expected = address_of(maria)
    run_jobs()
    first, second = (message_from_bytes(one.original_content or b"", policy=default) for one in post.taken)
    assert str(first["List-Unsubscribe"]).strip() == f"<{expected}>"
    assert first["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for kind in ("plain", "html"):
        body = first.get_body((kind,))
        assert body is not None and expected in body.get_content()
    assert second["List-Unsubscribe"] is None and b"unsubscribe" not in (
        post.taken[1].original_content or b""
    )
    assert expected.startswith("http://northwind.localhost")


def test_one_click_of_a_mail_program_ends_it_without_cookie_or_sign_in(
    northwind: CurrentAgency, maria: Client, news: str
) -> None:
    from django.test import Client as Browser

    program = Browser(headers={"host": northwind.host}, enforce_csrf_checks=True)
    answer = program.post(path(northwind, maria), {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200 and "You are unsubscribed" in answer.content.decode()
    with inside(northwind):
        assert not Client.objects.get(pk=maria.pk).wants_marketing
        assert AuditEntry.objects.filter(verb="delivery.subscription_changed").count() == 1
        message = queue_mail(news, maria, words=WORDS)
        needed = queue_mail("people.access_ends", maria, words=WORDS)
    run_jobs()
    with inside(northwind):
        assert Message.objects.get(pk=message.pk).state == "dropped"
        assert Message.objects.get(pk=needed.pk).state == "sent"


def test_following_the_link_changes_nothing_until_the_button_is_pressed(
    northwind: CurrentAgency, maria: Client
) -> None:
    browser = portal_browser(northwind)
    page = browser.get(path(northwind, maria))
    words = page.content.decode()
    assert page.status_code == 200 and "No more news" in words and maria.email not in words
    with inside(northwind):
        assert Client.objects.get(pk=maria.pk).wants_marketing
    browser.post(path(northwind, maria))
    assert "Subscribe again" in browser.get(path(northwind, maria)).content.decode()
    browser.post(path(northwind, maria), {"again": "1"})
    with inside(northwind):
        assert Client.objects.get(pk=maria.pk).wants_marketing


def test_a_made_up_or_foreign_name_is_nobodys(
    northwind: CurrentAgency, harbour: CurrentAgency, maria: Client, tom: Client, ines: Client
) -> None:
    mine = path(northwind, maria)
    signature = mine.rstrip("/").rpartition("-")[2]
    for other in (
        f"/unsubscribe/{tom.pk}-{signature}/",
        "/unsubscribe/1-aaaa/",
        f"/unsubscribe/{maria.pk}/",
        "/unsubscribe/x/",
    ):
        assert portal_browser(northwind).post(other).status_code == 404, other
    assert host_browser(harbour.host).post(mine).status_code == 404, "signed for another agency"
    with inside(northwind):
        assert Client.objects.filter(wants_marketing=False).count() == 0


def test_it_works_while_the_portal_is_closed(northwind: CurrentAgency, maria: Client) -> None:
    from portal.branding.models import PortalSettings

    with inside(northwind):
        PortalSettings.objects.update(is_open=False)
    assert portal_browser(northwind).post(path(northwind, maria)).status_code == 200
