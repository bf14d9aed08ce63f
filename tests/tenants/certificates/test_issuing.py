"""A certificate is got from a real ACME server."""

from tenants.certificates import bundles
from tenants.certificates.issuing import issue
from tenants.certificates.models import AcmeAccount, Challenge, Order
from tests.rig.acme import Grounds

HOST = "portal.northwind.example"


def test_a_name_that_leads_to_us_gets_its_certificate(ca: Grounds) -> None:
    ca.zones.set(HOST, ("A", "127.0.0.1"))
    bundle = issue(HOST)
    pem = bundles.pem_of(HOST)
    assert pem and pem.count(b"BEGIN CERTIFICATE") >= 2 and b"BEGIN PRIVATE KEY" in pem
    assert bundle.directory == ca.pebble.directory and bundle.serial
    order = Order.objects.get()
    assert (order.state, bytes(order.sealed_key)) == ("done", b"")
    assert not Challenge.objects.exists()
    assert AcmeAccount.objects.get().failures_in_row == 0
