"""Scenes of the queue: something to review, colleagues of Maria."""

from portal.people.models import Bundle, Client, Company, CompanyMembership, Staff
from tenants.agencies.current import CurrentAgency, inside
from tests.modules.deliverables.scene import a_project, in_review


def ask_for_review(agency: CurrentAgency, name: str) -> str:
    """Ask Brightside to review something; the line's key."""
    with inside(agency):
        project = a_project(Company.objects.get(name="Brightside"))
        version = in_review(project, Staff.objects.order_by("pk")[0], name=name)
        return f"deliverables.deliverable:{version.deliverable_id}"


def colleague(agency: CurrentAgency, name: str, bundle: Bundle) -> Client:
    """One more person of Brightside."""
    with inside(agency):
        email = f"{name.split()[0].lower()}@client.example"
        made = Client.objects.create(email=email, name=name)
        brightside = Company.objects.get(name="Brightside")
        CompanyMembership.objects.create(client=made, company=brightside, bundle=bundle)
        return made
