"""What staff do with files by the console's pages."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from modules.files import operations
from modules.files.models import File
from portal.people.models import Client, Company, Staff
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency
from tests.modules.deliverables.scene import Visitor, a_project, visit_console
from tests.modules.files.scene import a_draft, asked, pdf, sent, shared


def asked_of_files(seen: CaptureQueriesContext) -> int:
    """Statements about files; which host is whose is asked now and then besides."""
    return sum('FROM "files_' in statement["sql"] for statement in seen.captured_queries)


def test_uploading_for_a_company_and_sharing_at_once(
    console: Visitor, brightside: Company, maria: Client
) -> None:
    assert "Brightside" in console.get("/files/new/").text
    new = f"/files/new/?owner=company-{brightside.pk}"
    assert console.get(new).status_code == 200
    assert console.post(new, {}).status_code == 422
    two = [pdf("One.pdf"), pdf("Two.pdf")]
    assert console.post(new, {"files": two, "note": "Both"}).status_code == 302
    assert not File.objects.visible_to(maria).exists()
    assert console.post(new, {"files": pdf("Three.pdf"), "share": "on"}).status_code == 302
    assert [file.name for file in File.objects.visible_to(maria)] == ["Three.pdf"]


def test_the_share_form_asks_who_until_when_and_how(
    console: Visitor, brightside: Company, maria: Client, nora: Client, alice_staff: Staff
) -> None:
    files = [a_draft(brightside, alice_staff) for _ in range(2)]
    address = "/files/share/?" + "&".join(f"file={file.pk}" for file in files)
    assert "Nora Silva" in console.get(address).text
    assert console.post(address, {"audience": "contacts"}).status_code == 422
    assert console.post(address, {"audience": "everybody"}).status_code == 422
    answer = console.post(address, {"audience": "contacts", "contacts": [nora.pk]})
    assert answer.status_code == 302
    assert File.objects.visible_to(nora).count() == 2 and not File.objects.visible_to(maria).exists()
    assert not File.objects.filter(can_download=True).exists()


def test_files_of_two_clients_are_not_shared_together(
    console: Visitor, brightside: Company, tom: Client, alice_staff: Staff
) -> None:
    files = [a_draft(owner, alice_staff) for owner in (brightside, tom)]
    address = "/files/share/?" + "&".join(f"file={file.pk}" for file in files)
    assert console.get(address).status_code == 404
    assert console.get("/files/share/").status_code == 404 == console.get("/files/share/?file=x").status_code


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"a.txt", "b.txt", "c.txt"}),
        ("?q=b.t", {"b.txt"}),
        ("?state=draft", {"a.txt", "b.txt"}),
        ("?state=shared", {"c.txt"}),
        ("?state=nonsense&sort=nonsense&owner=x&project=x&page=x", {"a.txt", "b.txt", "c.txt"}),
        ("?q=%00", {"a.txt", "b.txt", "c.txt"}),
        ("?sort=size", {"a.txt", "b.txt", "c.txt"}),
    ],
)
def test_the_list_is_filtered(
    console: Visitor, brightside: Company, tom: Client, alice_staff: Staff, query: str, found: set[str]
) -> None:
    a_draft(brightside, alice_staff, sent(b"1", "a.txt"))
    a_draft(tom, alice_staff, sent(b"22", "b.txt"))
    shared(tom, alice_staff, sent(b"3", "c.txt"))
    page = console.get(f"/files/{query}").text
    assert {name for name in ("a.txt", "b.txt", "c.txt") if name in page} == found


def test_every_page_opens_and_the_lists_cost_the_same_for_many(
    console: Visitor, portal: Visitor, brightside: Company, alice_staff: Staff
) -> None:
    folder = operations.create_folder(brightside, name="Brand", by=alice_staff)
    project = a_project(brightside)
    file = shared(brightside, alice_staff, folder=folder, project=project)
    link = operations.add_link(brightside, link="https://a.example/x", name="Board", by=alice_staff)
    request = asked(brightside, alice_staff)
    pages = ["", "trash/", "requests/", f"requests/{request.pk}/", f"folders/{folder.pk}/", f"{file.pk}/"]
    pages += [f"{link.pk}/", f"{file.pk}/edit/", f"{link.pk}/edit/", f"folders/{folder.pk}/edit/"]
    pages += [
        f"{view}/?owner=company-{brightside.pk}" for view in ("new", "link", "requests/new", "folders/new")
    ]
    pages += ["link/", "requests/new/", "folders/new/", f"?owner=company-{brightside.pk}"]
    for page in pages:
        assert console.get(f"/files/{page}").status_code == 200, page
    assert "Files" in console.get(f"/projects/{project.pk}/").text
    assert file.name in portal.get(f"/projects/{project.pk}/").text
    shared(brightside, alice_staff, sent(b"x", "first.txt"))
    for visitor in (console, portal):
        with CaptureQueriesContext(connection) as few:
            visitor.get("/files/")
        for number in range(6):
            shared(brightside, alice_staff, sent(b"x", f"{number}.txt"))
        with CaptureQueriesContext(connection) as many:
            visitor.get("/files/")
        assert asked_of_files(many) == asked_of_files(few)


def test_editing_moves_and_renames_and_refuses_words(
    console: Visitor, brightside: Company, tom: Client, alice_staff: Staff
) -> None:
    file = a_draft(brightside, alice_staff)
    theirs = operations.create_folder(tom, name="Toms", by=alice_staff)
    edit = f"/files/{file.pk}/edit/"
    assert console.post(edit, {"name": ""}).status_code == 422
    assert console.post(edit, {"name": "x" * 256}).status_code == 422
    assert console.post(edit, {"name": "Plan.png", "folder": theirs.pk}).status_code == 422
    assert console.post(edit, {"name": "Plan.png", "note": "New"}).status_code == 302
    assert (File.objects.get().name, File.objects.get().note) == ("Plan.png", "New")


def test_staff_of_another_agency_change_nothing(
    harbour: CurrentAgency, hugo: Account, brightside: Company, alice_staff: Staff
) -> None:
    file = shared(brightside, alice_staff)
    request = asked(brightside, alice_staff)
    stranger = visit_console(harbour, hugo)
    for path in (f"{file.pk}/deletion/", f"{file.pk}/unsharing/", f"{file.pk}/versions/"):
        assert stranger.post(f"/files/{path}", {"files": pdf()}).status_code == 404, path
    assert stranger.post(f"/files/requests/{request.pk}/closing/").status_code == 404
    assert stranger.post(f"/files/share/?file={file.pk}", {"audience": "owner"}).status_code == 404
    assert File.objects.shared().count() == 1 and File.objects.get().current.number == 1  # type: ignore[union-attr]


def test_the_demo_is_filled_in_a_believable_way(
    in_northwind: CurrentAgency, brightside: Company, maria: Client, alice_staff: Staff, portal: Visitor
) -> None:
    from modules.files.demo import make_demo
    from portal.mail.models import Message

    class Cast:
        agency, staff, companies, clients = in_northwind, alice_staff, [brightside], [maria]

    before = Message.objects.count()
    make_demo(Cast())
    assert Message.objects.count() == before, "nobody is mailed"
    page = portal.get("/files/").text
    for shown in ("Brand", "From you", "Mood board", "For your new website"):
        assert shown in page
    assert "Offer for next year" not in page
