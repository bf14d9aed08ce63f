"""Who may not: Charlie, other agencies, removed clients; and notes, which reach no client by any road."""

import json
from typing import Any

import pytest
from django.test import Client as Browser

from kit import clock
from modules.feedback import operations
from modules.feedback.models import Thread
from modules.feedback.queries.signed import about_token, rating_token
from modules.projects.models import Project
from portal.mail.models import Message
from portal.people.models import Client, Company, CompanyMembership, Staff
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, inside, outside_agencies
from tests.api.conftest import caller, key_for
from tests.modules.feedback.scene import colleague, png, visit_console, visit_portal, wrote
from tests.running_jobs import run_jobs

CANARY = "CANARY-4711-internal"
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"


def every_path(thread: Thread) -> list[tuple[str, str]]:
    attachment = next((a.pk for entry in thread.entries.all() for a in entry.attachments.all()), 1)
    root = f"/feedback/{thread.pk}/"
    return [
        ("get", root),
        ("get", f"{root}files/{attachment}/"),
        ("post", f"{root}reply/"),
        ("post", f"{root}reopening/"),
        ("post", f"{root}rating/"),
    ]


def test_charlie_and_strangers_find_nothing_at_any_address(
    brightside: Company, northwind: CurrentAgency, maria: Client, charlie: Client, tom: Client
) -> None:
    thread = wrote(maria, company=brightside, files=[png()])
    for stranger in (charlie, tom):
        browser = visit_portal(northwind, stranger)
        unknown = browser.get("/feedback/987654/").content
        for method, path in every_path(thread):
            sent = {"sent": {"text": "x", "rating": "good"}} if method == "post" else {}
            response = getattr(browser, method)(path, **sent)
            assert response.status_code == 404, path
            assert len(response.content) == len(unknown), path
        assert thread.subject not in browser.get("/feedback/").content.decode()
        assert thread.subject not in browser.get("/").content.decode()
    assert thread.entries.count() == 1


def test_a_message_for_oneself_is_not_a_colleagues(
    brightside: Company, northwind: CurrentAgency, maria: Client
) -> None:
    liam = colleague(brightside, "Liam Chen")
    private, shared = (
        wrote(maria, "Only between us.", company=brightside, is_private=True),
        wrote(maria, "For all of us.", company=brightside),
    )
    page = visit_portal(northwind, liam).get("/feedback/").content.decode()
    assert "For all of us." in page and "Only between us." not in page
    assert visit_portal(northwind, liam).get(f"/feedback/{private.pk}/").status_code == 404
    assert (
        visit_portal(northwind, liam).post(f"/feedback/{shared.pk}/reply/", {"text": "Me too"}).status_code
        == 302
    )


def test_nobody_writes_into_a_company_or_project_of_others(
    project: Project, brightside: Company, charlie: Client, northwind: CurrentAgency
) -> None:
    with pytest.raises(operations.NotValid):
        wrote(charlie, company=brightside)
    with pytest.raises(operations.NotValid):
        wrote(charlie, project=project)
    assert not Thread.objects.exists()
    sent = {
        "kind": "idea",
        "text": "x",
        "whose": "company",
        "company": str(brightside.pk),
        "project": str(project.pk),
    }
    browser = visit_portal(northwind, charlie)
    assert browser.post("/feedback/new/", sent).status_code == 302, "who is offered no choice, has none"
    assert (Thread.objects.get().company, Thread.objects.get().project) == (charlie.companies.get(), None)
    second = Company.objects.create(name="Second")
    CompanyMembership.objects.create(client=charlie, company=second)
    Project.objects.create(company=second, name="His")
    for wrong in ({"company": str(brightside.pk)}, {"project": str(project.pk)}):
        refused = browser.post(
            "/feedback/new/",
            {"kind": "idea", "text": "x", "whose": "company", "company": str(second.pk), **wrong},
        )
        assert refused.status_code == 422, wrong
    assert Thread.objects.count() == 1


def test_what_a_message_is_about_is_signed_for_one_client(
    project: Project, maria: Client, charlie: Client, northwind: CurrentAgency, harbour: CurrentAgency
) -> None:
    token = about_token("projects", project.pk, project.name, project.pk, maria)
    assert (
        "About New website"
        in visit_portal(northwind, maria).get(f"/feedback/new/?about={token}").content.decode()
    )
    with inside(harbour):
        foreign = about_token("projects", project.pk, project.name, project.pk, charlie)
    for forged in (token, foreign, "projects:1", token[:-1]):
        page = visit_portal(northwind, charlie).get("/feedback/new/", data={"about": forged})
        assert page.status_code == 200 and "New website" not in page.content.decode()


