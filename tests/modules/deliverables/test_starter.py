"""On Starter clients look, and that is all: no forms, and what is posted all the same is refused in words."""

from collections.abc import Iterator

import pytest

from modules.deliverables import operations
from modules.deliverables.models import Comment, Decision, Version
from portal.mail.models import Message
from portal.people.models import Client, Staff
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, inside
from tests.modules.deliverables.scene import a_project, in_review, visit_console, visit_portal
from tests.modules.deliverables.test_client_pages import file_of, path_of


@pytest.fixture
def shown(harbour: CurrentAgency, ines: Client, hugo: Account) -> Iterator[Version]:
    with inside(harbour):
        yield in_review(a_project(ines), Staff.objects.get())


def test_the_client_sees_everything_and_no_form(shown: Version, harbour: CurrentAgency, ines: Client) -> None:
    browser = visit_portal(harbour, ines)
    page = browser.get(path_of(shown)).content.decode()
    assert "Ready for review" in page and file_of(shown) in page
    assert "<form" not in page.split("<main")[1].split("</main>")[0] and "changes/" not in page
    assert browser.get(file_of(shown)).status_code == 200
    home = browser.get("/").content.decode()
    assert "Homepage design" in home and "Review Homepage design" not in home


@pytest.mark.parametrize("where", ["decisions/", "comments/"])
def test_what_is_posted_all_the_same_is_refused_in_words(
    shown: Version, harbour: CurrentAgency, ines: Client, where: str
) -> None:
    sent = {"verdict": "approved", "text": "Hello"}
    response = visit_portal(harbour, ines).post(path_of(shown, where), sent)
    assert response.status_code == 403 and b"not taken here" in response.content
    response = visit_portal(harbour, ines).post(f"/deliverables/{shown.deliverable_id}/undo/")
    assert response.status_code == 403
    assert not Decision.objects.exists() and not Comment.objects.exists()


def test_the_operations_refuse_whoever_calls_them(shown: Version, ines: Client) -> None:
    with pytest.raises(operations.NotInPlan):
        operations.decide(shown, client=ines, verdict="approved")
    with pytest.raises(operations.NotInPlan):
        operations.comment_as_client(shown, client=ines, text="Hello")


def test_the_mail_asks_for_no_decision(shown: Version) -> None:
    assert Message.objects.get(email="deliverables.ready").words["is_interactive"] is False


def test_nobody_is_reminded(shown: Version, harbour: CurrentAgency) -> None:
    type(shown.deliverable).objects.update(due_on=harbour.today())
    assert operations.remind_due() == 0


def test_staff_read_what_the_next_plan_opens(shown: Version, harbour: CurrentAgency, hugo: Account) -> None:
    page = visit_console(harbour, hugo).get("/deliverables/").content
    assert b"From Growth on they approve" in page
