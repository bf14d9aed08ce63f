"""The search path is sent once per switch, is never the last agency's, and connections forget in time."""

from collections.abc import Callable

import pytest
from django.db import DatabaseError, close_old_connections, connection, transaction
from django.test.utils import CaptureQueriesContext

from portal.people.models import Client, Company, CompanyMembership
from tenants.agencies.backend import base
from tenants.agencies.current import CurrentAgency, inside, outside_agencies
from tenants.agencies.models import Agency

NAMES = "SELECT email FROM people_client WHERE email IN ('maria@client.example', 'ines@client.example')"


def test_a_page_of_eight_queries_sends_the_path_once(northwind: CurrentAgency) -> None:
    with CaptureQueriesContext(connection) as statements:
        for _ in range(8):
            with inside(northwind):
                Client.objects.count()
            with outside_agencies():
                pass
    paths = [s for s in statements.captured_queries if "search_path" in s["sql"]]
    assert len(statements) == 9
    assert len(paths) == 1


def by_plain_cursor() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(NAMES)
        return {email for (email,) in cursor.fetchall()}


def by_server_side_cursor() -> set[str]:
    emails = Client.objects.filter(email__in=["maria@client.example", "ines@client.example"])
    return set(emails.values_list("email", flat=True).iterator(chunk_size=1))


def by_copy() -> set[str]:
    with connection.cursor() as cursor, cursor.copy(f"COPY ({NAMES}) TO STDOUT") as copy:
        return {row[0] for row in copy.rows()}


def by_lock() -> set[str]:
    with transaction.atomic():
        emails = Client.objects.select_for_update().filter(email__regex="^(maria|ines)@")
        return {client.email for client in emails}


def by_executemany() -> set[str]:
    with connection.cursor() as cursor:
        cursor.executemany("UPDATE people_client SET name = %s WHERE false", [["a"], ["b"]])
    return by_plain_cursor()


@pytest.mark.parametrize("read", [by_plain_cursor, by_server_side_cursor, by_copy, by_lock, by_executemany])
def test_every_way_of_reading_reads_the_current_agency(
    committed_db: None, read: Callable[[], set[str]]
) -> None:
    northwind, harbour = (Agency.objects.get(slug=slug).current() for slug in ("northwind", "harbour"))
    for _ in range(2):
        with inside(northwind):
            assert read() == {"maria@client.example"}
            with inside(harbour):
                assert read() == {"ines@client.example"}
            assert read() == {"maria@client.example"}


def test_after_an_error_a_rollback_and_a_refused_commit_the_path_is_sent_again(committed_db: None) -> None:
    northwind, harbour = (Agency.objects.get(slug=slug).current() for slug in ("northwind", "harbour"))
    with inside(northwind):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            with inside(harbour):
                assert by_plain_cursor() == {"ines@client.example"}
            raise ZeroDivisionError
        assert by_plain_cursor() == {"maria@client.example"}
        with pytest.raises(DatabaseError), transaction.atomic(), inside(harbour):
            # The key is checked at the commit, which fails and takes the SET back with the row.
            company = Company.objects.create(name="kept by nobody")
            CompanyMembership.objects.create(client_id=987654, company=company)
        assert by_plain_cursor() == {"maria@client.example"}
        with pytest.raises(DatabaseError), connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")
        assert by_plain_cursor() == {"maria@client.example"}


def test_a_lost_connection_comes_back_in_the_same_agency(committed_db: None) -> None:
    agency = Agency.objects.get(slug="northwind").current()
    with inside(agency):
        assert by_plain_cursor() == {"maria@client.example"}
        connection.close()
        assert by_plain_cursor() == {"maria@client.example"}


def test_a_connection_is_renewed_after_many_schemas(
    committed_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Postgres keeps what it knows of every relation for as long as the connection lives."""
    monkeypatch.setattr(base, "MOST_SCHEMAS", 3)
    agencies = [Agency.objects.get(slug=slug) for slug in ("northwind", "harbour")]

    def visit(agency: Agency) -> int:
        with inside(agency), connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            return int(cursor.fetchone()[0])

    first = visit(agencies[0])
    for _ in range(5):
        close_old_connections()
        assert visit(agencies[1]) == first, "public and two agencies: not too many, however often"
    connection.visited |= {"a_third", "a_fourth"}  # type: ignore[attr-defined]
    assert visit(agencies[0]) == first, "never in the middle of a request"
    close_old_connections()
    assert visit(agencies[0]) != first
    assert connection.visited == {"a_northwind", "public"}  # type: ignore[attr-defined]
