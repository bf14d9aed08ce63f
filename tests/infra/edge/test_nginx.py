"""nginx and the agent for real: every name its certificate, nobody a file, serving on when all else is dead."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from pathlib import Path
from threading import Event

import psycopg
import pytest
from django.db import connection

from infra.embedded.minting import Minted, leaf
from tenants.certificates import bundles
from tenants.certificates.models import Bundle
from tests.infra.edge.conftest import PLATFORM, Edge
from tests.processes import environment, kill, wait_until
from tests.rig.bundles import serial_of, stored
from tests.rig.handshakes import UNRECOGNIZED_NAME, ask, get, get_plain, odd_names

HOST, OTHER = "portal.northwind.example", "portal.harbour.example"


@pytest.fixture
def serial(edge: Edge, root: Minted) -> str:
    """Northwind's certificate, on an edge that serves it."""
    made = stored(root, HOST)
    edge.start_agent()
    wait_until(edge.is_following, 10, "following")
    edge.start_nginx()
    assert ask(edge.https, HOST.encode()).serial == made, edge.log("nginx")
    return made


def _serves(edge: Edge, host: str, serial: str) -> None:
    wait_until(lambda: ask(edge.https, host.encode()).serial == serial, 5, f"{host} with {serial}")


def test_a_commit_is_served_without_a_reload(edge: Edge, serial: str, root: Minted) -> None:
    assert ask(edge.https, OTHER.encode()).serial == ""
    _serves(edge, OTHER, stored(root, OTHER))
    _serves(edge, HOST, stored(root, HOST))
    bundles.forget(HOST)
    _serves(edge, HOST, "")
    assert ask(edge.https, OTHER.encode()).serial


def test_a_name_of_the_greatest_length_has_its_file(edge: Edge, serial: str, root: Minted) -> None:
    longest = ".".join(["a" * 63, "b" * 63, "c" * 63, "d" * 53, "example"])
    assert len(longest) == 253
    _serves(edge, longest, stored(root, longest))


def test_no_other_name_gets_a_certificate_or_a_file(edge: Edge, serial: str, root: Minted) -> None:
    # What "../x" would reach: a readable certificate outside the folder.
    minted = leaf(root, "x.example")
    for place in (edge.folder / "x", edge.folder / "live" / ".none.pem"):
        place.write_bytes(minted.pem + minted.key_pem)
    for name in odd_names(HOST, PLATFORM):
        answer = ask(edge.https, name)
        assert answer.serial == "" and answer.alert is not None, name
    assert ask(edge.https, b"../x").alert == ask(edge.https, None).alert == UNRECOGNIZED_NAME
    assert "cannot load certificate" not in edge.log("nginx"), (
        "a line for every refused name would fill the disk"
    )
    for name in (b"", b"\xff.example", HOST.encode() + b"\0.evil.example"):
        assert ask(edge.https, name).serial == "", name


def test_a_trailing_dot_and_capitals_are_the_same_name(edge: Edge, serial: str) -> None:
    for same in (f"{HOST}.", HOST.upper(), f"{HOST.title()}."):
        assert ask(edge.https, same.encode()).serial == serial, same
        assert get(edge.https, HOST, name=same)[0] == 200, same


def test_no_handshake_fails_while_its_certificate_is_replaced(edge: Edge, serial: str, root: Minted) -> None:
    """Each with a key of its own: a chain of one and a key of another would be refused."""
    made = [leaf(root, HOST) for _ in range(2)]
    place, fresh, stop = edge.folder / "live" / HOST, edge.folder / "fresh" / "by-test", Event()

    def replace() -> None:
        for one in cycle(made):
            if stop.is_set():
                return
            fresh.write_bytes(one.pem + root.pem + one.key_pem)
            fresh.rename(place)
            time.sleep(0.0005)

    with ThreadPoolExecutor(4) as pool:
        replacing = pool.submit(replace)
        answers = list(pool.map(lambda _: ask(edge.https, HOST.encode()), range(600)))
        stop.set()
        replacing.result()
    assert all(answer.serial for answer in answers)
    assert len({answer.serial for answer in answers} - {serial}) == 2


def test_the_connection_of_one_host_is_closed_to_another(edge: Edge, serial: str, root: Minted) -> None:
    """Charlie connects to Northwind and asks for Harbour's page."""
    _serves(edge, OTHER, stored(root, OTHER))
    for wrong in (OTHER, "unknown.example", f"a.{HOST}", f"{OTHER}:443", "127.0.0.1", PLATFORM):
        status, _, body = get(edge.https, wrong, name=HOST)
        assert status == 421 and "another address" in body, wrong
    for bad in ("", "a/b", "../x", "a b"):
        assert get(edge.https, bad, name=HOST)[0] in (400, 421), bad
    for same in (HOST, HOST.upper(), f"{HOST}:{edge.https}", f"{HOST}."):
        assert get(edge.https, same, name=HOST)[0] == 200, same
    # An address in the request line counts more than the Host header (RFC 9112 §3.2.2).
    assert get(edge.https, HOST, f"https://{OTHER}/", name=HOST)[0] == 421


