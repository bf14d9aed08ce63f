"""A client sees what was shared with it on purpose, and nothing else."""

from datetime import timedelta

import pytest

from kit import clock
from modules.files import operations
from modules.files.models import Activity, File
from portal.mail.models import Message
from portal.people.models import Client, Company, Staff
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency
from tests.modules.deliverables.scene import Visitor, a_project, body, visit_console, visit_portal
from tests.modules.files.scene import a_draft, pdf, sent, shared, video
from tests.running_jobs import run_jobs


def paths_of(file: File) -> list[str]:
    return [f"/files/{file.pk}/{rest}" for rest in ("", "content/", "content/?download", "pages/1/")]


def sees(client: Client, file: File) -> bool:
    return File.objects.visible_to(client).filter(pk=file.pk).exists()


def test_a_draft_is_for_staff_only(portal: Visitor, brightside: Company, alice_staff: Staff) -> None:
    file = a_draft(brightside, alice_staff)
    run_jobs()
    assert [portal.get(path).status_code for path in paths_of(file)] == [404] * 4
    assert str(file) not in portal.get("/files/").text
    operations.share([file], by=alice_staff)
    assert [portal.get(path).status_code for path in paths_of(file)] == [200] * 4
    assert str(file) in portal.get("/files/").text
    operations.unshare(file, by=alice_staff)
    assert [portal.get(path).status_code for path in paths_of(file)] == [404] * 4


def test_neither_charlie_nor_ines_nor_hugo_nor_a_stranger_gets_anything(
    in_northwind: CurrentAgency,
    harbour: CurrentAgency,
    brightside: Company,
    charlie: Client,
    ines: Client,
    hugo: Account,
    alice_staff: Staff,
) -> None:
    file = shared(brightside, alice_staff, pdf())
    run_jobs()
    nobody = visit_portal(in_northwind, charlie).get("/files/987654/").content
    for path in paths_of(file):
        theirs = visit_portal(in_northwind, charlie).get(path)
        assert theirs.status_code == 404
        assert visit_portal(harbour, ines).get(path).status_code == 404
        assert visit_portal(in_northwind, None).get(path).status_code == 302
    assert visit_portal(in_northwind, charlie).get(f"/files/{file.pk}/").content == nobody
    assert "Guide.pdf" not in visit_portal(in_northwind, charlie).get("/files/").text
    assert visit_portal(in_northwind, charlie).get(f"/files/zip/?file={file.pk}").status_code == 422
    console = visit_console(harbour, hugo)
    assert console.get(f"/files/{file.pk}/").status_code == 404
    assert console.get(f"/files/{file.pk}/versions/1/content/").status_code == 404


def test_shared_with_chosen_people_it_is_theirs_alone(
    in_northwind: CurrentAgency, brightside: Company, maria: Client, nora: Client, alice_staff: Staff
) -> None:
    file = shared(brightside, alice_staff, audience="contacts", contacts=[nora])
    assert sees(nora, file) and not sees(maria, file)
    assert visit_portal(in_northwind, maria).get(f"/files/{file.pk}/").status_code == 404


def test_somebody_of_another_company_cannot_be_chosen(
    brightside: Company, charlie: Client, alice_staff: Staff
) -> None:
    with pytest.raises(operations.NotValid) as refused:
        shared(brightside, alice_staff, audience="contacts", contacts=[charlie])
    assert refused.value.field == "contacts"


def test_shared_with_a_project_it_follows_who_sees_that(
    brightside: Company, maria: Client, charlie: Client, alice_staff: Staff
) -> None:
    project = a_project(brightside)
    file = shared(brightside, alice_staff, project=project, audience="project")
    assert sees(maria, file) and not sees(charlie, file)
    with pytest.raises(operations.WrongState):
        operations.edit_file(file, by=alice_staff, project=None)


def test_a_project_or_folder_of_somebody_else_is_refused(
    brightside: Company, tom: Client, alice_staff: Staff
) -> None:
    with pytest.raises(operations.NotValid):
        a_draft(brightside, alice_staff, project=a_project(tom))
    folder = operations.create_folder(tom, name="Private", by=alice_staff)
    with pytest.raises(operations.NotValid):
        a_draft(brightside, alice_staff, folder=folder)
    assert not File.objects.exists()


def test_a_share_ends_after_its_last_day(
    portal: Visitor, brightside: Company, maria: Client, alice_staff: Staff, in_northwind: CurrentAgency
) -> None:
    today = in_northwind.today()
    file = shared(brightside, alice_staff, expires_on=today)
    assert sees(maria, file)
    File.objects.update(expires_on=today - timedelta(days=1))
    assert not sees(maria, file) and portal.get(f"/files/{file.pk}/content/").status_code == 404
    with pytest.raises(operations.NotValid):
        operations.share([file], by=alice_staff, expires_on=today - timedelta(days=1))


