"""Files that nothing points at go after a day; all others stay, of whatever module."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection

from kit import clock
from portal.branding.models import PortalSettings
from portal.people.models import Client
from portal.uploads import orphans
from portal.uploads.jobs import sweep_orphans
from portal.uploads.models import Upload
from portal.uploads.operations import UploadRule, store
from tenants.agencies.current import CurrentAgency, inside, outside_agencies
from tenants.agencies.models import Agency
from tests.portal.uploads import samples
from tests.running_jobs import run_jobs

OLD = timedelta(hours=25)


@pytest.fixture(autouse=True)
def _in_northwind(northwind: CurrentAgency) -> Iterator[None]:
    with inside(northwind):
        yield


def kept(age: timedelta = OLD) -> Upload:
    upload = store(samples.uploaded(b"bytes"), UploadRule())
    Upload.objects.filter(pk=upload.pk).update(created_at=clock.now() - age)
    return upload


def test_the_models_themselves_say_who_points_at_files() -> None:
    found = {(key.model.__name__, key.name) for key in orphans.pointers()}
    assert {("PortalSettings", "logo"), ("PortalSettings", "agency_logo"), ("Client", "photo")} <= found
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text FROM pg_constraint WHERE contype = 'f'"
            " AND confrelid = 'uploads_upload'::regclass"
        )
        in_database = sorted(table for (table,) in cursor.fetchall())
    # An upload in parts goes with its file; it does not keep it.
    in_database.remove("uploads_bigupload")
    assert sorted(key.model._meta.db_table for key in orphans.pointers()) == in_database


def test_what_nobody_points_at_goes_after_a_day_with_its_bytes() -> None:
    old, young = kept(), kept(timedelta(hours=23))
    assert orphans.sweep() == 1
    assert [upload.pk for upload in Upload.objects.all()] == [young.pk]
    assert not default_storage.exists(old.storage_key) and default_storage.exists(young.storage_key)


@pytest.mark.parametrize("name", ["logo", "agency_logo", "favicon", "login_image"])
def test_what_the_settings_point_at_stays(name: str) -> None:
    upload = kept()
    PortalSettings.objects.filter(pk=1).update(**{name: upload})
    assert orphans.sweep() == 0 and default_storage.exists(upload.storage_key)


def test_a_removed_clients_photo_stays_while_the_row_points_at_it() -> None:
    upload = kept()
    Client.objects.filter(email="maria@client.example").update(photo=upload, removed_at=clock.now())
    assert orphans.sweep() == 0


def test_a_file_that_found_an_owner_meanwhile_is_left_alone() -> None:
    upload = kept()
    PortalSettings.objects.filter(pk=1).update(logo=upload)
    assert orphans._remove(upload) is False
    assert Upload.objects.filter(pk=upload.pk).exists() and default_storage.exists(upload.storage_key)
    assert PortalSettings.objects.get(pk=1).logo_id == upload.pk


def test_bytes_without_a_row_go_after_a_day(
    northwind: CurrentAgency, monkeypatch: pytest.MonkeyPatch
) -> None:
    stray, kept_one = f"agencies/{northwind.schema_name}/ab/stray", kept(timedelta(0))
    default_storage.save(stray, ContentFile(b"x"))
    assert orphans.sweep() == 0 and default_storage.exists(stray)
    monkeypatch.setattr(orphans, "KEPT_FOR", timedelta(seconds=-60))
    PortalSettings.objects.filter(pk=1).update(logo=kept_one)
    assert orphans.sweep() == 1
    assert not default_storage.exists(stray) and default_storage.exists(kept_one.storage_key)


def test_the_sweep_of_one_agency_leaves_the_others_files(monkeypatch: pytest.MonkeyPatch) -> None:
    with outside_agencies():
        harbour = Agency.objects.get(slug="harbour").current()
    with inside(harbour):
        theirs = kept()
    monkeypatch.setattr(orphans, "KEPT_FOR", timedelta(seconds=-60))
    assert orphans.sweep() == 0 and default_storage.exists(theirs.storage_key)


def test_it_runs_by_itself_every_day() -> None:
    from tenants.jobs.jobs import schedule

    assert schedule["uploads.sweep"].every_seconds == 24 * 3600
    kept()
    sweep_orphans.send()
    assert run_jobs() == ["uploads.sweep"] and not Upload.objects.exists()
