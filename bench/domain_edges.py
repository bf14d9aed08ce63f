"""Both edges over the same table of bundles: nginx with its agent (production) and the one in process (demo)."""

import os
import random
import secrets
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from django.conf import settings

from bench.processes import cpu_seconds, megabytes, program, until
from bench.report import Goal, Report, percentile, table
from infra.edge import nginx
from infra.embedded.minting import Minted, authority, leaf
from infra.embedded.processes import free_port
from tenants.certificates import bundles
from tenants.certificates.models import Bundle

START_SECONDS = 60
NO_HANDSHAKE = ""


@dataclass
class Edge:
    """One running edge: its port, its processes by name."""

    name: str
    port: int
    processes: dict[str, subprocess.Popen[bytes]]
    folder: Path
    start_seconds: float = 0
    commits: list[float] = field(default_factory=list)

    def files(self) -> list[int]:
        """What its files take on the tmpfs where production has them."""
        return [path.stat().st_blocks * 512 for path in (self.folder / "live").iterdir()]


def serial(port: int, host: str) -> str:
    """The serial that the edge on that port presents for a host; empty when the handshake fails."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with (
            socket.create_connection(("127.0.0.1", port), 5) as plain,
            context.wrap_socket(plain, server_hostname=host) as secure,
        ):
            presented = secure.getpeercert(binary_form=True)
    except OSError:
        return NO_HANDSHAKE
    return f"{x509.load_der_x509_certificate(presented).serial_number:x}" if presented else NO_HANDSHAKE


def measure(report: Report, folder: Path, *, names: int, renewals: int, rounds: int) -> None:
    """Fill in the report's figures of the edges, with that many names, renewals, and commits measured."""
    root = authority("Bench")
    Bundle.objects.all().delete()
    hosts = [f"portal.{secrets.token_hex(4)}-{number}.test" for number in range(names)]
    print(f"  storing {names:,} certificates …", flush=True)
    for host in hosts:
        _store(root, host)
    with ExitStack() as stack:
        edges = [stack.enter_context(started(folder, hosts)) for started in (nginx_with_agent, in_process)]
        _sizes(report, edges, hosts)
        _commits(report, edges, root, hosts, rounds)
        _storm(report, edges, root, hosts, renewals)
        _alone(report, edges[0], hosts)


@contextmanager
def nginx_with_agent(folder: Path, hosts: Sequence[str]) -> Iterator[Edge]:
    """What production runs; cold: without files and without a snapshot."""
    place = folder / "nginx"
    place.mkdir()
    port = free_port()
    variables = {
        **os.environ,
        "EDGE_FOLDER": str(place),
        "EDGE_SNAPSHOT": str(folder / "snapshot.sqlite"),
        "EDGE_TEMPORARY": str(place),
        "EDGE_ADDRESSES": "127.0.0.1",
        "EDGE_HTTPS_PORT": str(port),
        "EDGE_HTTP_PORT": str(free_port()),
        "EDGE_APPS": f"127.0.0.1:{free_port()}",
        "EDGE_USER": "root" if os.geteuid() == 0 else "nobody",
        "PORTICO_HOST": settings.PORTICO_HOST,
        "CERTIFICATE_KEYS": ",".join(settings.CERTIFICATE_KEYS),
    }
    (place / "nginx.conf").write_text(nginx.configuration(variables))
    command = [
        nginx.program() or "nginx",
        "-e",
        "stderr",
        "-p",
        str(place),
        "-c",
        str(place / "nginx.conf"),
        "-g",
        "daemon off;",
    ]
    agent = [sys.executable, "-m", "infra.edge.agent"]
    began = time.perf_counter()
    with (
        program("agent", agent, variables, folder) as filling,
        program("nginx", command, variables, folder) as serving,
    ):
        edge = Edge("nginx", port, {"nginx": serving, "agent": filling}, place)
        _until_served(edge, hosts, began)
        yield edge


@contextmanager
def in_process(folder: Path, hosts: Sequence[str]) -> Iterator[Edge]:
    """What the demo runs: the application in the same process."""
    port = free_port()
    environment = {**os.environ, "CERTIFICATE_KEYS": ",".join(settings.CERTIFICATE_KEYS)}
    ports = ["--https", str(port), "--http", str(free_port())]
    began = time.perf_counter()
    with program("edge", [sys.executable, "manage.py", "edge", *ports], environment, folder) as serving:
        edge = Edge("in_process", port, {"in_process": serving}, folder)
        _until_served(edge, hosts, began)
        yield edge


