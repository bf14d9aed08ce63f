"""Caddy for a small installation: certificates from the agent at every handshake."""

import json

import pytest

from infra.embedded.minting import Minted
from tenants.certificates import bundles
from tests.infra.edge.conftest import PLATFORM, Edge
from tests.processes import kill, wait_until
from tests.rig.bundles import stored
from tests.rig.handshakes import ask, get, get_plain, odd_names

HOST, OTHER = "portal.northwind.example", "portal.harbour.example"


@pytest.fixture
def serial(edge: Edge, root: Minted) -> str:
    made = stored(root, HOST)
    edge.start_agent()
    wait_until(edge.is_following, 10, "following")
    edge.start_caddy()
    assert ask(edge.https, HOST.encode()).serial == made, edge.log("caddy")
    return made


def test_a_commit_is_served_and_a_removed_name_refused(edge: Edge, serial: str, root: Minted) -> None:
    for host in (OTHER, HOST):
        fresh = stored(root, host)
        wait_until(lambda: ask(edge.https, host.encode()).serial == fresh, 5, host)  # noqa: B023
    bundles.forget(HOST)
    wait_until(lambda: ask(edge.https, HOST.encode()).serial == "", 5, "the removal")


def test_no_other_name_gets_a_certificate(edge: Edge, serial: str) -> None:
    for name in [*odd_names(HOST, PLATFORM), b"", b"\xff.example"]:
        assert ask(edge.https, name).serial == "", name
    for same in (HOST.upper(), f"{HOST}."):
        assert ask(edge.https, same.encode()).serial in (serial, ""), same


def test_the_connection_of_one_host_is_closed_to_another(edge: Edge, serial: str, root: Minted) -> None:
    fresh = stored(root, OTHER)
    wait_until(lambda: ask(edge.https, OTHER.encode()).serial == fresh, 5, OTHER)
    assert get(edge.https, OTHER, name=HOST)[0] == 421
    assert get(edge.https, HOST)[0] == 200


def test_the_application_is_told_scheme_and_address_by_the_edge_alone(edge: Edge, serial: str) -> None:
    names = ["X-Forwarded-For", "X_Forwarded_For", "X-Forwarded_For", "X_Forwarded-Proto"]
    names += ["X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded", "X-Real-IP", "Proxy"]
    lies = "".join(f"{name}: 192.0.2.7\r\n" for name in names)
    heard = json.loads(get(edge.https, f"{HOST}:{edge.https}", "/a?b=c", headers=lies)[2])
    assert "192.0.2.7" not in json.dumps(heard), heard
    assert heard["x-forwarded-proto"] == "https" and heard["x-forwarded-for"] == "127.0.0.1"
    assert heard["host"] == f"{HOST}:{edge.https}" and heard["path"] == "/a?b=c"


def test_plain_http_is_challenges_and_a_way_to_https(edge: Edge, serial: str) -> None:
    status, head, _ = get_plain(edge.http, HOST, "/a?b=c")
    assert status == 308 and f"Location: https://{HOST}:{edge.https}/a?b=c" in head
    challenge = "/.well-known/acme-challenge/token"
    assert json.loads(get_plain(edge.http, "new.example", challenge)[2])["path"] == challenge


def test_with_the_agent_dead_it_refuses_and_comes_back_with_it(edge: Edge, serial: str) -> None:
    kill(edge.children[0])
    assert ask(edge.https, HOST.encode()).serial == ""
    assert edge.variables["EDGE_AGENT_TOKEN"] not in edge.log("caddy") + edge.log("agent")
    edge.start_agent()
    assert ask(edge.https, HOST.encode()).serial == serial
