"""Staff keep a record to some of the company's people: pages, mails and what is written from it."""

import pytest

from modules.projects.models import Project
from portal.people.models import Bundle, Client, Company, CompanyMembership
from portal.people.owned import people_seeing
from portal.people.private import NotTheirs, keep_private
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, inside
from tests.modules.deliverables.scene import visit_console, visit_portal


def test_only_the_chosen_see_it_and_everybody_again_afterwards(
    northwind: CurrentAgency, alice: Account, hugo: Account, maria: Client, charlie: Client, tom: Client
) -> None:
    with inside(northwind):
        brightside = Company.objects.get(name="Brightside")
        liam = Client.objects.create(email="liam@client.example", name="Liam Chen")
        CompanyMembership.objects.create(client=liam, company=brightside, bundle=Bundle.OWNER)
        project = Project.objects.create(name="Secret", company=brightside)
        path = f"/private/projects.project/{project.pk}/"
        browser = visit_console(northwind, alice)
        assert "Liam Chen" in browser.get(path).content.decode()
        assert browser.post(path, {"people": [maria.pk]}).status_code == 302
        assert list(people_seeing(Project.objects.get())) == [maria]
        assert visit_portal(northwind, liam).get(f"/projects/{project.pk}/").status_code == 404
        assert visit_portal(northwind, maria).get(f"/projects/{project.pk}/").status_code == 200
        for stranger in (charlie, tom):
            assert browser.post(path, {"people": [stranger.pk]}).status_code == 422
            with pytest.raises(NotTheirs):
                keep_private(project, [stranger], by=None)
        assert browser.post(path, {}).status_code == 302
        assert visit_portal(northwind, liam).get(f"/projects/{project.pk}/").status_code == 200
        assert visit_console(northwind, hugo).get(path).status_code == 404
        toms = Project.objects.create(name="Logo", client=tom)
        for nothing in (f"projects.project/{toms.pk}", "invoices.mandate/1", "people.client/1", "x/1"):
            assert browser.get(f"/private/{nothing}/").status_code == 404
