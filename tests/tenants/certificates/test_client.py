"""Speaking with a CA: patient with nonces, impatient with everything else, and discreet."""

import base64
import json
import logging
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from acme.crypto_util import make_csr
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from django.core.exceptions import ImproperlyConfigured
from josepy.jwk import JWKEC
from pytest_django import Settings

from infra.embedded.minting import Minted, leaf
from infra.embedded.pebble import Pebble
from tenants.certificates import authorities, bundles, client
from tenants.certificates.answers import Problem, plain, problem_in, seconds_of
from tenants.certificates.client import Ca, Net
from tenants.certificates.issuing import Postponed, Rejected, issue
from tenants.certificates.models import AcmeAccount
from tenants.certificates.sealing import open_sealed
from tenants.certificates.verdicts import verdict
from tests.rig import acme
from tests.rig.acme import Grounds
from tests.rig.acme_front import AcmeFront
from tests.tenants.certificates.conftest import OLD

HOST = "portal.northwind.example"
EAB_KEY = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"
Say = Callable[[BaseHTTPRequestHandler], None]


@pytest.fixture
def strange() -> Iterator[Callable[[Say], str]]:
    """A server that answers everything in the given way; its address."""
    servers: list[ThreadingHTTPServer] = []

    def start(say: Say) -> str:
        handler = type(
            "Strange",
            (BaseHTTPRequestHandler,),
            {"do_GET": say, "do_POST": say, "log_message": lambda *_: None},
        )
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}/"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def _asked(url: str) -> Problem:
    with pytest.raises(Problem) as problem:
        _ = Ca(url, Net(None)).directory
    return problem.value


def test_an_answer_that_drips_is_given_up(
    strange: Callable[[Say], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    over = threading.Event()

    def drip(self: BaseHTTPRequestHandler) -> None:
        self.send_response(200)
        self.end_headers()
        while not over.wait(0.05):
            try:
                self.wfile.write(b"{")
            except OSError:
                return

    monkeypatch.setattr(client, "TOTAL_SECONDS", 0.4)
    try:
        assert _asked(strange(drip)).code == "timeout"
    finally:
        over.set()


def test_an_endless_answer_is_given_up(strange: Callable[[Say], str]) -> None:
    def pour(self: BaseHTTPRequestHandler) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            for _ in range(100):
                self.wfile.write(b"x" * 100_000)
        except OSError:
            return

    assert _asked(strange(pour)).code == "unreachable"


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b"null", b'"text"'])
def test_what_is_no_object_is_nonsense(body: bytes, strange: Callable[[Say], str]) -> None:
    def say(self: BaseHTTPRequestHandler) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    assert _asked(strange(say)).code == "nonsense"


def test_a_page_of_a_broken_ca_is_trouble_of_the_ca(strange: Callable[[Say], str]) -> None:
    def say(self: BaseHTTPRequestHandler) -> None:
        self.send_response(503)
        self.send_header("Retry-After", "120")
        self.end_headers()
        self.wfile.write(b"<html>we are mending it")

    said = verdict(_asked(strange(say)))
    assert isinstance(said, Postponed) and said.seconds == 120


def test_a_kept_connection_that_was_closed_costs_one_more_request(strange: Callable[[Say], str]) -> None:
    seen: list[bytes] = []

    def say(self: BaseHTTPRequestHandler) -> None:
        seen.append(self.rfile.read(int(self.headers["Content-Length"])))
        if len(seen) == 1:
            return
        self.send_response(400)
        self.end_headers()
        self.wfile.write(b'{"type": "urn:ietf:params:acme:error:malformed", "detail": "as it said"}')

    answer = Net(None)._send_request("POST", strange(say), data="signed")
    assert seen == [b"signed"] * 2 and b"as it said" in answer.content


def test_one_that_was_read_is_not_signed_and_sent_anew(strange: Callable[[Say], str]) -> None:
    seen: list[bytes] = []

    def say(self: BaseHTTPRequestHandler) -> None:
        seen.append(self.rfile.read(int(self.headers["Content-Length"])))
        if len(seen) > 1:
            self.send_response(400)
            self.end_headers()
            self.wfile.write(b'{"type": "urn:ietf:params:acme:error:badNonce"}')

    with pytest.raises(Problem, match="unreachable"):
        Net(None)._send_request("POST", strange(say), data="signed")
    assert len(seen) == 2


