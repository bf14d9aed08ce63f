"""Northwind's website for Brightside (Maria), Tom's portfolio, and Harbour's boat (Ines)."""

from datetime import date

import pytest

from modules.projects import operations
from modules.projects.models import Project, Update
from portal.people.models import Client, Company, Staff
from tenants.agencies.current import CurrentAgency, inside


@pytest.fixture
def website(northwind: CurrentAgency, alice_staff: Staff) -> Project:
    """Brightside's project: milestones of weight 1 (done), 3 and 2, led by Alice."""
    with inside(northwind):
        project = operations.create_project(
            owner=Company.objects.get(name="Brightside"),
            by=alice_staff,
            name="New website",
            summary="Faster and calmer.",
            lead=alice_staff,
            starts_on=date(2026, 1, 5),
            ends_on=date(2026, 6, 30),
        )
        for name, weight, state in (
            ("Site map", 1, "done"),
            ("Design", 3, "active"),
            ("Launch", 2, "planned"),
        ):
            operations.add_milestone(project, by=alice_staff, name=name, weight=weight, state=state)
        return project


@pytest.fixture
def news(northwind: CurrentAgency, website: Project, alice_staff: Staff) -> Update:
    """An update on the website."""
    with inside(northwind):
        return operations.post_update(website, text="The drafts are ready.", by=alice_staff)


@pytest.fixture
def portfolio(northwind: CurrentAgency, tom: Client, alice_staff: Staff) -> Project:
    """Tom's own project, without milestones."""
    with inside(northwind):
        return operations.create_project(owner=tom, by=alice_staff, name="Portfolio")


@pytest.fixture
def boat(harbour: CurrentAgency, ines: Client) -> Project:
    """Ines's project at the other agency."""
    with inside(harbour):
        return operations.create_project(owner=ines, by=None, name="Boat brochure")
