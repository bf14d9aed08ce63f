"""kill -9 at every step of an order: another process finishes the same order."""

import os
import signal
import subprocess
import sys

import pytest

from tenants.certificates import bundles
from tenants.certificates.models import AcmeAccount, Bundle, Order
from tests.processes import ROOT, environment
from tests.rig.acme_front import AcmeFront

HOST = "portal.northwind.example"
MOMENTS = [
    *(
        f"{when}:{kind}"
        for kind in (
            "directory",
            "newAccount",
            "newOrder",
            "order",
            "authorization",
            "challenge",
            "finalize",
            "certificate",
        )
        for when in ("before", "after")
    ),
    "row",
    "closing",
    "kept",
]


def worker(front: AcmeFront, moment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.tenants.certificates.dying", HOST, moment],
        cwd=ROOT,
        env=environment(
            ACME_DIRECTORY=front.directory,
            ACME_CA_FILE=str(front.ca_file),
            CERTIFICATE_KEYS=os.environ["TEST_CERTIFICATE_KEYS"],
            DJANGO_SETTINGS_MODULE="config.settings",
        ),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_order_is_finished_by_the_next_worker(moment: str, front: AcmeFront) -> None:
    killed = worker(front, moment)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    finished = worker(front, "")
    assert finished.returncode == 0, finished.stderr
    bundle = Bundle.objects.get()
    assert finished.stdout.strip() == bundle.serial
    assert bundles.pem_of(HOST)
    assert len(front.orders) == 1, "the CA was given one order"
    assert len(front.answered) == 1 and AcmeAccount.objects.count() == 1
    order = Order.objects.get()
    assert (order.state, bytes(order.sealed_key)) == ("done", b"")


def test_a_worker_that_is_killed_again_and_again_comes_through(front: AcmeFront) -> None:
    for moment in MOMENTS:
        assert worker(front, moment).returncode in (0, -signal.SIGKILL)
    assert worker(front, "").returncode == 0
    assert len(front.orders) == 1 and Order.objects.get().state == "done"