def test_the_pages_of_things_lead_to_a_message_about_them(
    project: Project, maria: Client, northwind: CurrentAgency
) -> None:
    page = visit_portal(northwind, maria).get(f"/projects/{project.pk}/").content.decode()
    path = page.partition('href="/feedback/new/?about=')[2].partition('"')[0]
    sent = {
        "kind": "idea",
        "text": "Larger letters",
        "whose": "company",
        "about": path,
        "project": str(project.pk),
    }
    assert visit_portal(northwind, maria).post("/feedback/new/", sent).status_code == 302
    thread = Thread.objects.get()
    assert (thread.about_section, thread.about_id, thread.project) == ("projects", project.pk, project)
    shown = visit_portal(northwind, maria).get(f"/feedback/{thread.pk}/").content.decode()
    assert f'href="/projects/{project.pk}/"' in shown


def test_who_lost_access_neither_writes_nor_rates(
    thread: Thread, maria: Client, northwind: CurrentAgency, jonas: Staff
) -> None:
    operations.resolve(thread, by=jonas)
    link = f"/feedback/rating/{rating_token(thread.pk, maria.pk)}/"
    Client.objects.filter(pk=maria.pk).update(removed_at=clock.now())
    maria.refresh_from_db()
    for act in (
        lambda: operations.reply_as_client(thread, client=maria, text="x"),
        lambda: operations.reopen(thread, by=maria),
        lambda: operations.rate(thread, "bad", client=maria),
        lambda: wrote(maria),
    ):
        with pytest.raises(operations.NotAllowed):
            act()
    assert visit_portal(northwind, None).post(link, {"rating": "bad"}).status_code == 404


def test_the_rating_link_asks_for_a_click(
    thread: Thread, maria: Client, northwind: CurrentAgency, harbour: CurrentAgency, jonas: Staff
) -> None:
    operations.resolve(thread, by=jonas)
    link = f"/feedback/rating/{rating_token(thread.pk, maria.pk)}/"
    visitor = visit_portal(northwind, None)
    assert visitor.get(f"{link}?rating=bad").status_code == 200
    assert Thread.objects.get(pk=thread.pk).rating == "", "scanners of mails follow links"
    assert visitor.post(link, {"rating": "wonderful"}).status_code == 422
    assert visitor.post(link, {"rating": "good"}).status_code == 200
    assert Thread.objects.get(pk=thread.pk).rating == "good"
    for other in (f"/feedback/rating/{rating_token(thread.pk, 987)}/", link[:-2] + "/"):
        assert visitor.get(other).status_code == 404
    with inside(harbour):
        foreign = rating_token(thread.pk, maria.pk)
    assert visitor.get(f"/feedback/rating/{foreign}/").status_code == 404


def test_another_agencys_staff_find_nothing(
    thread: Thread, northwind: CurrentAgency, harbour: CurrentAgency, hugo: Account
) -> None:
    with outside_agencies():
        from tests.cast import console_browser

        browser: Browser = console_browser(hugo)
        for path in ("/northwind/feedback/", f"/northwind/feedback/{thread.pk}/"):
            assert browser.get(path).status_code == 404
        refused = browser.get(f"/harbour/feedback/{thread.pk}/")
        assert refused.status_code == 402
        assert b"comes with Growth" in refused.content
        assert b'href="/harbour/plan/"' in refused.content, "the owner is shown the way"


