"""Fixtures: an own database per process, and the cast."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils.module_loading import autodiscover_modules
from playwright.sync_api import Browser, sync_playwright
from pytest_django import DjangoDbBlocker

from portal.people.models import Client, Staff
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, connection, inside, leave_agency
from tenants.agencies.models import Agency
from tenants.routing import hosts

FLAGS = [
    "--host-resolver-rules=MAP * 127.0.0.1, EXCLUDE 127.0.0.1",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--disable-dev-shm-usage",
]


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A clone of the template database instead of pytest-django's own test database."""
    from tests.databases import own_database

    autodiscover_modules("jobs")
    with django_db_blocker.unblock(), own_database(os.environ.get("PYTEST_XDIST_WORKER", "main")):
        yield


@pytest.fixture(autouse=True)
def _from_no_agency(settings: object, tmp_path: Path) -> Iterator[None]:
    """Every test starts outside any agency, with an empty host cache and an own file store."""
    settings.STORAGE_DIR = tmp_path / "files"  # type: ignore[attr-defined]
    settings.STORAGES = {  # type: ignore[attr-defined]
        **settings.STORAGES,  # type: ignore[attr-defined]
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "files"},
        },
    }
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # type: ignore[attr-defined]
    hosts.forget_all()
    yield
    hosts.forget_all()
    if connection.connection is not None or connection.schema_name != "public":
        leave_agency()


@pytest.fixture
def committed_db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A fresh database of this test's own, with real commits: for threads, races and other processes.

    Use it instead of `db` (and load agencies with `Agency.objects.get(...)`, not by the fixtures).
    """
    from tests.databases import own_database

    with django_db_blocker.unblock(), own_database("committed"):
        yield
        leave_agency()


@pytest.fixture
def northwind(db: None) -> CurrentAgency:
    """The agency on Growth."""
    return _agency("northwind")


@pytest.fixture
def harbour(db: None) -> CurrentAgency:
    """The agency on Starter."""
    return _agency("harbour")


@pytest.fixture
def alice(db: None) -> Account:
    """Owner of Northwind."""
    return Account.objects.get(email="alice@northwind.example")


@pytest.fixture
def hugo(db: None) -> Account:
    """Owner of Harbour."""
    return Account.objects.get(email="hugo@harbour.example")


@pytest.fixture
def alice_staff(northwind: CurrentAgency, alice: Account) -> Staff:
    """Alice as Northwind's schema knows her."""
    with inside(northwind):
        return Staff.objects.get(account_id=alice.pk)


@pytest.fixture
def maria(northwind: CurrentAgency) -> Client:
    """Northwind's client, of the company Brightside."""
    return _client(northwind, "maria@client.example")


@pytest.fixture
def tom(northwind: CurrentAgency) -> Client:
    """Northwind's client on his own."""
    return _client(northwind, "tom@client.example")


@pytest.fixture
def charlie(northwind: CurrentAgency) -> Client:
    """Northwind's client of another company: he may see nothing of Maria's and Tom's."""
    return _client(northwind, "charlie@client.example")


@pytest.fixture
def ines(harbour: CurrentAgency) -> Client:
    """Harbour's client."""
    return _client(harbour, "ines@client.example")


def _agency(slug: str) -> CurrentAgency:
    found: Agency = Agency.objects.get(slug=slug)
    return found.current()


def _client(agency: CurrentAgency, email: str) -> Client:
    with inside(agency):
        return Client.objects.get(email=email)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, one for all tests of a process: Playwright's sync API runs once in a thread."""
    from tests.browser.platform import chromium

    # Its loop stays in this thread; Django would refuse the database calls of later tests.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

    sandbox = [] if os.geteuid() else ["--no-sandbox"]
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium(), args=[*FLAGS, *sandbox])
        yield launched
        launched.close()
