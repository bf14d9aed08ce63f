"""The main flow with every part real: DNS over UDP and TCP, Pebble, the edge with the application behind it."""

import ssl
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine

from kit import clock
from tenants.agencies.current import CurrentAgency, connection
from tenants.agencies.models import Agency
from tenants.certificates import renewing
from tenants.certificates.models import Bundle, Order
from tenants.domains import jobs, targets
from tenants.domains.models import Domain
from tenants.plans import Plan
from tests.processes import wait_until
from tests.rig import acme
from tests.rig.handshakes import get
from tests.tenants.domains.life.real import edge, serial_of
from tests.tenants.domains.life.world import ELSEWHERE, HOST, claim, fresh, kinds, put, step

assert jobs  # the worker imports it, and with it what keeps names


@pytest.fixture(scope="module")
def grounds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[acme.Grounds]:
    with acme.grounds(tmp_path_factory.mktemp("pebble")) as found:
        yield found


@pytest.fixture
def https(committed_db: None, grounds: acme.Grounds) -> Iterator[int]:
    with edge(grounds) as port:
        yield port


@pytest.fixture
def root(grounds: acme.Grounds, tmp_path: Path) -> Path:
    file = tmp_path / "root.pem"
    file.write_bytes(grounds.pebble.root_pem())
    return file


def agency(slug: str) -> CurrentAgency:
    found: Agency = Agency.objects.get(slug=slug)
    return put(found.current(), plan=Plan.GROWTH)


def live(grounds: acme.Grounds, of: CurrentAgency) -> Domain:
    domain = claim(of)
    grounds.zones.set(HOST, ("CNAME", targets.of(of.id)))
    domain = step(domain)
    assert domain.state == "active", (domain.state, domain.problem_detail, domain.report)
    return domain


def test_from_a_cname_to_a_portal_with_a_certificate(https: int, grounds: acme.Grounds, root: Path) -> None:
    northwind = agency("northwind")
    domain = claim(northwind)
    domain = step(domain)
    assert domain.state == "pending_dns" and not Order.objects.exists()
    with pytest.raises(ssl.SSLError):
        serial_of(HOST, https, root)
    domain = live_after_cname(grounds, domain, northwind)
    bundle = Bundle.objects.get(host=HOST)
    assert serial_of(HOST, https, root) == int(bundle.serial, 16)
    status, _, body = get(https, f"{HOST}:{https}", "/sign-in/")
    assert status == 200 and "Northwind" in body
    assert Agency.objects.get(pk=northwind.id).primary_host() == HOST
    assert kinds(domain)[-5:] == ["checked", "verified", "issuing", "issued", "active"]


def live_after_cname(grounds: acme.Grounds, domain: Domain, of: CurrentAgency) -> Domain:
    grounds.zones.set(HOST, ("CNAME", targets.of(of.id)))
    domain = step(domain)
    assert domain.state == "active", (domain.state, domain.problem, domain.problem_detail, domain.report)
    return domain


def test_eight_workers_place_one_order_at_the_authority(https: int, grounds: acme.Grounds) -> None:
    northwind = agency("northwind")
    domain = claim(northwind)
    grounds.zones.set(HOST, ("CNAME", targets.of(northwind.id)))
    start = threading.Barrier(8)

    def work() -> None:
        start.wait()
        try:
            step(domain)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert step(domain).state == "active" and Order.objects.count() == 1


def test_a_renewal_leaves_the_name_active_and_is_in_its_timeline(
    https: int, grounds: acme.Grounds, root: Path
) -> None:
    domain = live(grounds, agency("northwind"))
    before = serial_of(HOST, https, root)
    Bundle.objects.filter(host=HOST).update(renew_at=clock.now())
    assert renewing.due() == [HOST] and renewing.renew(HOST)
    domain = step(domain)
    assert domain.state == "active" and kinds(domain).count("renewed") == 1
    assert serial_of(HOST, https, root) != before


def test_no_renewal_is_ordered_while_dns_leads_elsewhere(https: int, grounds: acme.Grounds) -> None:
    domain = live(grounds, agency("northwind"))
    grounds.zones.set(HOST, ("A", ELSEWHERE))
    Bundle.objects.filter(host=HOST).update(renew_at=clock.now())
    assert not renewing.renew(HOST) and Order.objects.count() == 1
    assert step(domain, asked=False).state == "degraded"


def test_a_name_taken_over_by_txt_gets_a_certificate_of_its_new_owner(
    https: int, grounds: acme.Grounds, root: Path
) -> None:
    northwind, harbour = agency("northwind"), agency("harbour")
    ours = live(grounds, northwind)
    theirs = claim(harbour)
    grounds.zones.set(HOST, ("CNAME", targets.of(harbour.id)))
    assert step(theirs).state == "pending_dns"
    grounds.zones.set(theirs.proof_host, ("TXT", theirs.proof))
    assert step(theirs).state == "active" and fresh(ours).state == "released"
    assert serial_of(HOST, https, root) == int(Bundle.objects.get(host=HOST).serial, 16)
    assert Order.objects.filter(state="done").count() == 2
    grounds.zones.remove(theirs.proof_host)
    status, _, body = get(https, f"{HOST}:{https}", "/sign-in/")
    assert status == 200 and "Harbour" in body


def test_a_released_name_is_refused_by_the_edge(https: int, grounds: acme.Grounds, root: Path) -> None:
    domain = live(grounds, agency("northwind"))
    grounds.zones.set(HOST, ("A", ELSEWHERE))
    step(domain)
    with time_machine.travel(clock.now() + timedelta(days=7, minutes=1)):
        assert step(domain).state == "released"
    wait_until(lambda: _is_refused(https, root), 5, "the edge forgets the name")


def _is_refused(https: int, root: Path) -> bool:
    try:
        serial_of(HOST, https, root)
    except ssl.SSLError:
        return True
    return False
