"""One schema on the path: whatever is missing is an error, never another's row."""

import pytest
from django.db import ProgrammingError, connection

from portal.people.models import Client
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency


def test_public_tables_cannot_be_read_from_inside_an_agency(northwind: CurrentAgency) -> None:
    with inside(northwind), pytest.raises(ProgrammingError):
        Agency.objects.count()


def test_an_agencys_tables_cannot_be_read_from_public(northwind: CurrentAgency) -> None:
    with pytest.raises(ProgrammingError):
        Client.objects.count()


def test_no_table_name_stands_in_public_and_in_an_agency(northwind: CurrentAgency) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema IN ('public', 'a_northwind')"
            " GROUP BY table_name HAVING count(*) > 1"
        )
        assert [name for (name,) in cursor.fetchall()] == ["django_migrations"]
