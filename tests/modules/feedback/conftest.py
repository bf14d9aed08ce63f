"""Maria's company, its project led by Jonas, and what she wrote about it."""

import pytest

from modules.feedback.models import Thread
from modules.projects.models import Project
from portal.people.models import Client, Company, Staff
from tenants.agencies.current import CurrentAgency
from tests.modules.feedback.scene import wrote


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
