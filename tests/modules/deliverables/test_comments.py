"""Comments and pins; internal talk never reaches a client, by any road."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from modules.deliverables import operations
from modules.deliverables.models import Comment, Version
from modules.deliverables.queries.page import review_page
from portal.mail.models import Message
from portal.people.models import Client, Staff
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency
from tests.modules.deliverables.scene import png, visit_console, visit_portal
from tests.modules.deliverables.test_client_pages import path_of
from tests.running_jobs import run_jobs

CANARY = "canary-internal-7f3a"


def test_a_comment_is_pinned_and_the_staff_are_mailed(
    version: Version, northwind: CurrentAgency, maria: Client, alice_staff: Staff
) -> None:
    image = version.files.get()
    sent = {"text": "Bigger", "file": image.pk, "x": "12.346", "y": "50"}
    response = visit_portal(northwind, maria).post(path_of(version, "comments/"), sent)
    comment = Comment.objects.get()
    assert response.status_code == 302 and response["Location"].endswith(f"#c{comment.pk}")
    assert (comment.x, comment.y, comment.file) == (Decimal("12.35"), Decimal("50.00"), image)
    message = Message.objects.get(email="deliverables.commented")
    assert message.staff == alice_staff and message.words["text"] == "Bigger"
    page = visit_portal(northwind, maria).get(path_of(version)).content.decode()
    assert 'x="12.35%" y="50.00%"' in page and 'aria-label="Comment 1"' in page


@pytest.mark.parametrize(
    "place",
    [
        {"x": "101", "y": "5"},
        {"x": "5"},
        {"x": "NaN", "y": "5"},
        {"x": "1e400", "y": "5"},
        {"file": "999999"},
        {"answers": "999999"},
        {"answers": "99999999999999999999999"},
        {"text": ""},
        {"text": "a\x00b"},
        {"text": "x" * 10_001},
    ],
)
def test_a_pin_that_lies_nowhere_comes_back_with_its_words(
    version: Version, northwind: CurrentAgency, maria: Client, place: dict[str, str]
) -> None:
    sent = {"text": "Kept words", **place}
    response = visit_portal(northwind, maria).post(path_of(version, "comments/"), sent)
    assert response.status_code == 422 and not Comment.objects.exists()
    assert "text" in place or b"Kept words" in response.content


def test_without_naming_the_picture_a_pin_lies_on_the_only_one(version: Version, maria: Client) -> None:
    comment = operations.comment_as_client(
        version, client=maria, text="Here", x=Decimal("10"), y=Decimal("10")
    )
    assert comment.file == version.files.get()


def test_answers_join_their_thread(version: Version, maria: Client, alice_staff: Staff) -> None:
    first = operations.comment_as_client(version, client=maria, text="Bigger")
    second = operations.comment_as_staff(version, by=alice_staff, text="How much?", answers=first)
    third = operations.comment_as_client(version, client=maria, text="Twice", answers=second)
    assert third.answers == first
    (thread,) = review_page(version.deliverable, version, client=maria).threads
    assert [reply.text for reply in thread.replies] == ["How much?", "Twice"]


def test_what_is_still_open_is_carried_to_the_next_version(
    version: Version, maria: Client, alice_staff: Staff
) -> None:
    kept = operations.comment_as_client(version, client=maria, text="Bigger")
    done = operations.comment_as_client(version, client=maria, text="Greener")
    operations.resolve_comment(done, by=alice_staff)
    newer = operations.add_version(version.deliverable, files=[png()], by=alice_staff)
    operations.mark_ready(version.deliverable, by=alice_staff)
    page = review_page(version.deliverable, newer, client=maria)
    assert [thread.comment for thread in page.still_open] == [kept] and page.threads == []
    operations.reopen_comment(done, by=alice_staff)
    assert len(review_page(version.deliverable, newer, client=maria).still_open) == 2


def test_staff_resolve_and_reopen_in_the_console(
    version: Version, northwind: CurrentAgency, maria: Client, alice: Account
) -> None:
    comment = operations.comment_as_client(version, client=maria, text="Bigger")
    browser = visit_console(northwind, alice)
    path = f"/deliverables/{version.deliverable_id}/comments/{comment.pk}/resolution/"
    browser.post(path)
    assert Comment.objects.get().resolved_at is not None
    browser.post(path, {"open": "1"})
    assert Comment.objects.get().resolved_at is None


def test_charlie_and_a_client_of_an_unseen_version_may_not_comment(
    version: Version, maria: Client, charlie: Client, alice_staff: Staff
) -> None:
    with pytest.raises(operations.NotAllowed):
        operations.comment_as_client(version, client=charlie, text="Hello")
    hidden = operations.add_version(version.deliverable, files=[png()], by=alice_staff)
    with pytest.raises(operations.NotAllowed):
        operations.comment_as_client(hidden, client=maria, text="Hello")


def test_answering_internal_talk_is_internal_and_no_client_can_answer_it(
    version: Version, northwind: CurrentAgency, maria: Client, alice_staff: Staff
) -> None:
    internal = operations.comment_as_staff(version, by=alice_staff, text=CANARY, is_internal=True)
    reply = operations.comment_as_staff(version, by=alice_staff, text=CANARY, answers=internal)
    assert reply.is_internal
    with pytest.raises(operations.NotAllowed):
        operations.comment_as_client(version, client=maria, text="I see you", answers=internal)
    response = visit_portal(northwind, maria).post(
        path_of(version, "comments/"), {"text": "I see you", "answers": internal.pk}
    )
    assert response.status_code == 422 and CANARY.encode() not in response.content


def test_the_database_knows_no_internal_comment_of_a_client(version: Version, maria: Client) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Comment.objects.create(version=version, client=maria, text="x", is_internal=True)


def test_internal_talk_reaches_no_client_by_any_road(
    version: Version,
    northwind: CurrentAgency,
    maria: Client,
    alice_staff: Staff,
    alice: Account,
    mailoutbox: list[object],
) -> None:
    said = operations.comment_as_client(version, client=maria, text="Bigger")
    image = version.files.get()
    operations.comment_as_staff(
        version, by=alice_staff, text=CANARY, is_internal=True, file=image, x=Decimal("1"), y=Decimal("2")
    )
    operations.comment_as_staff(version, by=alice_staff, text=CANARY, is_internal=True, answers=said)
    newer = operations.add_version(version.deliverable, files=[png()], by=alice_staff)
    operations.comment_as_staff(newer, by=alice_staff, text=CANARY, is_internal=True)
    operations.comment_as_staff(newer, by=alice_staff, text=CANARY)  # public, of a version not shown yet
    browser = visit_portal(northwind, maria)
    paths = ["/", "/deliverables/", path_of(version), path_of(version, "changes/")]
    paths += [f"/deliverables/{version.deliverable_id}/", f"/projects/{version.deliverable.project_id}/"]
    for path in paths:
        page = browser.get(path)
        assert page.status_code == 200 and CANARY.encode() not in page.content, path
        assert b'x="1.00%"' not in page.content, path
    operations.decide(version, client=maria, verdict="changes_requested", reason="See the comments")
    run_jobs()
    assert mailoutbox and not any(CANARY in str(mail.message()) for mail in mailoutbox)  # type: ignore[attr-defined]
    console = visit_console(northwind, alice).get(path_of(version)).content.decode()
    assert console.count(CANARY) == 2


def test_internal_pins_do_not_shift_the_numbers_that_clients_see(
    version: Version, maria: Client, alice_staff: Staff
) -> None:
    place: dict[str, Any] = {"file": version.files.get(), "x": Decimal("1"), "y": Decimal("2")}
    operations.comment_as_staff(version, by=alice_staff, text="hush", is_internal=True, **place)
    operations.comment_as_client(version, client=maria, text="Bigger", **place)
    for client in (None, maria):
        threads = review_page(version.deliverable, version, client=client).threads
        assert [t.label for t in threads if t.comment.client] == ["1"]
