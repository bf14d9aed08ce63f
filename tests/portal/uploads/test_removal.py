"""An agency that is removed takes its files along, and nobody else's."""

from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from infra.embedded.s3 import S3Server
from portal.seeding import remove_files
from portal.uploads.operations import UploadRule, store
from tenants.agencies.current import CurrentAgency, inside
from tenants.provisioning import operations as provisioning
from tests.portal.uploads import samples


def kept(agency: CurrentAgency) -> str:
    with inside(agency):
        return store(samples.uploaded(samples.PDF, "a.pdf"), UploadRule()).storage_key


def test_on_disk(northwind: CurrentAgency, harbour: CurrentAgency, tmp_path: Path) -> None:
    gone, stays = kept(harbour), kept(northwind)
    remove_files(harbour.schema_name)
    remove_files(harbour.schema_name)
    assert not default_storage.exists(gone) and default_storage.exists(stays)


def test_in_a_bucket(northwind: CurrentAgency, harbour: CurrentAgency, bucket: S3Server) -> None:
    gone, stays = kept(harbour), kept(northwind)
    remove_files(harbour.schema_name)
    assert [stored.key for stored in bucket.store.listing("files")] == [stays] != [gone]


def test_removing_an_agency_does_it(harbour: CurrentAgency, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = kept(harbour)
    monkeypatch.setattr(provisioning, "drop_schema", lambda name: None)
    provisioning.remove(harbour.id)
    assert not default_storage.exists(gone)


@pytest.mark.parametrize("name", ["", "..", "a/../b", "."])
def test_nothing_but_an_agencys_own_folder_is_ever_removed(northwind: CurrentAgency, name: str) -> None:
    stays = kept(northwind)
    with pytest.raises(ValueError):
        remove_files(name)
    assert default_storage.exists(stays)
