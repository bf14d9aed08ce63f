"""One schema on the path: whatever is missing is an error, never another's row nor the public one."""

import asyncio
import random
import threading

import pytest
from asgiref.sync import sync_to_async
from django.core.management import call_command
from django.db import IntegrityError, ProgrammingError, connection, transaction

from portal import registry
from portal.events import publish
from portal.people.models import Client, Company
from tenants.agencies.current import CurrentAgency, NoAgency, current_agency, inside
from tenants.agencies.models import Agency
from tenants.jobs.middleware import JobRefused
from tenants.provisioning.operations import make_spare


def gone(agency: CurrentAgency, name: str) -> CurrentAgency:
    """The same agency, as if its schema were called otherwise."""
    from dataclasses import replace

    return replace(agency, schema_name=name)


def in_a_thread(work: object) -> object:
    """What `work` raised or returned, in a thread of its own with a connection of its own."""
    outcome: list[object] = []

    def run() -> None:
        try:
            outcome.append(work())  # type: ignore[operator]
        except Exception as error:
            outcome.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return outcome[0]


def test_public_tables_cannot_be_read_from_inside_an_agency(northwind: CurrentAgency) -> None:
    with inside(northwind), pytest.raises(ProgrammingError):
        Agency.objects.count()


def test_an_agencys_tables_cannot_be_read_from_public(northwind: CurrentAgency) -> None:
    with pytest.raises(ProgrammingError):
        Client.objects.count()


def test_the_path_holds_the_agencys_schema_and_the_extensions_only(northwind: CurrentAgency) -> None:
    with inside(northwind), connection.cursor() as cursor:
        cursor.execute("SHOW search_path")
        assert cursor.fetchone()[0].replace('"', "") == "a_northwind, extensions"


def test_no_table_name_stands_in_public_and_in_an_agency(northwind: CurrentAgency) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema IN ('public', 'a_northwind')"
            " GROUP BY table_name HAVING count(*) > 1"
        )
        assert [name for (name,) in cursor.fetchall()] == ["django_migrations"]


def test_a_missing_schema_is_an_error(northwind: CurrentAgency) -> None:
    with inside(gone(northwind, "a_nobody")), pytest.raises(ProgrammingError):
        Client.objects.count()


def test_a_dropped_schema_is_an_error(northwind: CurrentAgency) -> None:
    spare = make_spare()
    with inside(gone(northwind, spare.schema_name)):
        assert Client.objects.count() == 0
        with connection.cursor() as cursor:
            cursor.execute(f'DROP SCHEMA "{spare.schema_name}" CASCADE')
        with pytest.raises(ProgrammingError), transaction.atomic():
            Client.objects.count()


def test_a_thread_of_an_agencys_request_is_in_no_agency(northwind: CurrentAgency) -> None:
    with inside(northwind):
        assert isinstance(in_a_thread(Client.objects.count), ProgrammingError)
        assert isinstance(in_a_thread(current_agency), NoAgency)


def test_async_code_on_another_thread_is_in_no_agency(northwind: CurrentAgency) -> None:
    @sync_to_async(thread_sensitive=False)
    def count() -> int:
        try:
            return Client.objects.count()
        finally:
            connection.close()

    with inside(northwind), pytest.raises(ProgrammingError):
        asyncio.run(count())


def test_what_runs_on_commit_after_leaving_is_in_no_agency(
    northwind: CurrentAgency, django_capture_on_commit_callbacks: object
) -> None:
    with django_capture_on_commit_callbacks() as callbacks, inside(northwind):  # type: ignore[operator]
        transaction.on_commit(lambda: Client.objects.count())
    with pytest.raises(ProgrammingError), transaction.atomic():
        callbacks[0]()


def test_a_job_is_not_enqueued_outside_an_agency(northwind: CurrentAgency) -> None:
    from portal.mail.jobs import deliver

    with pytest.raises(JobRefused):
        deliver.send(message_id="7")


def test_a_fact_is_not_published_outside_an_agency(northwind: CurrentAgency) -> None:
    fact = next(iter(registry.facts()))
    with pytest.raises(NoAgency):
        publish(fact, client_id=1)


def test_a_management_command_is_in_no_agency(northwind: CurrentAgency) -> None:
    with pytest.raises(ProgrammingError), transaction.atomic():
        call_command("shell", command="from portal.people.models import Client; Client.objects.count()")


def test_audience_after_each_switch_is_the_current_one(
    northwind: CurrentAgency, harbour: CurrentAgency
) -> None:
    """After a switch, in a transaction, after a savepoint rollback, an error, a commit, a server-side cursor."""
    with inside(northwind):
        with transaction.atomic():
            assert schema() == "a_northwind"
            with inside(harbour):
                assert schema() == "a_harbour"
                with pytest.raises(ZeroDivisionError), transaction.atomic():
                    assert schema() == "a_harbour"
                    raise ZeroDivisionError
                assert schema() == "a_harbour"
            assert schema() == "a_northwind"
            with pytest.raises(IntegrityError), transaction.atomic():
                Client.objects.create(email="maria@client.example", name="twice")
            assert schema() == "a_northwind"
            with inside(harbour):
                assert {c.email for c in Client.objects.order_by("pk").iterator(chunk_size=2)} >= {
                    "ines@client.example"
                }
                assert not Client.objects.filter(email="maria@client.example").exists()
        assert schema() == "a_northwind"
    assert schema() == "public"


def schema() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        return str(cursor.fetchone()[0])


QUERIES_PER_THREAD = 50_000


def test_two_threads_on_two_agencies_read_no_foreign_row_in_100_000_queries(committed_db: None) -> None:
    """With errors and savepoint rollbacks in between."""
    agencies = [Agency.objects.get(slug=slug).current() for slug in ("northwind", "harbour")]
    for agency in agencies:
        with inside(agency):
            Company.objects.create(name=agency.schema_name)
    foreign: list[str] = []
    errors: list[BaseException] = []
    counted: list[int] = []

    def read(agency: CurrentAgency, seed: int) -> None:
        chance = random.Random(seed)
        try:
            counted.append(_read_many(agency, chance, foreign))
        except BaseException as error:  # a thread's failure must fail the test
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=read, args=(agency, i)) for i, agency in enumerate(agencies)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert foreign == []
    assert sum(counted) >= 2 * QUERIES_PER_THREAD


def _read_many(agency: CurrentAgency, chance: random.Random, foreign: list[str]) -> int:
    """Raw reads through Django's cursor, in transactions that end in every way."""
    done = 0
    while done < QUERIES_PER_THREAD:
        way = chance.choice(["plain", "commit", "savepoint", "error"])
        with inside(agency):
            if way == "plain":
                done += _read_some(agency, foreign)
            elif way == "commit":
                with transaction.atomic():
                    done += _read_some(agency, foreign)
            else:
                with transaction.atomic():
                    done += _read_some(agency, foreign)
                    try:
                        with transaction.atomic():
                            done += _read_some(agency, foreign)
                            _fail(way)
                    except (ZeroDivisionError, ProgrammingError):
                        pass
                    done += _read_some(agency, foreign)
    return done


def _fail(way: str) -> None:
    if way == "savepoint":
        raise ZeroDivisionError
    Agency.objects.count()  # not on the path: the server refuses it


def _read_some(agency: CurrentAgency, foreign: list[str], times: int = 50) -> int:
    for _ in range(times):
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM people_company WHERE name LIKE 'a\\_%'")
            names = [name for (name,) in cursor.fetchall()]
        if names != [agency.schema_name]:
            foreign.append(f"{agency.schema_name} read {names}")
    return times
