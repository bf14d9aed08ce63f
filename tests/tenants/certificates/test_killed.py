"""kill -9 at every step of an order: another process finishes the same order."""

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connection

from tenants.certificates import bundles
from tenants.certificates.models import AcmeAccount, Bundle, Order
from tests.processes import ROOT, environment
from tests.rig.acme_front import AcmeFront

HOST = "portal.northwind.example"
CALLS = (
    "directory",
    "newAccount",
    "newOrder",
    "order",
    "authorization",
    "challenge",
    "finalize",
    "certificate",
)
MOMENTS = [*(f"{when}:{kind}" for kind in CALLS for when in ("before", "after")), "row", "closing", "kept"]


class Workers:
    """Processes that ask for HOST's certificate, one after the other."""

    def __init__(self, line: "subprocess.Popen[str]") -> None:
        self.line = line

    def work(self, moment: str = "") -> dict[str, str]:
        """One of them, killed at the moment; how it ended."""
        own = ("ACME_DIRECTORY", "ACME_CA_FILE", "CERTIFICATE_KEYS")
        job = {
            "database": connection.settings_dict["NAME"],
            "settings": {name: getattr(settings, name) for name in own},
            "host": HOST,
            "moment": moment,
        }
        assert self.line.stdin and self.line.stdout
        print(json.dumps(job), file=self.line.stdin, flush=True)
        ended: dict[str, str] = json.loads(self.line.stdout.readline())
        return ended


@pytest.fixture(scope="module")
def line(django_db_setup: None) -> Iterator["subprocess.Popen[str]"]:
    program = [sys.executable, "-m", "tests.tenants.certificates.dying"]
    more = environment(DJANGO_SETTINGS_MODULE="config.settings")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(program, cwd=ROOT, env=more, text=True, **pipes) as running:  # type: ignore[call-overload]
        yield running
        running.stdin.close()


@pytest.fixture
def workers(line: "subprocess.Popen[str]") -> Workers:
    return Workers(line)


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_order_is_finished_by_the_next_worker(
    moment: str, front: AcmeFront, workers: Workers
) -> None:
    killed = workers.work(moment)
    assert killed["killed"], killed
    finished = workers.work()
    bundle = Bundle.objects.get()
    assert finished["said"] == bundle.serial
    assert bundles.pem_of(HOST)
    assert len(front.orders) == 1, "the CA was given one order"
    assert len(front.answered) == 1 and AcmeAccount.objects.count() == 1
    order = Order.objects.get()
    assert (order.state, bytes(order.sealed_key)) == ("done", b"")


def test_a_worker_that_is_killed_again_and_again_comes_through(front: AcmeFront, workers: Workers) -> None:
    for moment in MOMENTS:
        workers.work(moment)
    assert workers.work()["said"] == Bundle.objects.get().serial
    assert len(front.orders) == 1 and Order.objects.get().state == "done"