def _until_served(edge: Edge, hosts: Sequence[str], began: float) -> None:
    for host in (hosts[0], hosts[len(hosts) // 2], hosts[-1]):
        until(lambda: bool(serial(edge.port, host)), START_SECONDS, f"{edge.name} serves {host}")  # noqa: B023
    edge.start_seconds = time.perf_counter() - began


def _sizes(report: Report, edges: Sequence[Edge], hosts: Sequence[str]) -> None:
    """Start, memory after every kind of handshake, processor time of one."""
    rows = []
    for edge in edges:
        asked = random.sample(hosts, min(len(hosts), 2000))
        before, began = _cpu(edge), time.perf_counter()
        served = sum(bool(serial(edge.port, host)) for host in asked)
        wall, cpu = time.perf_counter() - began, _cpu(edge) - before
        assert served == len(asked), f"{edge.name} served {served} of {len(asked)}"
        _report_one(
            report,
            edge,
            cpu / len(asked),
            f"{len(hosts) // 1000}k" if len(hosts) >= 1000 else f"{len(hosts)}",
        )
        sizes = [megabytes(process) for process in edge.processes.values()]
        shown = (f"{edge.start_seconds:.2f}", f"{sum(sizes):.0f}", f"{cpu / len(asked) * 1e6:.0f}")
        rows.append([edge.name, *shown, f"{len(asked) / wall:.0f}"])
    print()
    head = [f"{len(hosts):,} names", "start s", "MB", "CPU µs/handshake", "handshakes/s (one client)"]
    table(head, rows)


def _report_one(report: Report, edge: Edge, cpu: float, names: str) -> None:
    sizes = {name: megabytes(process) for name, process in edge.processes.items()}
    if edge.name == "nginx":
        report.add(f"edge_start_s_{names}", edge.start_seconds, goal=Goal(2))
        report.add(f"edge_mb_{names}", sum(sizes.values()), goal=Goal(64))
        report.add(f"edge_files_mb_{names}", sum(edge.files()) / 1e6)
    else:
        report.add(f"{edge.name}_start_s_{names}", edge.start_seconds)
    for name, size in sizes.items():
        report.add(f"{name}_mb_{names}", size)
    report.add(f"{edge.name}_cpu_us_per_handshake", cpu * 1e6)


def _commits(report: Report, edges: Sequence[Edge], root: Minted, hosts: Sequence[str], rounds: int) -> None:
    """From the commit of a new certificate until each edge serves it; the slowest edge counts."""
    slowest: list[float] = []
    for _ in range(rounds):
        host = random.choice(hosts)
        wanted = _store(root, host)
        began = time.perf_counter()
        took = [_watch(edge, host, wanted, began) for edge in edges]
        for thread, _ in took:
            thread.join()
        slowest.append(max(answer[0] for _, answer in took))
        for edge, (_, answer) in zip(edges, took, strict=True):
            edge.commits.append(answer[0])
    report.add_times("commit_to_edge", slowest, goal_p95=Goal(250))
    for edge in edges:
        report.add(f"commit_to_{edge.name}_ms_p95", percentile(edge.commits, 95) * 1000)


def _watch(edge: Edge, host: str, wanted: str, began: float) -> tuple[threading.Thread, list[float]]:
    answer: list[float] = []

    def look() -> None:
        until(lambda: serial(edge.port, host) == wanted, 30, f"{edge.name} serves the new one", 0.001)
        answer.append(time.perf_counter() - began)

    thread = threading.Thread(target=look)
    thread.start()
    return thread, answer


def _storm(report: Report, edges: Sequence[Edge], root: Minted, hosts: Sequence[str], renewals: int) -> None:
    """Every handshake during renewals, by clients of both edges."""
    stop, counts = threading.Event(), {edge.name: [0, 0] for edge in edges}

    def hammer(edge: Edge) -> None:
        while not stop.is_set():
            counts[edge.name][0 if serial(edge.port, random.choice(hosts)) else 1] += 1

    clients = [threading.Thread(target=hammer, args=[edge]) for edge in edges for _ in range(2)]
    for client in clients:
        client.start()
    for number in range(renewals):
        _store(root, hosts[number % len(hosts)])
    stop.set()
    for client in clients:
        client.join()
    report.add("renewals_stored", renewals)
    report.add("handshakes_during_renewals", sum(good + bad for good, bad in counts.values()))
    report.add("failed_handshakes", sum(bad for _, bad in counts.values()), goal=Goal(0))


def _alone(report: Report, edge: Edge, hosts: Sequence[str]) -> None:
    """nginx with its agent killed and no application behind it: known names are served all the same."""
    edge.processes["agent"].kill()
    edge.processes["agent"].wait()
    asked = random.sample(hosts, min(len(hosts), 500))
    served = sum(bool(serial(edge.port, host)) for host in asked)
    report.add("names_served_with_agent_and_app_dead", served / len(asked), goal=Goal(1, at_most=False))


def _cpu(edge: Edge) -> float:
    return sum(cpu_seconds(process) for process in edge.processes.values())


def _store(root: Minted, host: str) -> str:
    minted = leaf(root, host)
    return str(bundles.store(host, minted.pem + root.pem, minted.key_pem).serial)
