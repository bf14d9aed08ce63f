"""A bucket instead of the disk."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config

from infra.embedded.s3 import S3Server
from tenants.agencies.current import CurrentAgency, inside


@pytest.fixture
def bucket(tmp_path: Path, settings: Any, northwind: CurrentAgency) -> Iterator[S3Server]:
    with S3Server(tmp_path / "bucket") as server, inside(northwind):
        server.store.make_bucket("files")
        options = {
            "bucket_name": "files",
            "endpoint_url": server.address,
            "region_name": "eu-central-1",
            "access_key": server.keys.access,
            "secret_key": server.keys.secret,
            "querystring_expire": 60,
            "default_acl": None,
            "file_overwrite": False,
            "client_config": Config(
                signature_version="s3v4",
                s3={"addressing_style": "path"},
                connect_timeout=1,
                read_timeout=2,
                retries={"max_attempts": 0},
            ),
        }
        settings.STORAGES = {
            **settings.STORAGES,
            "default": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options},
        }
        yield server
