"""The edge in process, with a small application behind it: who gets which certificate and what passes the gate."""

import json
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from infra.embedded.minting import Minted, leaf
from infra.embedded.processes import free_port
from tenants.certificates.edge import server
from tenants.certificates.edge.contexts import Contexts
from tenants.certificates.edge.gate import Environ, Gate, StartResponse
from tenants.certificates.edge.server import PlainServer, SecureServer
from tenants.certificates.edge.wildcard import WildcardFiles
from tests.rig.bundles import row, serial_of
from tests.rig.handshakes import HANDSHAKE, UNRECOGNIZED_NAME, ask, get, get_plain, hello, odd_names, talk

HOST, OTHER, PLATFORM = "portal.northwind.example", "portal.harbour.example", "portico.example"


@dataclass
class Edge:
    contexts: Contexts
    https: int
    http: int
    serials: dict[str, str]


def told(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """An application that answers with what it was told of the connection."""
    body = json.dumps({key: value for key, value in environ.items() if isinstance(value, str)}).encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


@pytest.fixture
def files(tmp_path: Path, root: Minted) -> tuple[Path, Path]:
    minted = leaf(root, PLATFORM, f"*.{PLATFORM}")
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    certificate.write_bytes(minted.pem)
    key.write_bytes(minted.key_pem)
    return certificate, key


@pytest.fixture
def edge(root: Minted, files: tuple[Path, Path]) -> Iterator[Edge]:
    contexts = Contexts(PLATFORM, WildcardFiles(*map(str, files)))
    rows = {host: row(root, host) for host in (HOST, OTHER)}
    contexts.put([found for found, _ in rows.values()])
    gate = Gate(told, contexts, suffix=":8443", platform=PLATFORM)
    https, http = free_port(), free_port()
    servers = [
        SecureServer(("127.0.0.1", https), gate, 2, contexts),
        PlainServer(("127.0.0.1", http), gate, 2),
    ]
    for one in servers:
        one.expiration_interval = 0.05  # how long stop() waits for its loop
        one.prepare()
        threading.Thread(target=one.serve, daemon=True).start()
    yield Edge(contexts, https, http, {host: serial for host, (_, serial) in rows.items()})
    for one in servers:
        one.stop()


@pytest.mark.parametrize("asked", [HOST, HOST.upper(), f"{HOST}.", "Portal.NorthWind.example."])
def test_a_name_gets_its_certificate_however_it_is_written(edge: Edge, asked: str) -> None:
    assert ask(edge.https, asked.encode()).serial == edge.serials[HOST]


@pytest.mark.parametrize("asked", odd_names(HOST, PLATFORM))
def test_any_other_name_is_refused_in_the_handshake(edge: Edge, asked: bytes | None) -> None:
    assert ask(edge.https, asked).alert == UNRECOGNIZED_NAME


# Python tells of a name that is not ASCII only through sys.unraisablehook.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("asked", [b"", b"\xff\xfe.example", HOST.encode() + b"\0.evil.example", b"x" * 300])
def test_a_name_that_is_none_gets_an_alert_too(edge: Edge, asked: bytes) -> None:
    answer = ask(edge.https, asked)
    assert answer.serial == "" and answer.alert is not None


def test_a_renewed_certificate_is_served_at_the_next_handshake(edge: Edge, root: Minted) -> None:
    ask(edge.https, HOST.encode())
    fresh, serial = row(root, HOST, version=2)
    edge.contexts.put([fresh])
    assert ask(edge.https, HOST.encode()).serial == serial
    edge.contexts.drop([HOST])
    assert ask(edge.https, HOST.encode()).alert == UNRECOGNIZED_NAME
    assert ask(edge.https, OTHER.encode()).serial == edge.serials[OTHER]


def test_a_bundle_that_does_not_open_leaves_the_one_before(edge: Edge, root: Minted) -> None:
    ask(edge.https, HOST.encode())
    foreign, _ = row(root, OTHER, version=2)
    edge.contexts.put([type(foreign)(HOST, 2, foreign.sealed, foreign.key_name)])
    assert ask(edge.https, HOST.encode()).serial == edge.serials[HOST]


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1:DeprecationWarning")
def test_tls_before_1_2_is_refused(edge: Edge) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    with (
        socket.create_connection(("127.0.0.1", edge.https)) as plain,
        pytest.raises(ssl.SSLError, match="protocol"),
    ):
        context.wrap_socket(plain, server_hostname=HOST)


def test_the_connection_of_one_host_is_closed_to_another(edge: Edge) -> None:
    """Charlie connects to Northwind and asks for Harbour's page."""
    assert get(edge.https, OTHER, name=HOST)[0] == 421
    assert get(edge.https, "app.portico.example", name="northwind.portico.example")[0] == 421
    for odd in ("", "127.0.0.1", f"{HOST}@{OTHER}", f"{HOST}:x"):
        assert get(edge.https, odd, name=HOST)[0] in (400, 421), odd
    for same in (HOST, f"{HOST}:8443", HOST.upper(), f"{HOST}."):
        assert get(edge.https, same, name=HOST)[0] == 200, same


def test_the_application_is_told_scheme_and_address_by_the_edge_alone(edge: Edge) -> None:
    lies = "".join(
        f"{name}: {value}\r\n"
        for name, value in (
            ("X-Forwarded-For", "192.0.2.7"),
            ("X_Forwarded_For", "192.0.2.8"),
            ("X-Forwarded-Proto", "http"),
            ("X-Forwarded-Host", OTHER),
            ("Forwarded", "for=192.0.2.9"),
            ("X-Real-IP", "192.0.2.7"),
            ("Proxy", "http://192.0.2.7/"),
        )
    )
    heard = json.loads(get(edge.https, HOST, "/a?b=c", headers=lies)[2])
    assert heard["wsgi.url_scheme"] == heard["HTTP_X_FORWARDED_PROTO"] == "https"
    assert heard["REMOTE_ADDR"] == heard["HTTP_X_FORWARDED_FOR"] == "127.0.0.1"
    assert "192.0.2" not in json.dumps(heard) and "HTTP_X_FORWARDED_HOST" not in heard
    assert (heard["PATH_INFO"], heard["QUERY_STRING"]) == ("/a", "b=c")
    # A proxy header of plain http must not make a page believe that it is https.
    lie = "X-Forwarded-Proto: https\r\n"
    heard = json.loads(get_plain(edge.http, PLATFORM, headers=lie)[2])
    assert heard["wsgi.url_scheme"] == heard["HTTP_X_FORWARDED_PROTO"] == "http"


def test_plain_http_leads_to_https_on_names_with_a_certificate_only(edge: Edge) -> None:
    status, head, _ = get_plain(edge.http, f"{HOST}:80", "/a%20b/?c=%2F&d=1")
    assert status == 308 and f"Location: https://{HOST}:8443/a%20b/?c=%2F&d=1\r\n" in f"{head}\r\n"
    assert "Cache-Control: no-store" in head
    for unknown in ("unknown.example", "127.0.0.1", "", "a@b"):
        assert get_plain(edge.http, unknown)[0] in (400, 404), unknown
    injected = get_plain(edge.http, HOST, "/%0d%0aSet-Cookie:%20a=b")[1]
    assert "\nSet-Cookie" not in injected


def test_challenges_reach_the_application_before_there_is_a_certificate(edge: Edge) -> None:
    status, _, body = get_plain(edge.http, "new.example", "/.well-known/acme-challenge/token")
    assert status == 200 and json.loads(body)["PATH_INFO"] == "/.well-known/acme-challenge/token"


def test_the_platforms_own_hosts_get_its_wildcard_and_a_new_one_when_the_files_change(
    edge: Edge, files: tuple[Path, Path], root: Minted
) -> None:
    before = ask(edge.https, b"app.portico.example").serial
    assert before == ask(edge.https, PLATFORM.encode()).serial != ""
    renewed = leaf(root, PLATFORM, f"*.{PLATFORM}")
    files[0].write_bytes(renewed.pem)
    # The key is still the old one: not usable yet, and nobody is refused meanwhile.
    assert ask(edge.https, b"app.portico.example").serial == before
    files[1].write_bytes(renewed.key_pem)
    assert ask(edge.https, b"app.portico.example").serial == serial_of(renewed)
    files[0].unlink()
    assert ask(edge.https, b"app.portico.example").serial == serial_of(renewed)


def test_silent_and_dawdling_clients_keep_nobody_waiting(edge: Edge) -> None:
    crowd = [socket.create_connection(("127.0.0.1", edge.https)) for _ in range(200)]
    crowd += [socket.create_connection(("127.0.0.1", edge.http)) for _ in range(20)]
    for dawdler in crowd[:100]:
        dawdler.sendall(hello(HOST.encode())[:7])
    try:
        assert get(edge.https, HOST)[0] == 200
        assert get_plain(edge.http, PLATFORM)[0] == 200
    finally:
        for one in crowd:
            one.close()


def test_a_hello_in_small_pieces_is_understood(edge: Edge) -> None:
    words = hello(HOST.encode())
    with socket.create_connection(("127.0.0.1", edge.https), 5) as connection:
        for at in range(0, len(words), 50):
            connection.sendall(words[at : at + 50])
            time.sleep(0.01)
        assert connection.recv(5)[0] == HANDSHAKE


def test_a_handshake_that_never_ends_is_ended(edge: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "HANDSHAKE_SECONDS", 0.2)
    with socket.create_connection(("127.0.0.1", edge.https), 5) as connection:
        for byte in hello(HOST.encode())[:-1]:
            try:
                connection.sendall(bytes([byte]))
            except OSError:
                break
            time.sleep(0.01)
        else:
            pytest.fail("it was let to go on")


def test_several_requests_use_one_connection(edge: Edge) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", edge.https), 10) as plain,
        context.wrap_socket(plain, server_hostname=HOST) as secure,
    ):
        # Both at once: the second is off the wire already when the first is answered.
        secure.sendall(f"GET /1 HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode() * 2)
        status, _, rest = talk(secure, HOST, "/last")
        assert status == 200 and rest.count("HTTP/1.1 200 OK") == 2


def test_thousands_of_random_names_leave_no_trace(
    edge: Edge, django_assert_num_queries: Any, db: None
) -> None:
    with django_assert_num_queries(0):
        assert not any(edge.contexts.of(f"{number}.example") for number in range(5000))
    assert len(edge.contexts._ready) == 0
    assert {ask(edge.https, f"{n}.example".encode()).alert for n in range(200)} == {UNRECOGNIZED_NAME}
