"""Custom domains: from "Verify" to the green lock, from the commit to every edge, and what wrong DNS costs."""

import os
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from django.conf import settings

from bench import domain_edges
from bench.database import release
from bench.domain_rig import Rig, running
from bench.domain_situations import hosts
from bench.processes import until
from bench.report import Goal, Report, percentile, table
from bench.server import ROOT
from tenants.agencies.models import Agency
from tenants.domains import claiming, diagnosis, operations, targets
from tenants.domains.models import Domain, DomainState, TxtReason
from tenants.domains.steps import step
from tenants.ratelimits.models import Bucket

MEASURES = (
    "Verify pressed until a validated page | nginx with agent and edge in process over one table | wrong DNS"
)
GREEN_MS, WHO = Goal(1000), "bench@portico.example"
READY_SECONDS = 30


def run(report: Report, *, quick: bool) -> None:
    """Fill in the report. Quick: few rounds, 300 names instead of 10,000."""
    settings.PORTICO_DEMO = True
    os.environ.update(PORTICO_DEMO="1", PORTICO_HOST="localhost", SPARE_SCHEMAS="0", LOG_LEVEL="ERROR")
    release()
    demo = [sys.executable, "manage.py", "demo_agencies"]
    subprocess.run(demo, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, env=dict(os.environ))
    agency = Agency.objects.get(slug="northwind")
    with tempfile.TemporaryDirectory(prefix="portico-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with running(folder) as rig:
            _verify(report, rig, agency, rounds=3 if quick else 40)
            _wrong(report, rig, agency)
        names = 300 if quick else 10_000
        domain_edges.measure(report, folder, names=names, renewals=names, rounds=5 if quick else 100)


def _verify(report: Report, rig: Rig, agency: Agency, *, rounds: int) -> None:
    """A worker of its own takes the job; the page is fetched with full validation against Pebble's root."""
    trust = ssl.create_default_context(cadata=rig.pebble.root_pem().decode())
    green, issued = [], []
    for number in range(rounds + 1):
        host = f"portal.green{number}.test"
        domain = _claimed(rig, agency, host)
        rig.say(host, ("CNAME", targets.of(agency.pk)))
        began = time.perf_counter()
        operations.verify_now(domain.pk, by=WHO)
        until(lambda: _state(domain) == DomainState.ACTIVE, READY_SECONDS, f"{host} is active")  # noqa: B023
        active = time.perf_counter()
        status = _fetch(rig.https, host, trust)
        assert status in (200, 302, 303), f"{host} answered {status}"
        if number:  # the first one makes the account
            green.append(time.perf_counter() - began)
            issued.append(active - began)
        operations.remove(domain.pk, by=WHO)
    report.add_times("verify_to_green", green, goal_p95=GREEN_MS)
    report.add_times("verify_to_active", issued)
    shown = [f"{percentile(green, percent) * 1000:,.0f}" for percent in (50, 95)]
    table(["custom domain", "rounds", "p50 ms", "p95 ms"], [["Verify → validated page", len(green), *shown]])
    print()


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


def _fetch(port: int, host: str, trust: ssl.SSLContext) -> int:
    """The status of the portal's first page; SSLError when the certificate is not valid for the host."""
    with (
        socket.create_connection(("127.0.0.1", port), 5) as plain,
        trust.wrap_socket(plain, server_hostname=host) as secure,
    ):
        secure.sendall(f"GET / HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
        answer = secure.recv(65536)
        return int(answer.split(b" ", 2)[1])
