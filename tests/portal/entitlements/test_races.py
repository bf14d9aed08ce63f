"""Two workers at once, with real commits."""

from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from portal.entitlements import operations
from portal.entitlements.models import Entitlement
from portal.people.models import Client
from tenants.agencies.current import inside, leave_agency
from tenants.agencies.models import Agency


def test_granted_by_many_workers_at_once_it_is_one_grant(committed_db: None) -> None:
    agency = Agency.objects.get(slug="northwind").current()

    def grant(_: int) -> None:
        try:
            with inside(agency):
                tom = Client.objects.get(email="tom@client.example")
                operations.grant(owner=tom, key="a.b:1", source="s:1", reason=Entitlement.Reason.WORKFLOW)
        finally:
            leave_agency()
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(grant, range(12)))
    with inside(agency):
        assert Entitlement.objects.filter(key="a.b:1").count() == 1