def test_a_connection_cut_off_in_the_handshake_is_not_called_untrusted(root: Minted, tmp_path: Path) -> None:
    shown, ca_file = leaf(root, "localhost"), tmp_path / "ca.pem"
    ca_file.write_bytes(root.pem)
    (tmp_path / "both.pem").write_bytes(shown.pem + shown.key_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "both.pem")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(5)
        address = f"https://localhost:{listener.getsockname()[1]}/"

        def serve(cut_off: int) -> None:
            for _ in range(cut_off):
                with listener.accept()[0] as hello:
                    hello.recv(65_536)
            if cut_off == 1:
                with listener.accept()[0] as plain, context.wrap_socket(plain, server_side=True) as secure:
                    secure.recv(65_536)
                    secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

        with ThreadPoolExecutor(1) as pool:
            served = pool.submit(serve, 1)
            assert Net(None, ca_file=str(ca_file))._send_request("GET", address).content == b"{}"
            served.result()
            pool.submit(serve, 2)
            with pytest.raises(Problem, match="unreachable") as problem:
                Net(None, ca_file=str(ca_file))._send_request("GET", address)
    assert "trusted" not in str(problem.value)


def test_neither_proxy_nor_netrc_of_the_environment_is_used(
    ca: Grounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nonexistent")
    net = Net(None, ca_file=str(ca.pebble.ca_file))
    assert "newOrder" in Ca(ca.pebble.directory, net).directory


def test_a_directory_that_is_not_trusted_is_not_spoken_to(ca: Grounds) -> None:
    said = _asked(ca.pebble.directory)
    assert said.code == "unreachable" and "trusted" in said.detail


def test_bad_nonces_are_tried_again_as_often_as_it_takes(ca: Grounds, tmp_path: Path) -> None:
    with Pebble(tmp_path, ca.dns, environment={"PEBBLE_WFE_NONCEREJECT": "50"}) as pebble:
        key = JWKEC(key=ec.generate_private_key(ec.SECP256R1()))
        one = Ca(pebble.directory, Net(key, ca_file=str(pebble.ca_file)))
        for _ in range(8):
            assert one.post(one.place("newAccount"), {"termsOfServiceAgreed": True}).location


def test_threads_share_nonces_without_trouble(ca: Grounds) -> None:
    key = JWKEC(key=ec.generate_private_key(ec.SECP256R1()))
    one = Ca(ca.pebble.directory, Net(key, ca_file=str(ca.pebble.ca_file)))
    account = one.post(one.place("newAccount"), {"termsOfServiceAgreed": True}).location
    one.net.sign_as(account)
    failures: list[Exception] = []

    def read() -> None:
        try:
            for _ in range(5):
                one.read(account)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=read) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("120", 120.0), (" 5 ", 5.0), ("", None), ("-3", None), ("soon", None), ("9" * 30, None)],
)
def test_retry_after_is_read_with_care(said: str, seconds: float | None) -> None:
    assert seconds_of(said) == seconds


def test_a_date_that_has_passed_means_now() -> None:
    assert seconds_of("Wed, 01 Jan 2020 00:00:00 GMT") == 0


def test_strangers_words_are_one_short_line() -> None:
    assert plain("a\r\nSet-Cookie: x\x1b[31m\u202eb") == "a Set-Cookie: x [31m b"
    assert len(plain("x" * 5000)) == 1000


def test_a_compound_is_about_the_part_that_failed() -> None:
    caa = {"type": "urn:ietf:params:acme:error:caa", "detail": "CAA forbids"}
    said = problem_in(
        {"type": "urn:ietf:params:acme:error:compound", "detail": "several", "subproblems": [caa]}
    )
    assert said.code == "caa" and said.detail == "several; CAA forbids"


@pytest.mark.parametrize(
    ("code", "status", "of_name", "kind"),
    [
        ("caa", 403, True, Rejected),
        ("dns", 400, True, Rejected),
        ("unauthorized", 403, True, Rejected),
        ("unauthorized", 403, False, Postponed),
        ("rejectedIdentifier", 400, False, Rejected),
        ("serverInternal", 500, True, Postponed),
        ("rateLimited", 429, False, Postponed),
        ("accountDoesNotExist", 400, False, Postponed),
        ("http403", 403, False, Postponed),
        ("timeout", 0, False, Postponed),
    ],
)
def test_whose_fault_it_is(code: str, status: int, of_name: bool, kind: type[Exception]) -> None:
    assert type(verdict(Problem(code, "words", status=status), of_name=of_name)) is kind


