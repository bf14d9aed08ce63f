"""What every page of a portal pays for its shell."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.branding.models import Section
from portal.people.models import Client
from tenants.agencies.current import CurrentAgency, inside
from tenants.routing import hosts
from tests.cast import portal_browser


def test_a_page_reads_the_sections_once(northwind: CurrentAgency, maria: Client) -> None:
    browser = portal_browser(northwind, maria)
    browser.get("/")
    with CaptureQueriesContext(connection) as statements:
        assert browser.get("/").status_code == 200
    assert sum('FROM "branding_section"' in s["sql"] for s in statements.captured_queries) == 1


def test_the_dashboard_stays_within_fifteen_statements(
    northwind: CurrentAgency, maria: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hosts, "LIFETIME_SECONDS", 60)  # however slow this machine is today
    browser = portal_browser(northwind, maria)
    browser.get("/")
    with CaptureQueriesContext(connection) as statements:
        browser.get("/")
    assert len(statements) <= 15


@pytest.mark.parametrize("shown", [True, False])
def test_a_switch_counts_from_the_next_page_on(northwind: CurrentAgency, maria: Client, shown: bool) -> None:
    browser = portal_browser(northwind, maria)
    browser.get("/projects/")
    with inside(northwind):
        Section.objects.update_or_create(module="projects", defaults={"is_on": shown})
    assert browser.get("/projects/").status_code == (200 if shown else 404)
