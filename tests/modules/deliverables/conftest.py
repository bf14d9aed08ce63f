"""Maria's company, its project, and a deliverable that waits for her."""

from collections.abc import Iterator

import pytest

from modules.deliverables.models import Version
from modules.projects.models import Project
from portal.people.models import Client, Staff
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, inside
from tests.modules.deliverables.scene import a_project, in_review


# Accounts and agencies are rows of the public schema: they are read before the test goes inside.
@pytest.fixture
def in_northwind(
    northwind: CurrentAgency, harbour: CurrentAgency, alice_staff: Staff, hugo: Account
) -> Iterator[CurrentAgency]:
    """The test's own lines run inside Northwind; browsers find their way by themselves."""
    with inside(northwind):
        yield northwind


@pytest.fixture
def project(in_northwind: CurrentAgency, maria: Client) -> Project:
    return a_project(maria.companies.get())


@pytest.fixture
def version(project: Project, alice_staff: Staff) -> Version:
    """Version 1 of "Homepage design", ready for review; Maria decides."""
    return in_review(project, alice_staff)