def test_a_ca_is_reached_by_https_only(settings: Settings) -> None:
    settings.ACME_DIRECTORY = "http://ca.example/dir"
    with pytest.raises(ImproperlyConfigured, match="https"):
        authorities.primary()


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def test_no_secret_is_in_a_log_or_an_exception(
    ca: Grounds, settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ca.zones.set(HOST, ("A", "127.0.0.1"))
    raised: list[BaseException] = []
    with (
        Pebble(tmp_path, ca.dns, http_port=ca.http_port, eab={"kid-1": EAB_KEY}) as pebble,
        AcmeFront(pebble) as front,
    ):
        acme.use(front.directory, front.ca_file, ACME_EAB_KID="kid-1", ACME_EAB_KEY=EAB_KEY)
        troubles: tuple[Callable[[], object], ...] = (
            lambda: front.lost.add("newOrder"),
            lambda: front.refused.update(finalize=(500, "serverInternal", "later")),
            lambda: front.refused.update(finalize=(403, "caa", "no")),
            lambda: acme.use("https://127.0.0.1:1/dir", front.ca_file),
        )
        for trouble in troubles:
            trouble()
            with pytest.raises((Postponed, Rejected)) as info:
                issue(HOST)
            raised.append(info.value)
            front.refused.clear()
            settings.ACME_DIRECTORY = front.directory
        issue(HOST)
    account = AcmeAccount.objects.get(directory=front.directory)
    pems = [bundles.pem_of(HOST), open_sealed(account.directory, account.sealed_key, account.key_name)]
    secrets = [written for pem in pems for written in _secret_parts(pem or b"")]
    secrets += [EAB_KEY, OLD.partition(":")[2], repr(base64.b64decode(OLD.partition(":")[2])), "PRIVATE KEY"]
    said = caplog.text + "".join(repr(error) + str(error) for first in raised for error in _chain(first))
    said += json.dumps(_frames(raised), default=str) + repr(authorities.primary())
    assert HOST in said and len(caplog.records) > 5
    assert [secret for secret in secrets if secret in said] == []


@pytest.mark.parametrize("attempt", range(20))
def test_the_secret_half_of_a_key_is_found_in_a_text_and_the_public_half_is_not_taken_for_it(
    attempt: int,
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    secret = _secret_parts(pem)
    der = key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    number = str(key.private_numbers().private_value)
    for leak in (pem.decode(), str(JWKEC(key=key).to_json()), number, der.hex(), repr(der)):
        assert any(part in leak for part in secret), leak
    public = key.public_key()
    for fine in (
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
        str(JWKEC(key=public).to_json()),
        make_csr(pem, domains=[HOST]).decode(),
    ):
        assert not [part for part in secret if part in fine]


def _secret_parts(pem: bytes) -> list[str]:
    """How the secret number of the elliptic key in ``pem`` would stand in a text.

    Decimal, hexadecimal, as Python shows bytes, and pieces of nine bytes in both alphabets of base64, for the
    number may begin anywhere in a group of three and a line may end in it. Its public half is in every request
    for a certificate and may be told.
    """
    key = load_pem_private_key(pem, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    number = key.private_numbers().private_value
    secret = number.to_bytes((key.key_size + 7) // 8, "big")
    pieces = [secret[start : start + 9] for start in range(len(secret) - 8)]
    written = [say(piece) for piece in pieces for say in (_plain_base64, _url_base64, _shown)]
    return [str(number), secret.hex(), *written]


def _plain_base64(piece: bytes) -> str:
    return base64.b64encode(piece).decode()


def _url_base64(piece: bytes) -> str:
    return base64.urlsafe_b64encode(piece).decode()


def _shown(piece: bytes) -> str:
    return repr(piece)[2:-1]


def _frames(errors: list[BaseException]) -> list[Any]:
    return [[str(argument) for argument in error.args] for first in errors for error in _chain(first)]
