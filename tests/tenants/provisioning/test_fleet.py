"""A migration that fails for one agency stops that agency only; a removed agency is gone, the others stay."""

from io import StringIO

import dramatiq
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from portal.people.models import Client
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency, AgencyState
from tenants.provisioning import jobs, operations
from tenants.routing import hosts
from tests.cast import portal_browser
from tests.running_jobs import queued, run_jobs
from tests.tenants.provisioning.test_claim import schemas

AGAIN = "DELETE FROM {}.django_migrations WHERE app = 'audit' AND name = '0003_of_a_client'"


def forget_a_migration(*agencies: CurrentAgency) -> None:
    """It then runs again, and fails: its column is there."""
    with connection.cursor() as cursor:
        for agency in agencies:
            cursor.execute(AGAIN.format(agency.schema_name))


def release() -> tuple[str, str]:
    """What a release prints: output and errors."""
    out, err = StringIO(), StringIO()
    call_command("release", static=False, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_one_agencys_failure_does_not_stop_the_others(
    northwind: CurrentAgency, harbour: CurrentAgency
) -> None:
    forget_a_migration(northwind)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE a_harbour.audit_auditentry DROP COLUMN is_redacted")
        cursor.execute("DROP INDEX a_harbour.audit_of_subject, a_harbour.audit_of_actor")
    forget_a_migration(harbour)
    out, err = release()
    assert "northwind: NOT MIGRATED" in err
    assert "harbour: 1 migrations" in out
    row = Agency.objects.get(slug="northwind")
    assert row.needs_migration_since is not None
    assert "already exists" in row.migration_error
    assert Agency.objects.get(slug="harbour").needs_migration_since is None


def test_an_agency_that_is_behind_shows_a_notice_until_its_migration_succeeds(
    northwind: CurrentAgency, harbour: CurrentAgency
) -> None:
    forget_a_migration(northwind)
    release()
    answer = portal_browser(northwind).get("/")
    assert answer.status_code == 503
    assert answer["Retry-After"] == "300"
    assert b"Back in a moment" in answer.content
    assert b"Portico" not in answer.content
    assert portal_browser(harbour).get("/").status_code != 503
    since = Agency.objects.get(slug="northwind").needs_migration_since
    release()
    assert Agency.objects.get(slug="northwind").needs_migration_since == since, "since the first failure"
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE a_northwind.audit_auditentry DROP COLUMN is_redacted")
        cursor.execute("DROP INDEX a_northwind.audit_of_subject, a_northwind.audit_of_actor")
    release()
    assert portal_browser(northwind).get("/").status_code != 503
    assert Agency.objects.get(slug="northwind").migration_error == ""


def test_jobs_of_an_agency_that_is_behind_wait(northwind: CurrentAgency) -> None:
    from portal.mail.jobs import deliver

    with inside(northwind):
        deliver.send(message_id="7")
    Agency.objects.filter(pk=northwind.id).update(needs_migration_since="2026-01-05 09:00Z")
    hosts.forget_all()
    ran: list[object] = []
    actor = dramatiq.get_broker().get_actor(deliver.actor_name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(actor, "fn", lambda **kwargs: ran.append(kwargs))
        run_jobs(limit=1)
    assert ran == []
    assert queued() == [deliver.actor_name], "put back, for later"


def test_a_release_that_fails_everywhere_is_stopped(northwind: CurrentAgency, harbour: CurrentAgency) -> None:
    forget_a_migration(northwind, harbour)
    with pytest.raises(CommandError, match="no agency could be migrated"):
        release()


def test_a_removed_agency_is_gone_and_its_neighbour_is_not(
    northwind: CurrentAgency, harbour: CurrentAgency
) -> None:
    assert portal_browser(harbour).get("/").status_code == 302
    jobs.remove.fn(agency_id=harbour.id)
    assert schemas("a_harbour") == set()
    assert Agency.objects.get(slug="harbour").state == AgencyState.GONE
    assert portal_browser(harbour).get("/").status_code == 404
    with inside(northwind):
        assert Client.objects.filter(email="maria@client.example").exists()


def test_removing_goes_on_where_it_was_interrupted(harbour: CurrentAgency) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE a_harbour.people_client CASCADE")
    operations.remove(harbour.id)
    operations.remove(harbour.id)
    assert schemas("a_harbour") == set()


def test_the_name_and_the_slug_of_a_removed_agency_stay_taken(harbour: CurrentAgency) -> None:
    operations.remove(harbour.id)
    assert operations.schema_name_for("harbour") == "a_harbour_2"
    assert Agency.objects.filter(slug="harbour").exists()
