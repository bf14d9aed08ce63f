"""What is deleted can be brought back for thirty days."""

from datetime import timedelta

from django.core.files.storage import default_storage

from kit import clock
from modules.files import operations
from modules.files.models import File
from portal.people.models import Company, Staff
from portal.uploads.models import Upload
from tests.modules.deliverables.scene import Visitor
from tests.modules.files.scene import shared


def test_a_deleted_file_is_gone_for_clients_at_once_and_comes_back_as_a_draft(
    portal: Visitor, console: Visitor, brightside: Company, alice_staff: Staff
) -> None:
    file = shared(brightside, alice_staff)
    assert console.post(f"/files/{file.pk}/deletion/").status_code == 302
    assert portal.get(f"/files/{file.pk}/content/").status_code == 404
    assert console.get(f"/files/{file.pk}/").status_code == 404
    assert file.name in console.get("/files/trash/").text and file.name not in portal.get("/files/").text
    assert console.post(f"/files/trash/{file.pk}/restoration/").status_code == 302
    assert console.get(f"/files/{file.pk}/").status_code == 200
    assert portal.get(f"/files/{file.pk}/").status_code == 404, "whoever brings it back shares it anew"


def test_after_thirty_days_row_and_bytes_go(brightside: Company, alice_staff: Staff) -> None:
    file = shared(brightside, alice_staff)
    [key] = Upload.objects.values_list("storage_key", flat=True)
    operations.delete_file(file, by=alice_staff)
    assert operations.empty_trash() == 0 and File.objects.exists()
    File.objects.update(deleted_at=clock.now() - timedelta(days=30, minutes=1))
    assert operations.empty_trash() == 1
    assert not File.objects.exists() and not Upload.objects.exists()


def test_only_what_is_in_the_trash_is_erased(
    console: Visitor, brightside: Company, alice_staff: Staff, django_capture_on_commit_callbacks: object
) -> None:
    file = shared(brightside, alice_staff)
    [key] = Upload.objects.values_list("storage_key", flat=True)
    assert console.post(f"/files/trash/{file.pk}/erasure/").status_code == 404
    operations.delete_file(file, by=alice_staff)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        operations.erase(file, by=alice_staff)
    assert not default_storage.exists(key)
