"""Maria's company, its project led by Jonas, and what she wrote about it."""

from collections.abc import Iterator

import pytest

from modules.feedback.models import Thread
from modules.projects.models import Project
from portal.people.models import Client, Company, Staff
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, inside
from tests.modules.feedback.scene import wrote


# Accounts and agencies are rows of the public schema: they are read before the test goes inside.
@pytest.fixture
def in_northwind(
    northwind: CurrentAgency, harbour: CurrentAgency, alice_staff: Staff, hugo: Account
) -> Iterator[CurrentAgency]:
    """The test's own lines run inside Northwind; browsers find their way by themselves."""
    with inside(northwind):
        yield northwind


@pytest.fixture
def brightside(in_northwind: CurrentAgency, maria: Client) -> Company:
    found: Company = maria.companies.get()
    return found


@pytest.fixture
def jonas(in_northwind: CurrentAgency) -> Staff:
    """A member of staff; he leads the project."""
    return Staff.objects.create(account_id=987, name="Jonas Weber", email="jonas@northwind.example")


@pytest.fixture
def project(brightside: Company, jonas: Staff) -> Project:
    return Project.objects.create(company=brightside, name="New website", lead=jonas)


@pytest.fixture
def thread(project: Project, maria: Client, brightside: Company) -> Thread:
    """Maria's problem, for her whole company."""
    return wrote(maria, company=brightside, project=project)
