"""A plugin of pytest: takes something out of the tests' database, as a migration that forgot it would leave it."""

import os
from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker


@pytest.fixture(scope="session", autouse=True)
def _dropped(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    from tests.planted.databases import drop

    with django_db_blocker.unblock():
        drop(os.environ["PLANTED_SQL"], in_agencies=os.environ["PLANTED_IN"] == "agencies")
    connection.close()
    yield