def test_a_note_reaches_no_client_by_any_road(
    brightside: Company,
    project: Project,
    maria: Client,
    jonas: Staff,
    alice_staff: Staff,
    northwind: CurrentAgency,
    mailoutbox: list[Any],
) -> None:
    """Every page that the client may open, every mail to clients, and the whole API, after all that can happen."""
    other = wrote(maria, "A second matter", company=brightside, project=project)
    thread = wrote(maria, company=brightside, project=project)
    for one in (other, thread):
        operations.add_note(one, by=jonas, text=f"@alice {CANARY}", files=[png(f"{CANARY}.png")])
    operations.merge(other, into=thread, by=jonas)
    hidden = thread.entries.filter(is_internal=True).first()
    assert hidden is not None
    operations.reply_as_staff(thread, by=jonas, text="An answer")
    operations.assign(thread, alice_staff, by=jonas)
    operations.resolve(thread, by=jonas)
    operations.reopen(thread, by=maria)
    operations.resolve(thread, by=jonas)
    run_jobs()
    browser = visit_portal(northwind, maria)
    paths = [
        "/",
        "/feedback/",
        "/feedback/new/",
        f"/feedback/{thread.pk}/",
        f"/projects/{project.pk}/",
        "/profile/",
    ]
    paths += [f"/feedback/rating/{rating_token(thread.pk, maria.pk)}/"]
    for path in paths:
        response = browser.get(path)
        assert response.status_code == 200 and CANARY not in response.content.decode(), path
    file = hidden.attachments.get()
    assert browser.get(f"/feedback/{thread.pk}/files/{file.pk}/").status_code == 404
    sent = [mail for mail in mailoutbox if mail.to == [maria.email]]
    assert len(sent) == 3 and not any(CANARY in str(mail.message()) for mail in sent)
    assert any(CANARY in mail.body for mail in mailoutbox if mail.to == [alice_staff.email]), (
        "the wall can fail"
    )
    assert not Message.objects.filter(client=maria, words__icontains=CANARY).exists()
    call = caller(key_for(northwind))
    for path in ("feedback/", f"feedback/{thread.pk}/"):
        with outside_agencies():
            answer = call("GET", path)
        assert answer.status_code == 200 and CANARY not in json.dumps(answer.json())


def test_scripts_in_words_and_names_are_words(
    maria: Client,
    brightside: Company,
    northwind: CurrentAgency,
    alice: Account,
    jonas: Staff,
    mailoutbox: list[Any],
) -> None:
    thread = wrote(maria, SCRIPT, company=brightside, files=[png(f"{SCRIPT}.png")])
    operations.reply_as_staff(thread, by=jonas, text=SCRIPT)
    pages = [
        visit_portal(northwind, maria).get(f"/feedback/{thread.pk}/"),
        visit_portal(northwind, maria).get("/feedback/"),
        visit_console(northwind, alice).get(f"/feedback/{thread.pk}/"),
        visit_console(northwind, alice).get("/feedback/?shown=all"),
    ]
    for page in pages:
        assert page.status_code == 200
        assert "<script>alert" not in page.content.decode() and "<img src=x" not in page.content.decode()
    run_jobs()
    for mail in mailoutbox:
        assert "<script>alert" not in mail.alternatives[0][0]


def test_a_subject_cannot_add_a_header(
    maria: Client, brightside: Company, mailoutbox: list[Any], in_northwind: CurrentAgency
) -> None:
    Client.objects.filter(pk=maria.pk).update(name="Maria\r\nBcc: all@evil.example")
    maria.refresh_from_db()
    wrote(maria, "Hello\rBcc: all@evil.example\r\nX-Evil: 1\u2028Cc: x@y", company=brightside)
    run_jobs()
    (mail,) = mailoutbox
    message = mail.message()
    assert message["Bcc"] is None and message["X-Evil"] is None and message["Cc"] is None
    assert mail.recipients() == [mail.to[0]]


def test_svg_and_pages_are_only_downloaded_and_pictures_lose_what_they_hide(
    maria: Client, brightside: Company, northwind: CurrentAgency
) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from tests.modules.deliverables.scene import body

    svg = SimpleUploadedFile("x.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>")
    thread = wrote(maria, company=brightside, files=[svg, png(secret=CANARY.encode())])
    drawing, picture = thread.entries.get().attachments.all()
    browser = visit_portal(northwind, maria)
    answer = browser.get(f"/feedback/{thread.pk}/files/{drawing.pk}/")
    assert answer["Content-Disposition"].startswith("attachment") and "svg" not in answer["Content-Type"]
    assert CANARY.encode() not in body(browser.get(f"/feedback/{thread.pk}/files/{picture.pk}/"))


def test_too_many_or_too_large_files_are_refused_whole(maria: Client, brightside: Company) -> None:
    from portal.uploads.models import Upload

    for files in ([png()] * 6, [png(), png(secret=b"x" * 10 * 1024**2)]):
        with pytest.raises(operations.NotValid) as refused:
            wrote(maria, company=brightside, files=files)
        assert refused.value.field == "files"
    assert not Upload.objects.exists() and not Thread.objects.exists()


def test_members_do_not_change_the_settings(
    in_northwind: CurrentAgency, northwind: CurrentAgency, alice: Account, alice_staff: Staff
) -> None:
    browser = visit_console(northwind, alice)
    assert browser.post("/feedback/settings/", {"answer_hours": "8"}).status_code == 302
    Staff.objects.filter(pk=alice_staff.pk).update(role=Staff.Role.MEMBER)
    assert browser.post("/feedback/settings/", {"answer_hours": "1"}).status_code == 403
