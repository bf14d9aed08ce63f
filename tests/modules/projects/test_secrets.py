"""Tasks, notes and reasons stay among staff: a walk with planted words through all that a client can get."""

import re

import pytest
from django.core import mail
from django.test import Client as Browser

from modules.projects import operations
from modules.projects.models import InternalComment, Project, Task, Update
from portal.mail.models import Message
from portal.people.models import Client, Staff
from tenants.agencies.current import CurrentAgency, inside
from tests.cast import portal_browser
from tests.running_jobs import run_jobs

CANARY = "canary-7f3a"
LINK = re.compile(r'(?:href|action|src)="(/[^"#?]*)')


@pytest.fixture
def planted(northwind: CurrentAgency, website: Project, alice_staff: Staff, maria: Client) -> Project:
    """The website with a canary in every text that only staff may read."""
    with inside(northwind):
        operations.add_task(
            website, by=alice_staff, title=f"{CANARY} title", note=f"{CANARY} note", assignee=alice_staff
        )
        done = operations.add_task(website, by=alice_staff, title=f"{CANARY} done")
        operations.set_task_done(done, is_done=True, by=alice_staff)
        operations.add_internal_comment(website, text=f"{CANARY} talk", by=alice_staff)
        operations.edit_project(
            website, by=alice_staff, progress_override=40, progress_reason=f"{CANARY} reason"
        )
        update = operations.post_update(website, text="News for all.", by=alice_staff)
        operations.comment_as_client(update, client=maria, text="Thank you.")
        operations.comment_as_staff(update, by=alice_staff, text="With pleasure.")
        run_jobs()
    return website


def walk(browser: Browser) -> dict[str, str]:
    """All that links and forms lead to from the portal's first page: path → what came back."""
    found: dict[str, str] = {}
    ahead = ["/", "/projects/"]
    while ahead:
        path = ahead.pop()
        if path in found or path.startswith("/sign-out/"):
            continue
        response = browser.get(path)
        # A stylesheet or a picture comes in pieces, and holds no rows.
        found[path] = "" if response.streaming else f"{response.status_code} {response.content.decode()}"
        ahead += LINK.findall(found[path])
    return found


def test_the_planted_words_are_where_staff_look(northwind: CurrentAgency, planted: Project) -> None:
    with inside(northwind):
        assert Task.objects.filter(title__contains=CANARY).count() == 2
        assert InternalComment.objects.filter(text__contains=CANARY).exists()
        assert CANARY in Project.objects.get(pk=planted.pk).progress_reason


def test_no_page_of_the_portal_shows_them(northwind: CurrentAgency, planted: Project, maria: Client) -> None:
    pages = walk(portal_browser(northwind, maria))
    assert [path for path, text in pages.items() if CANARY in text] == []
    shown = pages[f"/projects/{planted.pk}/"]
    assert shown.startswith("200 ") and "40 %" in shown


def test_no_page_after_a_post_shows_them(northwind: CurrentAgency, planted: Project, maria: Client) -> None:
    browser = portal_browser(northwind, maria)
    with inside(northwind):
        update = Update.objects.get()
    comments = f"/projects/{planted.pk}/updates/{update.pk}/comments/"
    for text in ("", "Good."):
        assert CANARY not in browser.post(comments, {"text": text}, follow=True).content.decode()


def test_no_mail_shows_them(northwind: CurrentAgency, planted: Project, maria: Client) -> None:
    assert {sent.to[0] for sent in mail.outbox} >= {maria.email}
    for sent in mail.outbox:
        assert CANARY not in str(vars(sent))
    with inside(northwind):
        assert not [m for m in Message.objects.all() if CANARY in str(m.words) + m.subject]


def test_the_archive_shows_them_no_more_than_before(
    northwind: CurrentAgency, planted: Project, maria: Client, alice_staff: Staff
) -> None:
    with inside(northwind):
        operations.archive_project(planted, by=alice_staff)
    pages = walk(portal_browser(northwind, maria))
    assert "This project is archived" in pages[f"/projects/{planted.pk}/"]
    assert [path for path, text in pages.items() if CANARY in text] == []


@pytest.mark.parametrize("tab", ["tasks", "notes", "settings", "access", "milestones", "archive"])
def test_the_consoles_addresses_do_not_exist_on_a_portal(
    northwind: CurrentAgency, planted: Project, maria: Client, tab: str
) -> None:
    browser = portal_browser(northwind, maria)
    for send in (browser.get, browser.post):
        assert send(f"/projects/{planted.pk}/{tab}/").status_code == 404
