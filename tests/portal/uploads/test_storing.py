"""What is stored, and what is refused in words."""

from collections.abc import Iterator

import pytest
from django.core.files.storage import default_storage

from portal.uploads import operations
from portal.uploads.models import Upload
from portal.uploads.operations import NoRoom, UploadRefused, UploadRule, discard, in_words, store
from portal.uploads.writing import clean_name
from tenants.agencies.current import CurrentAgency, inside, outside_agencies
from tenants.agencies.models import Agency
from tenants.plans import Plan, limits
from tests.portal.uploads import samples


@pytest.fixture(autouse=True)
def _in_northwind(northwind: CurrentAgency) -> Iterator[None]:
    with inside(northwind):
        yield


def test_bytes_name_type_size_and_hash_are_kept() -> None:
    upload = store(samples.uploaded(samples.PDF, "Angebot März.pdf", "text/html"), UploadRule())
    assert (upload.name, upload.content_type, upload.size) == (
        "Angebot März.pdf",
        "application/pdf",
        len(samples.PDF),
    )
    assert len(upload.sha256) == 64
    assert default_storage.open(upload.storage_key).read() == samples.PDF


def test_the_key_names_the_agency_and_cannot_be_guessed(northwind: CurrentAgency) -> None:
    upload = store(samples.uploaded(samples.PDF), UploadRule())
    assert upload.storage_key == f"agencies/{northwind.schema_name}/{upload.pk.hex[:2]}/{upload.pk}"


def test_a_claimed_type_or_ending_decides_nothing() -> None:
    with pytest.raises(UploadRefused, match="does not fit here. Only PDF"):
        store(
            samples.uploaded(samples.HTML, "offer.pdf", "application/pdf"),
            UploadRule(["application/pdf"], words="Only PDF."),
        )


def test_empty_and_too_large_files_are_refused() -> None:
    with pytest.raises(UploadRefused, match="empty"):
        store(samples.uploaded(b""), UploadRule())
    with pytest.raises(UploadRefused, match="larger than 1 KB"):
        store(samples.uploaded(b"x" * 1025), UploadRule(limit_bytes=1024))


def test_the_plans_storage_is_a_hard_limit() -> None:
    room = limits(Plan.GROWTH).storage
    Upload.objects.create(name="a", content_type="x", size=room - 1000, sha256="0" * 64, storage_key="a")
    assert store(samples.uploaded(b"x" * 1000), UploadRule()).size == 1000
    with pytest.raises(NoRoom, match=r"no room left for this file \(1 KB\): 100 GB of 100 GB are in use"):
        store(samples.uploaded(b"x"), UploadRule())
    with pytest.raises(NoRoom):
        operations.store_image(samples.uploaded(samples.picture()))
    assert Upload.objects.count() == 2


def test_another_agencys_files_do_not_count() -> None:
    room = limits(Plan.STARTER).storage
    Upload.objects.create(name="a", content_type="x", size=room, sha256="0" * 64, storage_key="a")
    with outside_agencies():
        harbour = Agency.objects.get(slug="harbour").current()
    with inside(harbour):
        assert operations.bytes_used() == 0
        store(samples.uploaded(b"x"), UploadRule())


def test_a_store_that_does_not_answer_is_said_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr("django.core.files.storage.FileSystemStorage.save", broken)
    with pytest.raises(UploadRefused, match="could not be stored just now"):
        store(samples.uploaded(b"x"), UploadRule())
    assert not Upload.objects.exists()


def test_bytes_go_only_when_the_removal_is_committed(django_capture_on_commit_callbacks: object) -> None:
    upload = store(samples.uploaded(b"x"), UploadRule())
    with django_capture_on_commit_callbacks() as callbacks:  # type: ignore[operator]
        discard(upload)
    assert default_storage.exists(upload.storage_key) and not Upload.objects.exists()
    for callback in callbacks:
        callback()
    assert not default_storage.exists(upload.storage_key)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\a\\offer.pdf", "offer.pdf"),
        ("a\r\nSet-Cookie: x.txt", "aSet-Cookie: x.txt"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("", "file"),
        ("...", "file"),
        ("x" * 300 + ".pdf", "x" * 251 + ".pdf"),
    ],
)
def test_names_are_names(given: str, kept: str) -> None:
    assert clean_name(given) == kept


def test_sizes_are_words() -> None:
    assert [in_words(n) for n in (1, 1024, 5 * 1024**2, int(2.5 * 1024**3))] == [
        "1 KB",
        "1 KB",
        "5 MB",
        "2.5 GB",
    ]
