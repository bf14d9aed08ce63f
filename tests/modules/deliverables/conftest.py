"""Maria's company, its project, and a deliverable that waits for her."""

import pytest

from modules.deliverables.models import Version
from modules.projects.models import Project
from portal.people.models import Client, Staff
from tenants.agencies.current import CurrentAgency
from tests.modules.deliverables.scene import a_project, in_review


@pytest.fixture
def project(in_northwind: CurrentAgency, maria: Client) -> Project:
    return a_project(maria.companies.get())


@pytest.fixture
def version(project: Project, alice_staff: Staff) -> Version:
    """Version 1 of "Homepage design", ready for review; Maria decides."""
    return in_review(project, alice_staff)
