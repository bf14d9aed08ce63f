"""A request that was sent is changed: what was sent and what colleagues changed stays; new work is mailed."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from modules.files import operations
from modules.files.models import FileRequest, RequestItem
from modules.files.operations import Asked, Wanted, as_asked, edit_request
from portal.audit.models import AuditEntry
from portal.people.models import Client, Company, Staff, StaffScope
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency
from tests.modules.deliverables.scene import Visitor, visit_console, visit_portal
from tests.modules.files import scene
from tests.modules.files.scene import asked, sent
from tests.running_jobs import run_jobs


@pytest.fixture
def request_of_brightside(brightside: Company, maria: Client, alice_staff: Staff) -> FileRequest:
    """A logo and a contract, asked from Maria, whose mail is gone already."""
    made = asked(brightside, alice_staff)
    run_jobs()
    return made


def page_of(request: FileRequest) -> str:
    return f"/files/requests/{request.pk}/edit/"


def typed(console: Visitor, request: FileRequest, **changes: str) -> dict[str, str]:
    """What the browser would send of the page as it is, with these changes; `__` stands for `-`."""
    text = console.get(page_of(request)).text
    found: dict[str, str] = {}
    for tag in re.findall(r"<input [^>]*>", text):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and 'type="checkbox"' not in tag:
            found[name[1]] = unescape(value[1]) if value else ""
    for name, body in re.findall(r'<select name="([^"]*)".*?>(.*?)</select>', text, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', body)
        found[name] = chosen[1] if chosen else ""
    for name, body in re.findall(r'<textarea name="([^"]*)"[^>]*>(.*?)</textarea>', text, re.DOTALL):
        found[name] = unescape(body).strip()
    return found | {name.replace("__", "-"): value for name, value in changes.items()}


def names(request: FileRequest) -> list[str]:
    return [item.name for item in request.items.all()]


def test_more_is_asked_for_and_the_client_gets_one_mail_that_says_it(
    console: Visitor,
    portal: Visitor,
    maria: Client,
    alice_staff: Staff,
    request_of_brightside: FileRequest,
    mailoutbox: list[Any],
) -> None:
    request = request_of_brightside
    mailoutbox.clear()
    more = {"name-new-0": "Price list", "formats-new-0": "pdf", "title": "For your new shop"}
    answer = console.post(page_of(request), typed(console, request) | more)
    assert answer.status_code == 302
    run_jobs()
    assert [mail.to for mail in mailoutbox] == [[maria.email]]
    body = mailoutbox[0].body
    assert "New on the list" in body and "Price list" in body and "Please send us everything by" not in body
    assert f"/files/requests/{request.pk}/" in body
    assert "Send 3 files: For your new shop" in portal.get("/").text
    entry = AuditEntry.objects.get(verb="files.request_edited")
    assert entry.change["title"] == ["For your website", "For your new shop"]
    assert [None, "Price list: PDF"] in entry.change.values() and entry.actor_id == alice_staff.pk


def test_another_day_is_mailed_and_waits_with_it(
    console: Visitor,
    portal: Visitor,
    request_of_brightside: FileRequest,
    in_northwind: CurrentAgency,
    mailoutbox: list[Any],
) -> None:
    request = request_of_brightside
    mailoutbox.clear()
    day = in_northwind.today() + timedelta(days=9)
    form = typed(console, request, due_on=day.isoformat())
    assert console.post(page_of(request), form).status_code == 302
    run_jobs()
    assert len(mailoutbox) == 1 and f"everything by {day.day} " in mailoutbox[0].body
    assert "New on the list" not in mailoutbox[0].body
    assert FileRequest.objects.get().due_on == day
    over = in_northwind.today() - timedelta(days=1)
    again = typed(console, request, due_on=over.isoformat())
    assert console.post(page_of(request), again).status_code == 422, "a day that is over"


def test_what_asks_for_nothing_new_is_saved_and_mailed_to_nobody(
    console: Visitor, portal: Visitor, request_of_brightside: FileRequest, mailoutbox: list[Any]
) -> None:
    request = request_of_brightside
    mailoutbox.clear()
    logo, scan = request.items.all()
    form = typed(console, request, words="The logo for the front page.")
    form |= {f"name-{logo.pk}": "The logo", f"size-{logo.pk}": str(5 * 1024**2), f"remove-{scan.pk}": "on"}
    assert console.post(page_of(request), form).status_code == 302
    run_jobs()
    assert not mailoutbox
    item = RequestItem.objects.get()
    assert (item.name, item.formats, item.most_bytes) == ("The logo", ["svg"], 5 * 1024**2)
    assert "Send 1 file" in portal.get("/").text
    change = AuditEntry.objects.get(verb="files.request_edited").change
    assert change[f"item {scan.pk}"] == ["Contract scan: PDF, at most 1 MB", None]
    assert change[f"item {logo.pk}"][1] == "The logo: SVG drawing, at most 5 MB"
    before = AuditEntry.objects.count()
    assert console.post(page_of(request), typed(console, request)).status_code == 302
    assert AuditEntry.objects.count() == before, "nothing changed, nothing is written down"


def test_an_item_for_which_something_was_sent_stays_as_it_is_and_the_page_says_so(
    console: Visitor, portal: Visitor, request_of_brightside: FileRequest, alice_staff: Staff
) -> None:
    request = request_of_brightside
    logo, scan = request.items.all()
    stale = typed(console, request)
    portal.post(f"/files/requests/{request.pk}/items/{logo.pk}/", {"files": sent(scene.SVG, "logo.svg")})
    text = console.get(page_of(request)).text
    assert "Something was sent for this. It keeps name and format" in text
    assert f'name="name-{logo.pk}"' not in text and f'name="name-{scan.pk}"' in text
    for change in ({f"name-{logo.pk}": "Photo"}, {f"remove-{logo.pk}": "on"}):
        answer = console.post(page_of(request), stale | change | {"title": "Other"})
        assert answer.status_code == 422 and "stays on the list as it is" in unescape(answer.text)
    request.refresh_from_db()
    assert names(request) == ["Logo as SVG", "Contract scan"] and request.title == "For your website"
    assert console.post(page_of(request), stale | {"title": "Other"}).status_code == 302


def test_two_who_edit_at_once_both_keep_what_they_changed(
    console: Visitor, request_of_brightside: FileRequest
) -> None:
    request = request_of_brightside
    logo, scan = request.items.all()
    mine, theirs = typed(console, request), typed(console, request)
    theirs |= {"title": "Theirs", f"name-{logo.pk}": "Their logo", "name-new-0": "Their photo"}
    assert console.post(page_of(request), theirs).status_code == 302
    mine |= {"words": "My words", f"name-{scan.pk}": "My scan"}
    assert console.post(page_of(request), mine).status_code == 302
    request.refresh_from_db()
    assert (request.title, request.note) == ("Theirs", "My words")
    assert names(request) == ["Their logo", "My scan", "Their photo"]


def test_the_same_thing_changed_by_two_is_shown_before_it_is_written_over(
    console: Visitor, request_of_brightside: FileRequest
) -> None:
    request = request_of_brightside
    logo = request.items.all()[0]
    mine, theirs = typed(console, request), typed(console, request)
    assert console.post(page_of(request), theirs | {"title": "Theirs", "words": "Hello"}).status_code == 302
    mine |= {"title": "Mine", f"name-{logo.pk}": "My logo"}
    answer = console.post(page_of(request), mine)
    text = unescape(answer.text)
    assert answer.status_code == 422 and "A colleague changed this meanwhile; it says: Theirs" in text
    assert 'value="Mine"' in text and "My logo" in text and "Hello" in text
    request.refresh_from_db()
    assert request.title == "Theirs" and names(request)[0] == "Logo as SVG"
    seen = re.search(r'name="seen" value="([^"]*)"', answer.text)
    assert seen
    again = mine | {"seen": unescape(seen[1]), "words": "Hello"}
    assert console.post(page_of(request), again).status_code == 302
    request.refresh_from_db()
    assert (request.title, request.note, names(request)[0]) == ("Mine", "Hello", "My logo")


def test_what_a_colleague_took_off_is_not_brought_back_in_silence(
    console: Visitor, request_of_brightside: FileRequest
) -> None:
    request = request_of_brightside
    logo = request.items.all()[0]
    mine, theirs = typed(console, request), typed(console, request)
    assert console.post(page_of(request), theirs | {f"remove-{logo.pk}": "on"}).status_code == 302
    answer = console.post(page_of(request), mine | {f"name-{logo.pk}": "Mine"})
    assert answer.status_code == 422 and "off the list meanwhile" in answer.text
    assert console.post(page_of(request), mine | {"title": "T"}).status_code == 302
    assert names(request) == ["Contract scan"]


def test_nothing_is_sent_for_what_is_gone_or_changed_while_it_came_in(
    request_of_brightside: FileRequest, maria: Client, alice_staff: Staff
) -> None:
    request = request_of_brightside
    logo, scan = request.items.all()
    seen = as_asked(request)
    other = {logo.pk: Wanted("Logo", ("pdf",)), scan.pk: seen.items[scan.pk]}
    edit_request(request, Asked(seen.title, "", None, other), by=alice_staff)
    from modules.files.operations import sending

    # The rows as they were when the upload began.
    with pytest.raises(operations.WrongState, match="just changed"):
        sending._keep_for_item(logo, [], maria, None)
    edit_request(request, Asked(seen.title, "", None, {scan.pk: seen.items[scan.pk]}), by=alice_staff)
    with pytest.raises(operations.WrongState, match="not asked for any more"):
        sending._keep_for_item(logo, [], maria, None)


@pytest.mark.parametrize(
    "change",
    [
        {"title": " "},
        {"title": "x" * 161},
        {"due_on": "soon"},
        {"name-new-0": "Contract SCAN"},
        {"name-new-0": "Film", "formats-new-0": "exe"},
        {"title": "a\x00b"},
    ],
)
def test_what_cannot_be_is_refused_and_nothing_of_it_kept(
    change: dict[str, str], console: Visitor, request_of_brightside: FileRequest
) -> None:
    request = request_of_brightside
    form = typed(console, request, words="Half") | change
    assert console.post(page_of(request), form).status_code == 422
    request.refresh_from_db()
    assert request.note == "" and len(names(request)) == 2


def test_the_list_keeps_one_thing_and_a_forged_note_of_what_was_seen_harms_nothing(
    console: Visitor, request_of_brightside: FileRequest
) -> None:
    request = request_of_brightside
    form = typed(console, request)
    off = {f"remove-{item.pk}": "on" for item in request.items.all()}
    answer = console.post(page_of(request), form | off)
    assert answer.status_code == 422 and "close the request" in answer.text
    blank = {f"name-{request.items.all()[0].pk}": ""}
    assert console.post(page_of(request), form | blank).status_code == 422
    assert console.post(page_of(request), form | {"seen": "forged", "title": "T"}).status_code == 302
    assert len(names(request)) == 2


def test_the_last_thing_wanted_taken_off_meets_the_request(
    console: Visitor, portal: Visitor, request_of_brightside: FileRequest, alice_staff: Staff
) -> None:
    request = request_of_brightside
    logo, scan = request.items.all()
    made = operations.hand_in(
        logo, files=[sent(scene.SVG, "a.svg")], client=Client.objects.get(name="Maria Silva")
    )
    operations.accept(made[0], by=alice_staff)
    assert FileRequest.objects.open().exists()
    form = typed(console, request) | {f"remove-{scan.pk}": "on"}
    assert console.post(page_of(request), form).status_code == 302
    assert not FileRequest.objects.open().exists() and "Send 1 file" not in portal.get("/").text


def test_a_closed_request_is_opened_before_it_is_changed(
    console: Visitor, request_of_brightside: FileRequest, alice_staff: Staff
) -> None:
    request = request_of_brightside
    form = typed(console, request, title="Late")
    operations.close_request(request, by=alice_staff)
    for answer in (console.get(page_of(request)), console.post(page_of(request), form)):
        assert answer.status_code == 302
    request.refresh_from_db()
    assert request.title == "For your website"
    with pytest.raises(operations.WrongState):
        edit_request(request, Asked("Late", "", None, as_asked(request).items), by=alice_staff)


def test_who_may_not_see_the_request_cannot_change_it(
    console: Visitor,
    in_northwind: CurrentAgency,
    harbour: CurrentAgency,
    request_of_brightside: FileRequest,
    alice_staff: Staff,
    charlie: Client,
    maria: Client,
    hugo: Account,
    alice: Account,
) -> None:
    request = request_of_brightside
    form = typed(console, request, title="Forged")
    Staff.objects.filter(pk=alice_staff.pk).update(role=Staff.Role.MEMBER, sees_all=False)
    StaffScope.objects.create(staff=alice_staff, company=Company.objects.get(name="Oakley"))
    strangers = [console, visit_console(harbour, hugo)]
    strangers += [visit_portal(in_northwind, client) for client in (charlie, maria, None)]
    for visitor in strangers:
        assert visitor.get(page_of(request)).status_code in (302, 404)
        assert visitor.post(page_of(request), form).status_code in (302, 403, 404)
    request.refresh_from_db()
    assert request.title == "For your website"
