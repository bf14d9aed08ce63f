"""Records belong to a company or a lone client; everybody else finds nothing."""

from modules.projects.models import Project
from portal.people.models import BUNDLES, Bundle, Client, Company, CompanyMembership, Right
from tenants.agencies.current import CurrentAgency, inside


def test_a_client_sees_its_own_records_and_those_of_its_companies(
    northwind: CurrentAgency, maria: Client, tom: Client, charlie: Client
) -> None:
    with inside(northwind):
        brightside = Company.objects.get(name="Brightside")
        ours = Project.objects.create(name="Website", company=brightside)
        toms = Project.objects.create(name="Logo", client=tom)
        assert list(Project.objects.visible_to(maria)) == [ours]
        assert list(Project.objects.visible_to(tom)) == [toms]
        assert not Project.objects.visible_to(charlie).exists()
        CompanyMembership.objects.create(client=tom, company=brightside, bundle=Bundle.VIEWER)
        assert set(Project.objects.visible_to(tom)) == {ours, toms}


def test_rights_are_the_bundles_and_count_per_company(
    northwind: CurrentAgency, maria: Client, charlie: Client
) -> None:
    with inside(northwind):
        brightside, oakley = Company.objects.get(name="Brightside"), Company.objects.get(name="Oakley")
        assert maria.may(Right.PAY, brightside) and not maria.may(Right.PAY, oakley)
        assert not charlie.may(Right.APPROVE, brightside)
        assert charlie.may(Right.APPROVE, None)
        for bundle, rights in BUNDLES.items():
            client = Client.objects.create(email=f"{bundle}@x.example", name=bundle)
            membership = CompanyMembership.objects.create(client=client, company=oakley, bundle=bundle)
            assert membership.rights == rights
            assert {right for right in Right if client.may(right, oakley)} == set(rights)
