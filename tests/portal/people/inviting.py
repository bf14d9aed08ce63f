"""What the tests of invitations do over and over."""

import re
from typing import TYPE_CHECKING

from django.core import mail
from django.test import Client as Browser

from portal.people.invitations import invite
from portal.people.models import Client, Invitation, Staff
from tenants.agencies.current import CurrentAgency, inside
from tests.running_jobs import run_jobs

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

PERSON = {"User-Agent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_1) AppleWebKit/605.1.15 Safari/605.1.15"}


def invited(agency: CurrentAgency, client: Client, by: Staff | None = None, next_path: str = "/") -> str:
    """Invite and deliver; the path of the link that arrived."""
    with inside(agency):
        invite(client, by=by, next_path=next_path)
    run_jobs()
    return link_in_last_mail("invitation")


def link_in_last_mail(kind: str) -> str:
    """The path of the link in the newest mail: invitation, confirm-email, undo-email, enter."""
    found = re.search(rf"/{kind}/[\w-]+/", str(mail.outbox[-1].body))
    assert found, mail.outbox[-1].body
    return found.group()


def proof_on(page: str) -> str:
    """The hidden field that says in which browser a link's page was opened."""
    found = re.search(r'name="proof" value="(\w+)"', page)
    assert found, page
    return found.group(1)


def press(browser: Browser, path: str, action: str = "") -> "Answer":
    """Open a link's page as a person does, and press its button."""
    page = browser.get(path, headers=PERSON).content.decode()
    return browser.post(path + action, {"proof": proof_on(page)}, headers=PERSON)


def latest(agency: CurrentAgency, client: Client) -> Invitation:
    """The newest invitation of a client."""
    with inside(agency):
        return Invitation.objects.filter(client=client).latest("pk")


def after(browser: Browser, answer: "Answer") -> str:
    """The page that a form leads to. (The test client's own `follow` forgets the host.)"""
    assert answer.status_code == 302, answer.content.decode()
    page = browser.get(answer["Location"])
    assert page.status_code == 200
    return page.content.decode()
