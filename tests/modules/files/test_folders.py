"""Folders: an owner's tree, of which clients see what holds something for them."""

import pytest

from modules.files import operations
from modules.files.models import File, Folder
from portal.people import access
from portal.people.models import Client, Company, Staff
from portal.tasks.models import Task
from portal.uploads import writing
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, current_agency
from tenants.plans import Limits
from tests.modules.deliverables.scene import Visitor, visit_console, visit_portal
from tests.modules.files.scene import a_draft, sent, shared


def folder(owner: Company | Client, staff: Staff, name: str = "Brand", **more: object) -> Folder:
    return operations.create_folder(owner, name=name, by=staff, **more)  # type: ignore[arg-type]


def test_a_folder_is_seen_when_something_in_it_is(
    portal: Visitor, brightside: Company, alice_staff: Staff
) -> None:
    outer = folder(brightside, alice_staff, "Outer")
    inner = folder(brightside, alice_staff, "Inner", parent=outer)
    folder(brightside, alice_staff, "Empty secret")
    draft = a_draft(brightside, alice_staff, folder=inner)
    assert "Outer" not in portal.get("/files/").text
    assert portal.get(f"/files/folders/{inner.pk}/").status_code == 404
    operations.share([draft], by=alice_staff)
    top = portal.get("/files/").text
    assert "Outer" in top and "Empty secret" not in top and draft.name not in top
    assert "Inner" in portal.get(f"/files/folders/{outer.pk}/").text
    assert draft.name in portal.get(f"/files/folders/{inner.pk}/").text
    assert draft.name in portal.get(f"/files/?q={draft.name[:4]}").text, "a search finds it anywhere"


def test_a_folder_for_others_is_not_named(
    portal: Visitor, brightside: Company, nora: Client, alice_staff: Staff
) -> None:
    private = folder(brightside, alice_staff, "Only Nora", takes_uploads=True, contacts=[nora])
    file = shared(brightside, alice_staff, folder=private)
    top = portal.get("/files/").text
    assert "Only Nora" not in top and file.name in top, "what is shared with all is seen at the top"
    assert portal.get(f"/files/folders/{private.pk}/upload/").status_code == 404


def test_a_client_puts_files_into_a_folder_that_takes_them(
    portal: Visitor, brightside: Company, nora: Client, in_northwind: CurrentAgency, alice_staff: Staff
) -> None:
    box = folder(brightside, alice_staff, "From you", takes_uploads=True)
    files = [sent(b"a", "a.txt"), sent(b"b", "b.txt")]
    assert portal.post(f"/files/folders/{box.pk}/upload/", {"files": files}).status_code == 302
    assert File.objects.filter(folder=box, sent_by__isnull=False).count() == 2
    assert "2 files" in Task.objects.open().get().title
    assert "a.txt" in visit_portal(in_northwind, nora).get(f"/files/folders/{box.pk}/").text


def test_no_other_folder_takes_anything(
    in_northwind: CurrentAgency,
    portal: Visitor,
    brightside: Company,
    charlie: Client,
    maria: Client,
    alice_staff: Staff,
) -> None:
    closed = folder(brightside, alice_staff, "Closed")
    shared(brightside, alice_staff, folder=closed)
    box = folder(brightside, alice_staff, "Box", takes_uploads=True)
    file = {"files": sent(b"a", "a.txt")}
    assert portal.post(f"/files/folders/{closed.pk}/upload/", file).status_code == 404
    assert (
        visit_portal(in_northwind, charlie).post(f"/files/folders/{box.pk}/upload/", file).status_code == 404
    )
    with pytest.raises(operations.NotAllowed):
        operations.send_to_folder(closed, files=[sent(b"a", "a.txt")], client=maria)
    assert File.objects.count() == 1


def test_when_the_plans_room_is_used_up_it_says_so_and_hides_nothing(
    portal: Visitor,
    console: Visitor,
    brightside: Company,
    alice_staff: Staff,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    box = folder(brightside, alice_staff, "Box", takes_uploads=True)
    kept = shared(brightside, alice_staff, sent(bytes(900), "kept.bin"))
    monkeypatch.setattr(writing, "limits", lambda plan: Limits(None, None, 1000))
    answer = portal.post(f"/files/folders/{box.pk}/upload/", {"files": sent(bytes(200), "more.bin")})
    assert answer.status_code == 422 and "There is no room left for this file" in answer.text
    new = f"/files/new/?owner=company-{brightside.pk}"
    assert console.post(new, {"files": sent(bytes(200), "more.bin")}).status_code == 422
    assert portal.get(f"/files/{kept.pk}/content/").status_code == 200
    assert File.objects.count() == 1


def test_folders_lie_in_no_circle_not_too_deep_and_not_twice(
    brightside: Company, tom: Client, alice_staff: Staff
) -> None:
    top = folder(brightside, alice_staff, "1")
    chain = [top]
    for name in "23456":
        chain.append(folder(brightside, alice_staff, name, parent=chain[-1]))
    with pytest.raises(operations.NotValid):
        folder(brightside, alice_staff, "7", parent=chain[-1])
    with pytest.raises(operations.NotValid):
        operations.edit_folder(top, name="1", parent=chain[2], by=alice_staff)
    with pytest.raises(operations.NotValid):
        folder(brightside, alice_staff, "1")
    with pytest.raises(operations.NotValid):
        folder(tom, alice_staff, "Theirs", parent=top)
    with pytest.raises(operations.WrongState):
        operations.delete_folder(top, by=alice_staff)
    operations.delete_folder(chain[-1], by=alice_staff)
    assert Folder.objects.count() == 5


def test_renaming_a_folder_of_somebody_who_left_opens_it_to_nobody_else(
    brightside: Company, nora: Client, alice_staff: Staff, alice: Account
) -> None:
    private = folder(brightside, alice_staff, "Only Nora", contacts=[nora])
    access.remove_access(nora, by=alice_staff)
    console = visit_console(current_agency(), alice)
    page = console.get(f"/files/folders/{private.pk}/edit/").text
    assert f'value="{nora.pk}"' in page
    sent_back = {"name": "Nora’s", "parent": "", "contacts": [nora.pk]}
    assert console.post(f"/files/folders/{private.pk}/edit/", sent_back).status_code == 302
    private.refresh_from_db()
    assert private.name == "Nora’s" and private.private_to == [nora.pk]
