"""Keys that seal; a root that signs without a network."""

import base64

import pytest
from pytest_django import Settings

from infra.embedded import minting

OLD = "old:" + base64.b64encode(b"o" * 32).decode()
NEW = "new:" + base64.b64encode(b"n" * 32).decode()


@pytest.fixture(autouse=True)
def _sealing_key(settings: Settings) -> None:
    settings.CERTIFICATE_KEYS = [OLD]


@pytest.fixture(scope="session")
def root() -> minting.Minted:
    """A certificate authority that signs what tests store."""
    return minting.authority("root of these tests")
