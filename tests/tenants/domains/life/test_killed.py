"""kill -9 of a worker at every moment of a claim's way: the next one finishes it, with one order at the CA."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta

import pytest

from kit import clock
from tenants.agencies.models import Agency
from tenants.certificates import probing
from tenants.certificates.models import Bundle, Order
from tenants.domains import schedule, targets
from tenants.domains.models import Domain
from tests.processes import ROOT, environment
from tests.rig import acme
from tests.rig.site import Site
from tests.tenants.domains.life.real import real_settings
from tests.tenants.domains.life.world import HOST, claim, fresh, kinds, step

MOMENTS = [
    *(
        f"{when}:{state}"
        for state in ("pending_dns", "verified", "issuing", "deploying")
        for when in ("before", "after")
    ),
    *(f"inside:{kind}" for kind in ("verified", "issuing", "issued", "active")),
    "looked",
    "ordered",
    "probed",
]


@pytest.fixture(scope="module")
def grounds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[acme.Grounds]:
    with acme.grounds(tmp_path_factory.mktemp("pebble")) as found:
        yield found


@pytest.fixture
def told(
    committed_db: None, grounds: acme.Grounds, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, str]]:
    """The variables of a worker's process."""
    monkeypatch.setattr(probing, "serves", lambda host, serial: True)
    with real_settings(grounds) as variables, Site(grounds.http_port):
        yield variables


def worker(domain: Domain, moment: str, told: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.tenants.domains.life.dying", str(domain.pk), moment],
        cwd=ROOT,
        env=environment(DJANGO_SETTINGS_MODULE="config.settings", **told),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("moment", MOMENTS)
def test_the_next_worker_finishes_what_a_killed_one_began(
    moment: str, told: dict[str, str], grounds: acme.Grounds
) -> None:
    agency = Agency.objects.get(slug="northwind").current()
    domain = claim(agency)
    grounds.zones.set(HOST, ("CNAME", targets.of(agency.id)))
    killed = worker(domain, moment, told)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    domain = fresh(domain)
    assert domain.lease_until and domain.lease_until < clock.now() + timedelta(minutes=3)
    before = domain.state
    assert step(domain).state == before, "while the lease lasts nobody else is at it"
    Domain.objects.filter(pk=domain.pk).update(lease_until=clock.now(), next_try_at=clock.now())
    assert schedule.due() == [domain.pk]
    domain = step(domain, asked=False)
    assert (domain.state, domain.lease_until) == ("active", None), (domain.problem, domain.problem_detail)
    assert Order.objects.count() == 1 and Bundle.objects.count() == 1
    assert [kinds(domain).count(kind) for kind in ("verified", "issued", "active")] == [1, 1, 1]
