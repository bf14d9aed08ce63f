"""Custom domains: from "Verify" to the green lock, from the commit to every edge, and what wrong DNS costs."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from playwright.sync_api import Browser, sync_playwright

from bench import domain_edges
from bench.database import release
from bench.domain_rig import Rig, running
from bench.domain_situations import hosts
from bench.processes import until
from bench.report import Goal, Report, percentile, table
from bench.server import ROOT
from infra.embedded.browser_trust import home_that_trusts
from tenants.agencies.models import Agency
from tenants.domains import claiming, diagnosis, operations, targets
from tenants.domains.models import Domain, DomainState, TxtReason
from tenants.domains.steps import step
from tenants.ratelimits.models import Bucket

MEASURES = (
    "Verify pressed until the green lock | nginx with agent and edge in process over one table | wrong DNS"
)
GREEN_MS, WHO = Goal(1000), "bench@portico.example"
READY_SECONDS = 30


def run(report: Report, *, quick: bool) -> None:
    """Fill in the report. Quick: few rounds, 300 names instead of 10,000."""
    settings.PORTICO_DEMO = True
    os.environ.update(PORTICO_DEMO="1", PORTICO_HOST="localhost", SPARE_SCHEMAS="0", LOG_LEVEL="ERROR")
    # Playwright's sync API runs a loop in this thread; Django would refuse its own database calls.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    release()
    demo = [sys.executable, "manage.py", "demo_agencies"]
    subprocess.run(demo, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, env=dict(os.environ))
    agency = Agency.objects.get(slug="northwind")
    with tempfile.TemporaryDirectory(prefix="portico-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with running(folder) as rig:
            _verify(report, rig, agency, folder, rounds=3 if quick else 40)
            _wrong(report, rig, agency)
        names = 300 if quick else 10_000
        domain_edges.measure(report, folder, names=names, renewals=names, rounds=5 if quick else 100)


def _verify(report: Report, rig: Rig, agency: Agency, folder: Path, *, rounds: int) -> None:
    """A worker of its own takes the job; the page opens in a Chromium that validates against Pebble's root."""
    green, active = [], []
    with green_locks(folder, rig.pebble.root_pem()) as chromium:
        for number in range(rounds + 1):
            host = f"portal.green{number}.test"
            domain = _claimed(rig, agency, host)
            rig.say(host, ("CNAME", targets.of(agency.pk)))
            page = chromium.new_context().new_page()
            began = time.perf_counter()
            operations.verify_now(domain.pk, by=WHO)
            until(lambda: _state(domain) == DomainState.ACTIVE, READY_SECONDS, f"{host} is active")  # noqa: B023
            is_active = time.perf_counter() - began
            answer = page.goto(f"https://{host}:{rig.https}/")
            if number:  # the first one makes the account
                green.append(time.perf_counter() - began)
                active.append(is_active)
            about = answer.security_details() if answer else None
            assert about and "Pebble" in str(about.get("issuer")), f"{host} has no green lock"
            page.context.close()
            operations.remove(domain.pk, by=WHO)
    report.add_times("verify_to_green", green, goal_p95=GREEN_MS)
    report.add_times("verify_to_active", active)
    assert rig.orders() > rounds, "orders are not counted"
    shown = [f"{percentile(green, percent) * 1000:,.0f}" for percent in (50, 95)]
    table(
        ["custom domain", "rounds", "p50 ms", "p95 ms"],
        [["Verify → green lock in Chromium", len(green), *shown]],
    )
    print()


@contextmanager
def green_locks(folder: Path, root: bytes) -> Iterator[Browser]:
    """Chromium with that root in its store; every name leads to this machine."""
    path = os.environ.get("PORTICO_CHROMIUM", "")
    if not path:
        raise RuntimeError("no browser: ./bin/bench domains gets one, or name it in PORTICO_CHROMIUM")
    sandbox = [] if os.geteuid() else ["--no-sandbox"]
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=path,
            args=[
                "--host-resolver-rules=MAP * 127.0.0.1",
                "--disable-dev-shm-usage",
                "--disable-gpu",
                *sandbox,
            ],
            env={**os.environ, **home_that_trusts(folder / "home", root)},
        )
        yield launched
        launched.close()


def _wrong(report: Report, rig: Rig, agency: Agency) -> None:
    """Each situation: named by the diagnosis; those that are wrong are stepped as if staff pressed Verify."""
    named, before, rows = 0, rig.orders(), []
    for one, host in hosts():
        domain = _claimed(rig, agency, host)
        target = targets.of(agency.pk)
        one.make(rig, host, target)
        if one.needs_txt:
            Domain.objects.filter(pk=domain.pk).update(txt_reason=TxtReason.ALSO_CLAIMED)
        found = diagnosis.diagnose(host, target=target, proof=str(domain.proof))
        codes = found.situations(one.needs_txt)
        named += one.code in codes
        state = step(domain.pk, asked=True).state if one.is_wrong else "–"
        rows.append([one.code, "yes" if one.code in codes else "NO", ", ".join(codes), state])
        operations.remove(domain.pk, by=WHO)
    table(["situation", "named", "all that it is told", "after Verify"], rows)
    print()
    report.add("situations_named", named, goal=Goal(18, at_most=False))
    report.add("orders_on_wrong_dns", rig.orders() - before, goal=Goal(0))


def _claimed(rig: Rig, agency: Agency, host: str) -> Domain:
    """A claim made as a person makes it, in a zone that is there and empty."""
    Bucket.objects.all().delete()  # nobody claims forty names an hour by hand
    rig.zone(host.partition(".")[2])
    return claiming.claim(agency.pk, host, by=WHO)


def _state(domain: Domain) -> str:
    return str(Domain.objects.values_list("state", flat=True).get(pk=domain.pk))
