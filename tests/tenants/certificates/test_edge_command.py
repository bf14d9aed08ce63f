"""`manage.py edge` with the whole application behind it, as a process of its own."""

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from infra.embedded.minting import Minted
from infra.embedded.processes import free_port
from tenants.agencies.models import Agency
from tenants.certificates.models import Order
from tenants.domains.models import Domain, DomainState
from tests.processes import environment, program, wait_until
from tests.rig.bundles import stored
from tests.rig.handshakes import UNRECOGNIZED_NAME, ask, get, get_plain
from tests.tenants.certificates.conftest import OLD

HOST, OTHER = "portal.northwind.example", "portal.harbour.example"


@dataclass
class Running:
    https: int
    http: int
    pid: int


@pytest.fixture
def edge(committed_db: None, root: Minted, tmp_path: Path) -> Iterator[Running]:
    for slug, host in (("northwind", HOST), ("harbour", OTHER)):
        Domain.objects.create(agency=Agency.objects.get(slug=slug), host=host, state=DomainState.ACTIVE)
    stored(root, HOST)
    https, http = free_port(), free_port()
    told = {
        "CERTIFICATE_KEYS": OLD,
        "EDGE_HTTPS_PORT": str(https),
        "PORTICO_HOST": "localhost",
        "PORTICO_SCHEME": "http",
    }
    with program("manage.py", "edge", "--https", str(https), "--http", str(http), **told) as child:
        wait_until(lambda: _serves(https, HOST), 30, "the edge")
        yield Running(https, http, child.pid)


def _serves(port: int, host: str) -> bool:
    try:
        return bool(ask(port, host.encode()).serial)
    except ConnectionRefusedError:
        return False


def test_a_portal_answers_on_its_own_domain(edge: Running) -> None:
    status, head, body = get(edge.https, f"{HOST}:{edge.https}", "/sign-in/")
    assert status == 200 and "Northwind" in body and "Server: edge" in head
    status, head, _ = get_plain(edge.http, HOST, "/sign-in/?a=b")
    assert status == 308 and f"Location: https://{HOST}:{edge.https}/sign-in/?a=b" in head
    assert get_plain(edge.http, "localhost", "/health/")[0] == 200
    assert get_plain(edge.http, "app.localhost", "/accounts/login/")[0] == 200
    # Its portal has moved to the domain; the edge leaves it to the application to say so.
    head = get_plain(edge.http, "harbour.localhost", "/sign-in/")[1]
    assert f"Location: https://{OTHER}:{edge.https}/sign-in/" in head
    assert get(edge.https, OTHER, "/sign-in/", name=HOST)[0] == 421


def test_a_new_certificate_is_served_without_a_restart(edge: Running, root: Minted) -> None:
    assert ask(edge.https, OTHER.encode()).alert == UNRECOGNIZED_NAME
    serial = stored(root, OTHER)
    wait_until(lambda: ask(edge.https, OTHER.encode()).serial == serial, 5, "the new name")
    serial = stored(root, HOST)
    wait_until(lambda: ask(edge.https, HOST.encode()).serial == serial, 5, "the renewal")


def test_random_names_ask_the_database_nothing_and_order_nothing(edge: Running) -> None:
    with psycopg.connect(environment()["DATABASE_URL"]) as holder:
        # Whoever reads the table now would wait for this lock.
        holder.execute("LOCK TABLE certificates_bundle IN ACCESS EXCLUSIVE MODE")
        answers = {ask(edge.https, f"random-{n}.example".encode()).alert for n in range(300)}
        assert answers == {UNRECOGNIZED_NAME} and ask(edge.https, HOST.encode()).serial
    assert not Order.objects.exists()


def test_with_the_database_gone_every_known_name_is_still_served(edge: Running, root: Minted) -> None:
    serial, name = stored(root, OTHER), connection.settings_dict["NAME"]
    wait_until(lambda: ask(edge.https, OTHER.encode()).serial == serial, 5, "the new name")
    with psycopg.connect(environment("postgres")["DATABASE_URL"], autocommit=True) as admin:
        admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        connection.close()
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        # Never asked for before: its context is made now, from memory.
        assert ask(edge.https, OTHER.encode()).serial == serial and ask(edge.https, HOST.encode()).serial
        admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    assert get(edge.https, HOST, "/sign-in/")[0] in (200, 500)
    serial = stored(root, HOST)
    wait_until(lambda: ask(edge.https, HOST.encode()).serial == serial, 15, "catching up")


def test_it_ends_when_it_is_told_to(edge: Running) -> None:
    os.kill(edge.pid, signal.SIGTERM)
    # The fixture's program() is its parent: until it reaps the child, that stays behind as a zombie.
    state = Path(f"/proc/{edge.pid}/stat")
    wait_until(lambda: state.read_text().rpartition(")")[2].split()[0] == "Z", 10, "the end")