def test_what_is_only_looked_at_is_never_handed_out(
    portal: Visitor, brightside: Company, alice_staff: Staff
) -> None:
    picture = shared(brightside, alice_staff, can_download=False)
    film = shared(brightside, alice_staff, video(), can_download=False)
    run_jobs()
    assert portal.get(f"/files/{picture.pk}/content/?download").status_code == 403
    assert portal.get(f"/files/{picture.pk}/content/").status_code == 403
    assert portal.get(f"/files/{film.pk}/content/?download").status_code == 403
    page = portal.get(f"/files/{picture.pk}/pages/1/")
    assert page.status_code == 200 and page["Content-Type"] == "image/webp"
    played = portal.get(f"/files/{film.pk}/content/")
    assert played.status_code == 200 and played["Content-Disposition"].startswith("inline")
    assert portal.get("/files/zip/").status_code == 422
    assert "Download" not in portal.get(f"/files/{picture.pk}/").text


def test_what_no_page_can_show_cannot_be_shared_to_look_at_only(
    brightside: Company, alice_staff: Staff
) -> None:
    with pytest.raises(operations.NotValid) as refused:
        shared(brightside, alice_staff, sent(b"numbers", "list.xlsx"), can_download=False)
    assert refused.value.field == "can_download"


def test_one_mail_names_all_that_was_shared_at_once(
    brightside: Company, maria: Client, nora: Client, alice_staff: Staff, mailoutbox: list[object]
) -> None:
    files = [a_draft(brightside, alice_staff, pdf(name)) for name in ("One.pdf", "Two.pdf")]
    operations.share(files, by=alice_staff)
    run_jobs()
    assert sorted(mail.to[0] for mail in mailoutbox) == [maria.email, nora.email]  # type: ignore[attr-defined]
    assert "One.pdf" in mailoutbox[0].body and "Two.pdf" in mailoutbox[0].body  # type: ignore[attr-defined]
    operations.share(files, by=alice_staff, expires_on=clock.now().date() + timedelta(days=9))
    run_jobs()
    assert len(mailoutbox) == 2, "who saw them already is not told again"


def test_a_mail_about_what_was_taken_back_meanwhile_is_not_sent(
    brightside: Company, alice_staff: Staff, mailoutbox: list[object]
) -> None:
    file = shared(brightside, alice_staff)
    operations.unshare(file, by=alice_staff)
    run_jobs()
    assert not mailoutbox
    assert Message.objects.get(email="files.shared").state == Message.State.DROPPED


def test_who_looked_and_who_took_it_is_noted_once_a_day(
    portal: Visitor, console: Visitor, brightside: Company, alice_staff: Staff
) -> None:
    file = shared(brightside, alice_staff)
    for _ in range(3):
        portal.get(f"/files/{file.pk}/")
        body(portal.get(f"/files/{file.pk}/content/?download"))
    did = sorted(Activity.objects.filter(client__isnull=False).values_list("did", flat=True))
    assert did == ["downloaded", "viewed"]
    assert "Maria Silva downloaded it" in console.get(f"/files/{file.pk}/").text
    assert "Maria Silva downloaded it" not in portal.get(f"/files/{file.pk}/").text


def test_a_link_is_https_and_nothing_else(portal: Visitor, brightside: Company, alice_staff: Staff) -> None:
    for bad in (
        "http://drive.example/x",
        "javascript:alert(1)",
        "https://",
        "ftp://a.b",
        "https://a b.c",
        "",
    ):
        with pytest.raises(operations.NotValid):
            operations.add_link(brightside, link=bad, name="Board", by=alice_staff)
    link = operations.add_link(brightside, link="https://figma.example/file/1", name="Board", by=alice_staff)
    operations.share([link], by=alice_staff)
    page = portal.get(f"/files/{link.pk}/").text
    assert 'href="https://figma.example/file/1"' in page and "noopener" in page
    assert portal.get(f"/files/{link.pk}/content/").status_code == 404


def test_a_contact_who_lost_access_is_out_of_everything(
    portal: Visitor, brightside: Company, maria: Client, alice_staff: Staff
) -> None:
    file = shared(brightside, alice_staff)
    Client.objects.filter(pk=maria.pk).update(removed_at=clock.now())
    assert [portal.get(path).status_code for path in paths_of(file)] == [302] * 4
