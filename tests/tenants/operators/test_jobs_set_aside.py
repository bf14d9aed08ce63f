"""A job that failed for good is kept, shown, and can be tried again."""

import uuid

import pytest
from django.db import connection
from django.test import Client as Browser

from portal.people.models import Client
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, inside
from tests.cast import console_browser
from tests.running_jobs import queued, run_jobs


@pytest.fixture
def desk(alice: Account, settings: object) -> Browser:
    """An operator's browser."""
    settings.OPERATORS_NEED_MFA = False  # type: ignore[attr-defined]
    Account.objects.filter(pk=alice.pk).update(is_operator=True)
    alice.refresh_from_db()
    return console_browser(alice)


@pytest.fixture
def failed(northwind: CurrentAgency) -> uuid.UUID:
    """A job of Northwind, set aside as the broker does it after the last try."""
    from tests.tenants.jobs import probe

    with inside(northwind):
        probe.slow.send(email="late@client.example")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE dramatiq.queue SET state = 'rejected', message = jsonb_set(jsonb_set(message,"
            " '{options,retries}', '6'), '{options,traceback}', '\"Boom\\nValueError: no luck\"')"
            " RETURNING message_id"
        )
        return uuid.UUID(str(cursor.fetchone()[0]))


def test_it_is_shown_with_the_reason_and_without_what_it_was_about(desk: Browser, failed: uuid.UUID) -> None:
    page = desk.get("/operators/jobs/").content.decode()
    assert "probe.slow" in page and "ValueError: no luck" in page and "6 tries" in page
    assert "late@client.example" not in page


def test_another_try_runs_it_in_its_agency(
    desk: Browser, failed: uuid.UUID, northwind: CurrentAgency
) -> None:
    assert desk.post(f"/operators/jobs/{failed}/another-try/").status_code == 302
    assert queued() == ["probe.slow"]
    run_jobs()
    with inside(northwind):
        assert Client.objects.filter(email="late@client.example").exists()
    assert desk.post(f"/operators/jobs/{failed}/another-try/").status_code == 404


def test_to_everybody_else_it_does_not_exist(alice: Account, failed: uuid.UUID) -> None:
    assert console_browser(alice).get("/operators/jobs/").status_code == 404
    assert console_browser(alice).post(f"/operators/jobs/{failed}/another-try/").status_code == 404
    assert queued() == []
