"""The address stays; what is behind it changes, and older versions are staff's."""

import pytest

from modules.files import operations
from modules.files.models import File, Version
from portal.people.models import Client, Company, Staff
from portal.uploads.models import Upload
from tests.modules.deliverables.scene import Visitor, body
from tests.modules.files.scene import a_draft, pdf, sent, shared


def test_replacing_keeps_the_address_and_the_share(
    portal: Visitor, brightside: Company, alice_staff: Staff
) -> None:
    file = shared(brightside, alice_staff, sent(b"first", "notes.txt"))
    address = f"/files/{file.pk}/content/?download"
    assert body(portal.get(address)) == b"first"
    operations.add_version(file, sent=sent(b"second", "notes v2.txt"), by=alice_staff, words="Longer")
    assert body(portal.get(address)) == b"second"
    assert "Longer" not in portal.get(f"/files/{file.pk}/").text, "older versions are for staff"


def test_staff_look_at_older_versions_and_show_one_again(
    console: Visitor, portal: Visitor, brightside: Company, alice_staff: Staff
) -> None:
    file = shared(brightside, alice_staff, sent(b"first", "notes.txt"))
    operations.add_version(file, sent=sent(b"second", "notes.txt"), by=alice_staff)
    assert body(console.get(f"/files/{file.pk}/versions/1/content/?download")) == b"first"
    assert console.post(f"/files/{file.pk}/versions/1/restoration/").status_code == 302
    assert body(portal.get(f"/files/{file.pk}/content/?download")) == b"first"
    third = operations.add_version(file, sent=sent(b"third", "notes.txt"), by=alice_staff)
    assert third.number == 3 and Version.objects.filter(file=file).count() == 3


def test_replacing_by_the_console(console: Visitor, brightside: Company, alice_staff: Staff) -> None:
    file = a_draft(brightside, alice_staff)
    answer = console.post(f"/files/{file.pk}/versions/", {"files": pdf("New.pdf"), "note": "Now a PDF"})
    assert answer.status_code == 302 and File.objects.get().current.number == 2  # type: ignore[union-attr]
    assert console.post(f"/files/{file.pk}/versions/", {}).status_code == 422
    assert "Now a PDF" in console.get(f"/files/{file.pk}/").text


def test_a_refused_version_leaves_nothing_behind(
    brightside: Company, alice_staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = a_draft(brightside, alice_staff)
    with pytest.raises(operations.NotValid):
        operations.add_version(file, sent=sent(b"", "empty.txt"), by=alice_staff)
    operations.delete_file(file, by=alice_staff)
    with pytest.raises(operations.WrongState):
        operations.add_version(file, sent=sent(b"late", "late.txt"), by=alice_staff)
    assert Upload.objects.count() == 1 == Version.objects.count()


def test_of_several_files_one_refused_keeps_none(brightside: Company, alice_staff: Staff) -> None:
    with pytest.raises(operations.NotValid) as refused:
        operations.add_files(brightside, files=[sent(b"a", "a.txt"), sent(b"", "empty.txt")], by=alice_staff)
    assert refused.value.field == "files" and "empty.txt" in refused.value.words
    assert not File.objects.exists() and not Upload.objects.exists()


def test_a_version_of_another_file_is_not_there(console: Visitor, tom: Client, alice_staff: Staff) -> None:
    file = a_draft(tom, alice_staff)
    assert console.get(f"/files/{file.pk}/versions/2/content/").status_code == 404
    assert console.post(f"/files/{file.pk}/versions/2/restoration/").status_code == 404