def test_the_application_is_told_scheme_and_address_by_the_edge_alone(edge: Edge, serial: str) -> None:
    lies = "".join(
        f"{name}: 192.0.2.7\r\n"
        for name in (
            "X-Forwarded-For",
            "X_Forwarded_For",
            "X-Forwarded-Proto",
            "X-Forwarded-Host",
            "Forwarded",
            "X-Real-IP",
            "Proxy",
        )
    )
    heard = json.loads(get(edge.https, HOST, "/a?b=c", headers=lies)[2])
    assert "192.0.2.7" not in json.dumps(heard)
    assert heard["x-forwarded-proto"] == "https" and heard["x-forwarded-for"] == "127.0.0.1"
    assert heard["host"] == f"{HOST}:{edge.https}" and heard["path"] == "/a?b=c"
    challenge = "/.well-known/acme-challenge/token"
    heard = json.loads(get_plain(edge.http, "new.example", challenge, headers=lies)[2])
    assert heard["x-forwarded-proto"] == "http" and heard["path"] == challenge


def test_plain_http_leads_to_https_on_names_with_a_certificate_only(edge: Edge, serial: str) -> None:
    status, head, _ = get_plain(edge.http, HOST, "/a%20b/?c=%2F&d=1")
    assert status == 308 and f"Location: https://{HOST}:{edge.https}/a%20b/?c=%2F&d=1\r\n" in f"{head}\r\n"
    assert "no-store" in head
    for unknown in ("unknown.example", "127.0.0.1", "a@b", "../x", "", PLATFORM):
        assert get_plain(edge.http, unknown)[0] in (400, 404), unknown


def test_with_application_agent_and_database_dead_names_are_still_served(
    edge: Edge, serial: str, root: Minted
) -> None:
    other = stored(root, OTHER)
    _serves(edge, OTHER, other)
    agent, name = edge.children[0], connection.settings_dict["NAME"]
    connection.close()
    kill(agent)
    with psycopg.connect(environment("postgres")["DATABASE_URL"], autocommit=True) as admin:
        admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        assert (ask(edge.https, HOST.encode()).serial, ask(edge.https, OTHER.encode()).serial) == (
            serial,
            other,
        )
        assert get(edge.https, HOST)[0] == 200
        # A boot: the folder in memory is empty, Postgres still away. The snapshot has everything.
        for host in (HOST, OTHER):
            (edge.folder / "live" / host).unlink()
        assert ask(edge.https, HOST.encode()).serial == ""
        edge.start_agent()
        assert (ask(edge.https, HOST.encode()).serial, ask(edge.https, OTHER.encode()).serial) == (
            serial,
            other,
        )
        assert not edge.is_following()
        admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    wait_until(edge.is_following, 15, "following again")
    _serves(edge, HOST, stored(root, HOST))


def test_an_application_that_is_away_is_said_so_in_plain_words(edge: Edge, serial: str) -> None:
    edge.children[1].terminate()
    edge.children[1].wait(10)
    edge.variables["EDGE_APPS"] = "127.0.0.1:1"
    edge.start_nginx()
    status, head, body = get(edge.https, HOST)
    assert status == 503 and "away for a moment" in body and "Retry-After" in head and "no-store" in head


def test_an_agent_killed_at_any_moment_leaves_whole_certificates(edge: Edge, root: Minted) -> None:
    names = [f"portal-{number}.northwind.example" for number in range(40)]
    for name in names:
        stored(root, name)
    edge.start_nginx()
    for _ in range(4):
        child = edge.start_agent()
        for name in names[:10]:
            stored(root, name)
        kill(child)
        for name in names:
            found = edge.folder / "live" / name
            if found.exists():
                assert found.read_bytes().count(b"-----END") == 3 and found.stat().st_mode & 0o777 == 0o600
    edge.start_agent()
    wait_until(edge.is_following, 10, "following")
    for name in names:
        _serves(edge, name, str(Bundle.objects.get(host=name).serial))


def test_the_platforms_own_hosts_get_its_wildcard(edge: Edge, root: Minted, tmp_path: Path) -> None:
    before, after = (leaf(root, PLATFORM, f"*.{PLATFORM}") for _ in range(2))
    files = tmp_path / "wildcard.pem", tmp_path / "wildcard.key"
    files[0].write_bytes(before.pem)
    files[1].write_bytes(before.key_pem)
    edge.variables |= {"EDGE_WILDCARD_CERT": str(files[0]), "EDGE_WILDCARD_KEY": str(files[1])}
    edge.start_agent()
    edge.start_nginx()
    for name in (PLATFORM, f"app.{PLATFORM}", f"northwind.{PLATFORM}"):
        assert ask(edge.https, name.encode()).serial == serial_of(before), name
    assert get(edge.https, f"northwind.{PLATFORM}")[0] == 200
    assert get(edge.https, f"harbour.{PLATFORM}", name=f"northwind.{PLATFORM}")[0] == 421
    assert get_plain(edge.http, f"northwind.{PLATFORM}")[0] == 308
    for odd in odd_names(HOST, PLATFORM):
        assert ask(edge.https, odd).serial == "", odd
    files[0].write_bytes(after.pem)
    files[1].write_bytes(after.key_pem)
    _serves(edge, f"app.{PLATFORM}", serial_of(after))
