"""Keys that seal; a root that signs without a network."""

import base64
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from infra.embedded import minting
from tests.rig import acme
from tests.rig.acme_front import AcmeFront
from tests.rig.site import Site

OLD = "old:" + base64.b64encode(b"o" * 32).decode()
NEW = "new:" + base64.b64encode(b"n" * 32).decode()


@pytest.fixture(autouse=True)
def _sealing_key(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CERTIFICATE_KEYS = [OLD]
    monkeypatch.setenv("TEST_CERTIFICATE_KEYS", OLD)


@pytest.fixture(scope="session")
def root() -> minting.Minted:
    """A certificate authority that signs what tests store."""
    return minting.authority("root of these tests")


@pytest.fixture(scope="session")
def grounds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[acme.Grounds]:
    """DNS and Pebble for all tests of this folder."""
    with acme.grounds(tmp_path_factory.mktemp("pebble")) as found:
        yield found


@pytest.fixture
def ca(committed_db: None, grounds: acme.Grounds, settings: Settings) -> Iterator[acme.Grounds]:
    """We order from Pebble, which finds our answers."""
    acme.use(grounds.pebble.directory, grounds.pebble.ca_file)
    with Site(grounds.http_port):
        yield grounds
    for record in grounds.zones.records():
        grounds.zones.remove(record.name)


@pytest.fixture
def front(ca: acme.Grounds) -> Iterator[AcmeFront]:
    """We order from Pebble through the front, which knows more and writes down what we ask."""
    ca.zones.set("*.example", ("A", "127.0.0.1"))
    with AcmeFront(ca.pebble) as found:
        acme.use(found.directory, found.ca_file)
        yield found
