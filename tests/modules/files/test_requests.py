"""Staff ask for files; the client sends them; staff say yes, or what is wrong."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from time_machine import travel

from modules.files import operations
from modules.files.models import File, FileRequest, HandIn, RequestItem
from modules.files.operations import Wanted
from portal.people.models import Client, Company, Staff
from portal.tasks.models import Task
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency
from tests.modules.deliverables.scene import Visitor, png, visit_console, visit_portal
from tests.modules.files import scene
from tests.modules.files.scene import asked, pdf, sent
from tests.running_jobs import run_jobs


def item_of(request: FileRequest, place: int = 0) -> RequestItem:
    found: RequestItem = request.items.all()[place]
    return found


def address(request: FileRequest, place: int = 0) -> str:
    return f"/files/requests/{request.pk}/items/{item_of(request, place).pk}/"


def test_a_request_is_mailed_waits_on_the_dashboard_and_is_met(
    portal: Visitor,
    console: Visitor,
    brightside: Company,
    maria: Client,
    alice_staff: Staff,
    mailoutbox: list[Any],
) -> None:
    request = asked(brightside, alice_staff, Wanted("Logo as SVG", ["svg"]))
    run_jobs()
    assert mailoutbox[0].to == [maria.email] and f"/files/requests/{request.pk}/" in mailoutbox[0].body
    assert "Send 1 file: For your website" in portal.get("/").text
    assert portal.post(address(request), {"files": sent(scene.SVG, "logo.svg")}).status_code == 302
    assert "Send 1 file" not in portal.get("/").text
    task = Task.objects.open().get()
    assert "Logo as SVG" in task.title and task.path == f"/files/requests/{request.pk}/"
    run_jobs()
    assert mailoutbox[1].to == [alice_staff.email]
    hand_in = HandIn.objects.get()
    verdict = f"/files/requests/{request.pk}/verdicts/{hand_in.pk}/"
    assert console.post(verdict, {"verdict": "accepted"}).status_code == 302
    assert item_of(request).state == "accepted" and not Task.objects.open().exists()
    assert not FileRequest.objects.open().exists()
    assert "Accepted" in portal.get(f"/files/requests/{request.pk}/").text


def test_what_is_rejected_is_told_why_and_sent_again(
    portal: Visitor,
    console: Visitor,
    brightside: Company,
    maria: Client,
    alice_staff: Staff,
    mailoutbox: list[Any],
) -> None:
    request = asked(brightside, alice_staff)
    portal.post(address(request, 1), {"files": pdf("scan.pdf")})
    verdict = f"/files/requests/{request.pk}/verdicts/{HandIn.objects.get().pk}/"
    assert console.post(verdict, {"verdict": "rejected"}).status_code == 422, "a reason is needed"
    run_jobs()
    mailoutbox.clear()
    assert console.post(verdict, {"verdict": "rejected", "note": "Page 2 is missing"}).status_code == 302
    run_jobs()
    told = [mail for mail in mailoutbox if "again" in mail.subject]
    assert told[0].to == [maria.email] and "Page 2 is missing" in told[0].body
    assert "Page 2 is missing" in portal.get(address(request, 1)).text
    assert portal.post(address(request, 1), {"files": pdf("scan 2.pdf")}).status_code == 302
    assert console.post(verdict, {"verdict": "accepted"}).status_code == 422, "that one is decided"
    assert [one.verdict for one in HandIn.objects.order_by("pk")] == ["rejected", ""]


@pytest.mark.parametrize(
    ("formats", "file", "fits"),
    [
        (["svg"], sent(scene.SVG, "logo.svg"), True),
        (["svg"], png("logo.svg"), False),
        (["svg"], sent(scene.HTML, "logo.svg"), False),
        (["pdf"], sent(b"PK\x03\x04 no", "contract.pdf"), False),
        (["image"], png("a.pdf"), True),
        (["office"], sent(b"PK\x03\x04" + bytes(26) + b"[Content_Types].xml", "a.docx"), True),
        (["office"], sent(scene.BOMB, "a.docx"), False),
        (["zip"], sent(scene.BOMB, "a.txt"), True),
        (["audio"], sent(scene.MP3, "a.mp3"), True),
        ([], sent(b"anything", "a.xyz"), True),
    ],
)
def test_only_what_is_asked_for_is_taken_whatever_its_name_says(
    portal: Visitor, brightside: Company, alice_staff: Staff, formats: list[str], file: Any, fits: bool
) -> None:
    file.seek(0)
    request = asked(brightside, alice_staff, Wanted("It", formats))
    answer = portal.post(address(request), {"files": file})
    assert answer.status_code == (302 if fits else 422)
    assert HandIn.objects.exists() == fits == File.objects.exists()
    if not fits:
        assert "is not what is asked for" in answer.text


def test_more_than_was_allowed_is_refused_in_words(
    portal: Visitor, brightside: Company, alice_staff: Staff
) -> None:
    request = asked(brightside, alice_staff, Wanted("Small", [], 1000))
    answer = portal.post(address(request), {"files": sent(bytes(1001), "large.bin")})
    assert answer.status_code == 422 and "larger than 1 KB" in answer.text
    assert portal.post(address(request), {}).status_code == 422
    assert not File.objects.exists()


def test_charlie_tom_ines_and_strangers_cannot_send_or_look(
    in_northwind: CurrentAgency,
    harbour: CurrentAgency,
    brightside: Company,
    charlie: Client,
    tom: Client,
    ines: Client,
    hugo: Account,
    alice_staff: Staff,
) -> None:
    request = asked(brightside, alice_staff)
    for agency, client in ((in_northwind, charlie), (in_northwind, tom), (harbour, ines)):
        visitor = visit_portal(agency, client)
        assert visitor.get(f"/files/requests/{request.pk}/").status_code == 404
        assert visitor.post(address(request), {"files": sent(scene.SVG, "a.svg")}).status_code == 404
    assert visit_portal(in_northwind, None).post(address(request), {}).status_code == 302
    assert visit_console(harbour, hugo).get(f"/files/requests/{request.pk}/").status_code == 404
    with pytest.raises(operations.NotAllowed):
        operations.hand_in(item_of(request), files=[sent(scene.SVG, "a.svg")], client=charlie)
    assert not File.objects.exists()


def test_an_item_of_another_request_is_not_there(
    portal: Visitor, brightside: Company, tom: Client, alice_staff: Staff
) -> None:
    mine, toms = asked(brightside, alice_staff), asked(tom, alice_staff)
    crossed = f"/files/requests/{mine.pk}/items/{item_of(toms).pk}/"
    assert portal.post(crossed, {"files": sent(scene.SVG, "a.svg")}).status_code == 404


def test_asked_of_one_colleague_the_others_see_nothing_of_it(
    in_northwind: CurrentAgency, portal: Visitor, brightside: Company, nora: Client, alice_staff: Staff
) -> None:
    request = asked(brightside, alice_staff, contacts=[nora])
    assert portal.get(f"/files/requests/{request.pk}/").status_code == 404
    sender = visit_portal(in_northwind, nora)
    assert sender.post(address(request), {"files": sent(scene.SVG, "a.svg")}).status_code == 302
    file = File.objects.get()
    assert sender.get(f"/files/{file.pk}/").status_code == 200
    assert portal.get(f"/files/{file.pk}/").status_code == 404, "what Nora sent is private to Nora, too"


def test_a_closed_request_takes_nothing(portal: Visitor, brightside: Company, alice_staff: Staff) -> None:
    request = asked(brightside, alice_staff)
    operations.close_request(request, by=alice_staff)
    assert portal.post(address(request), {"files": sent(scene.SVG, "a.svg")}).status_code == 422
    assert "Waiting on you" not in portal.get("/files/").text and not File.objects.exists()


def test_reminders_go_out_by_the_clock_once_a_day(
    in_northwind: CurrentAgency, brightside: Company, alice_staff: Staff, mailoutbox: list[Any]
) -> None:
    noon = datetime(2026, 12, 1, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    with travel(noon, tick=False):
        asked(brightside, alice_staff, due_on=noon.date() + timedelta(days=2))
        run_jobs()
        mailoutbox.clear()
        assert [operations.remind_due(), operations.remind_due()] == [1, 0]
        run_jobs()
    assert len(mailoutbox) == 1 and "Logo as SVG" in mailoutbox[0].body
    with travel(noon + timedelta(days=1), tick=False):
        assert operations.remind_due() == 0
    with travel(noon.replace(hour=5) + timedelta(days=2), tick=False):
        assert operations.remind_due() == 0, "nobody is woken up"
    with travel(noon + timedelta(days=2), tick=False):
        assert operations.remind_due() == 1


def test_a_request_needs_words_items_and_a_day_to_come(
    console: Visitor, brightside: Company, in_northwind: CurrentAgency
) -> None:
    new = f"/files/requests/new/?owner=company-{brightside.pk}"
    assert console.post(new, {"title": "", "name-0": "Logo"}).status_code == 422
    assert console.post(new, {"title": "X"}).status_code == 422
    over = in_northwind.today() - timedelta(days=1)
    assert console.post(new, {"title": "X", "name-0": "Logo", "due_on": over.isoformat()}).status_code == 422
    assert console.post(new, {"title": "X", "name-0": "Logo", "formats-0": "exe"}).status_code == 422
    assert not FileRequest.objects.exists()
    answer = console.post(
        new, {"title": "X", "name-0": "Logo", "formats-0": "svg", "size-0": str(5 * 1024**2)}
    )
    assert answer.status_code == 302
    item = RequestItem.objects.get()
    assert (item.formats, item.most_bytes) == (["svg"], 5 * 1024**2)


def test_what_waits_for_a_verdict_cannot_be_deleted(
    portal: Visitor, brightside: Company, alice_staff: Staff
) -> None:
    request = asked(brightside, alice_staff)
    portal.post(address(request), {"files": sent(scene.SVG, "a.svg")})
    with pytest.raises(operations.WrongState):
        operations.delete_file(File.objects.get(), by=alice_staff)
