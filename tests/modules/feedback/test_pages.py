"""What clients and staff do on pages, the API, the demo and what the section costs."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from modules.feedback import operations
from modules.feedback.demo import make_demo
from modules.feedback.models import CannedReply, Entry, State, Thread
from modules.projects.models import Project
from portal.demo import Cast
from portal.mail.models import Message
from portal.people.models import Client, Company, Staff
from portal.tasks.models import Task
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, outside_agencies
from tests.api.conftest import caller, key_for
from tests.modules.feedback.scene import PDF, png, visit_console, visit_portal, wrote
from tests.running_jobs import run_jobs


def test_a_client_writes_with_a_file_and_reads_the_answer(
    project: Project,
    maria: Client,
    jonas: Staff,
    northwind: CurrentAgency,
    alice: Account,
    alice_staff: Staff,
) -> None:
    portal, console = visit_portal(northwind, maria), visit_console(northwind, alice)
    assert "Write a message" in portal.get("/feedback/").content.decode()
    sent = {
        "kind": "problem",
        "text": "It is broken.",
        "project": project.pk,
        "whose": "company",
        "files": [png()],
    }
    where = portal.post("/feedback/new/", sent)["Location"]
    thread = Thread.objects.get()
    assert where == f"/feedback/{thread.pk}/" and thread.assignee == jonas
    page = portal.get(where).content.decode()
    assert "Jonas Weber gets it now" in page and "It is broken." in page and "/files/" in page
    assert "Brightside reads along" in page and "With Northwind Studio" in page
    answered = console.post(f"/feedback/{thread.pk}/reply/", {"text": "Which one?", "then": "waiting_client"})
    assert answered.status_code == 302
    home = portal.get("/").content.decode()
    assert "Northwind Studio asked you something: It is broken." in home
    assert portal.post(f"/feedback/{thread.pk}/reply/", {"text": "The first."}).status_code == 302
    assert "asked you something" not in portal.get("/").content.decode()


def test_who_is_put_off_does_not_read_so(
    thread: Thread, maria: Client, northwind: CurrentAgency, alice_staff: Staff
) -> None:
    operations.snooze(thread, northwind.today() + timedelta(days=9), by=alice_staff)
    for path in ("/feedback/", f"/feedback/{thread.pk}/"):
        page = visit_portal(northwind, maria).get(path).content.decode()
        assert "nooze" not in page and "With Northwind Studio" in page


def test_a_form_with_errors_keeps_what_was_written(
    thread: Thread, maria: Client, northwind: CurrentAgency
) -> None:
    portal = visit_portal(northwind, maria)
    for path, sent in (
        ("/feedback/new/", {"kind": "rant", "text": "kept words"}),
        (f"/feedback/{thread.pk}/reply/", {"text": "kept words", "files": [png()] * 6}),
    ):
        answer = portal.post(path, sent)
        assert answer.status_code == 422 and "kept words" in answer.content.decode(), path
    assert portal.post(f"/feedback/{thread.pk}/reply/", {"text": " "}).status_code == 422
    assert Entry.objects.count() == 1


def test_staff_sort_a_conversation(
    thread: Thread,
    maria: Client,
    brightside: Company,
    northwind: CurrentAgency,
    alice: Account,
    alice_staff: Staff,
) -> None:
    console = visit_console(northwind, alice)
    root = f"/feedback/{thread.pk}/"
    console.post(f"{root}assignment/", {"to": alice_staff.pk})
    console.post(f"{root}tags/", {"tags": "Website, mail"})
    console.post(f"{root}notes/", {"note-text": "Look at the logs"})
    now = Thread.objects.get(pk=thread.pk)
    assert (now.assignee, now.tags, now.state) == (alice_staff, ["website", "mail"], State.OPEN)
    console.post(f"{root}snooze/", {"until": str(northwind.today() + timedelta(days=2))})
    assert Thread.objects.get(pk=thread.pk).state == State.SNOOZED
    for path in ("taking-up/", "resolution/", "reopening/"):
        assert console.post(root + path).status_code == 302
    assert Thread.objects.get(pk=thread.pk).state == State.REOPENED
    other = wrote(maria, "The same again", company=brightside)
    assert console.post(f"/feedback/{other.pk}/merging/", {"into": thread.pk})["Location"].endswith(root)
    assert console.get(f"/feedback/{other.pk}/").status_code == 302
    assert visit_portal(northwind, maria).get(f"/feedback/{other.pk}/")["Location"] == root
    page = console.get(root).content.decode()
    assert "The same again" in page and "Look at the logs" in page and f"#{other.pk}" in page


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("snooze/", {"until": "yesterday"}),
        ("assignment/", {"to": "999999"}),
        ("tags/", {"tags": "x" * 31}),
        ("merging/", {"into": "999999999999999999999999"}),
        ("merging/", {"into": "0"}),
        ("reply/", {"text": ""}),
        ("reply/", {"text": "x", "then": "snoozed"}),
        ("notes/", {"note-text": "\x00"}),
        ("resolution/", {}),
    ],
)
def test_bad_input_is_answered_with_words(
    thread: Thread, northwind: CurrentAgency, alice: Account, path: str, sent: dict[str, str]
) -> None:
    answer = visit_console(northwind, alice).post(f"/feedback/{thread.pk}/{path}", sent)
    assert answer.status_code in (302, 404, 422)


def test_lists_filter_and_search(
    thread: Thread, maria: Client, tom: Client, northwind: CurrentAgency, alice: Account, jonas: Staff
) -> None:
    idea = wrote(tom, "Blue buttons, please", kind="idea")
    operations.set_tags(idea, ["design"], by=jonas)
    operations.resolve(idea, by=jonas)
    console = visit_console(northwind, alice)
    first, second = "The form on the contact page", "Blue buttons"
    for query, seen, unseen in (
        ("", first, second),
        ("?shown=resolved", second, first),
        ("?shown=all&q=buttons", second, first),
        ("?shown=all&q=nothing%20arrives", first, second),
        (f"?shown=all&q=%23{idea.pk}", second, first),
        ("?shown=all&kind=idea", second, first),
        ("?shown=all&tag=Design", second, first),
        (f"?shown=all&assignee={jonas.pk}", first, second),
        ("?shown=all&q=Brightside", first, second),
    ):
        page = console.get(f"/feedback/{query}").content.decode()
        assert seen in page and unseen not in page, query
    for odd in (
        "?page=99999",
        "?q=%00",
        "?assignee=9999999999999999999",
        "?shown=x&kind=y",
        "?q=%23999999999999999",
    ):
        assert console.get(f"/feedback/{odd}").status_code == 200, odd


def test_a_canned_reply_fills_the_answer_in(
    thread: Thread, northwind: CurrentAgency, alice: Account, alice_staff: Staff
) -> None:
    console = visit_console(northwind, alice)
    made = console.post("/feedback/replies/", {"name": "Thanks", "text": "Hello {first_name} <b>"})
    assert made.status_code == 302
    assert console.post("/feedback/replies/", {"name": "Thanks", "text": "x"}).status_code == 422
    canned = CannedReply.objects.get()
    page = console.get(f"/feedback/{thread.pk}/?canned={canned.pk}").content.decode()
    assert "Hello Maria &lt;b&gt;" in page
    for odd in ("x", "999999", "9" * 30):
        assert console.get(f"/feedback/{thread.pk}/?canned={odd}").status_code == 200
    assert (
        console.post(f"/feedback/replies/{canned.pk}/", {"name": "Thank you", "text": "y"}).status_code == 302
    )
    assert console.post(f"/feedback/replies/{canned.pk}/deletion/").status_code == 302
    assert not CannedReply.objects.exists()


def test_the_panels_of_projects_and_clients_show_staff_what_was_written(
    thread: Thread, project: Project, maria: Client, northwind: CurrentAgency, alice: Account
) -> None:
    console = visit_console(northwind, alice)
    for path in (f"/projects/{project.pk}/", f"/clients/{maria.pk}/", "/"):
        assert (
            f"/northwind/feedback/{'' if path == '/' else f'{thread.pk}/'}"
            in console.get(path).content.decode()
        )


def test_lists_cost_the_same_however_long(
    thread: Thread, maria: Client, brightside: Company, northwind: CurrentAgency, alice: Account
) -> None:
    def statements(visitor: Any, path: str) -> int:
        visitor.get(path)
        with CaptureQueriesContext(database) as asked:
            assert visitor.get(path).status_code == 200
        # Which agency a host belongs to is remembered for a moment: not counted.
        return sum("feedback_" in one["sql"] or "uploads_" in one["sql"] for one in asked.captured_queries)

    portal, console = visit_portal(northwind, maria), visit_console(northwind, alice)
    places = [
        (portal, "/feedback/"),
        (portal, "/"),
        (console, "/feedback/"),
        (console, f"/feedback/{thread.pk}/"),
    ]
    operations.reply_as_client(thread, client=maria, text="More", files=[png()])
    wrote(maria, "Another one", company=brightside)
    before = [statements(*place) for place in places]
    for number in range(6):
        wrote(maria, f"Number {number}", company=brightside, files=[png()])
        operations.reply_as_client(thread, client=maria, text="More", files=[png()])
    assert [statements(*place) for place in places] == before


def test_programs_read_answer_and_settle(
    thread: Thread, northwind: CurrentAgency, jonas: Staff, tom: Client
) -> None:
    call = caller(key_for(northwind))
    with outside_agencies():
        assert [row["id"] for row in call("GET", "feedback/?state=new").json()["items"]] == [thread.pk]
        assert call("GET", "feedback/987654/").status_code == 404
        answered = call("POST", f"feedback/{thread.pk}/replies/", {"text": "Hello", "then": "open"})
        assert answered.status_code == 201 and answered.json()["entries"][1]["text"] == "Hello"
        assert call("POST", f"feedback/{thread.pk}/replies/", {"text": ""}).status_code == 422
        assert list(call("PUT", f"feedback/{thread.pk}/assignment/", {"staff_id": 0}).json()["errors"]) == [
            "staff_id"
        ]
        assert call("PUT", f"feedback/{thread.pk}/resolution/").json()["state"] == "resolved"
        assert call("DELETE", f"feedback/{thread.pk}/resolution/").json()["state"] == "reopened"
        reading = caller(key_for(northwind, "feedback:read"))
        assert reading("PUT", f"feedback/{thread.pk}/resolution/").status_code == 403


def test_a_program_of_a_smaller_plan_is_told(harbour: CurrentAgency) -> None:
    assert caller(key_for(harbour))("GET", "feedback/").status_code == 403


def test_other_files_are_downloaded_as_they_are(
    maria: Client, brightside: Company, northwind: CurrentAgency
) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    thread = wrote(maria, company=brightside, files=[SimpleUploadedFile("plan.pdf", PDF)])
    file = thread.entries.get().attachments.get()
    answer = visit_portal(northwind, maria).get(f"/feedback/{thread.pk}/files/{file.pk}/?download")
    assert (
        answer["Content-Disposition"].startswith("attachment") and b"".join(answer.streaming_content) == PDF
    )


def test_the_demo_shows_one_of_each(
    project: Project, maria: Client, northwind: CurrentAgency, alice_staff: Staff
) -> None:
    make_demo(Cast(agency=northwind, staff=alice_staff, clients=[maria]))
    assert sorted(Thread.objects.values_list("state", flat=True)) == ["open", "resolved", "waiting_client"]
    assert Task.objects.open().count() == 1 and CannedReply.objects.count() == 2
    run_jobs()
    assert Message.objects.filter(email__startswith="feedback.", state="sent").count() == 1
