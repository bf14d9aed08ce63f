"""Not everything is as Pebble does it: the ACME server in Caddy (smallstep's) has no profiles, no renewal information,
certificates of twelve hours, and waits to be told again when it could not reach a name."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from infra.embedded.processes import free_port
from tenants.certificates import bundles, renewal_times
from tenants.certificates.issuing import Rejected, issue
from tenants.certificates.models import Order
from tests.rig import acme
from tests.rig.caddy import CaddyCa
from tests.rig.site import Site

HOST, UNREACHABLE = "portal.northwind.example", "nowhere.example"


@pytest.fixture
def caddy(committed_db: None, settings: object) -> Iterator[CaddyCa]:
    if not CaddyCa.is_possible():
        pytest.skip("this machine lets nobody make namespaces, and Caddy's ACME server asks port 80 only")
    port = free_port()
    with Site(port), CaddyCa(port, [HOST]) as found:
        acme.use(found.directory, found.ca_file)
        yield found


def test_a_certificate_is_got_and_renewed(caddy: CaddyCa) -> None:
    first = issue(HOST)
    assert first.directory == caddy.directory and bundles.pem_of(HOST)
    life = first.not_after - first.not_before
    assert life < timedelta(days=1) and first.not_after - first.renew_at == life / 2
    second = issue(HOST, replaces=first.certificate_id)
    assert second.serial != first.serial
    assert list(Order.objects.values_list("state", "replaces")) == [("done", "")] * 2
    assert renewal_times.ask(second), "it has no opinion on renewals, and that is fine"


def test_a_name_that_it_cannot_reach_is_rejected_with_its_words(caddy: CaddyCa) -> None:
    with pytest.raises(Rejected) as rejected:
        issue(UNREACHABLE)
    assert rejected.value.code == "connection" and "could not connect" in rejected.value.detail
    assert Order.objects.get().state == "failed"
