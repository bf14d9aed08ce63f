"""An edge counts once it presents the very certificate; every edge has to."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from infra.embedded.minting import Minted, leaf
from infra.embedded.processes import free_port
from tenants.certificates import probing
from tests.rig.bundles import serial_of

HOST = "portal.northwind.example"


@dataclass(frozen=True)
class Leaf:
    pem: bytes
    serial: str


@pytest.fixture(scope="module")
def leaves(root: Minted) -> tuple[Leaf, Leaf]:
    old, new = (leaf(root, HOST) for _ in range(2))
    return Leaf(old.pem + old.key_pem, serial_of(old)), Leaf(new.pem + new.key_pem, serial_of(new))


@contextmanager
def edge(leaf: Leaf, folder: Path, *, only: str = HOST) -> Iterator[str]:
    """A TLS server for one name; yields its host:port."""
    bundle = folder / f"{leaf.serial}.pem"
    bundle.write_bytes(leaf.pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(bundle)
    context.sni_callback = lambda _, name, __: (
        None if name == only else int(ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME)
    )
    listening = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_shake_hands, args=(listening, context), daemon=True).start()
    with listening:
        yield f"127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)


def _shake_hands(listening: socket.socket, context: ssl.SSLContext) -> None:
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        with connection:
            try:
                context.wrap_socket(connection, server_side=True).close()
            except OSError:
                continue


def test_an_edge_with_the_new_certificate_serves_it(
    settings: Any, tmp_path: Path, leaves: tuple[Leaf, Leaf]
) -> None:
    old, new = leaves
    with edge(new, tmp_path) as at:
        settings.EDGE_PROBES = [at]
        assert probing.serves(HOST, new.serial)
        assert probing.serves(HOST, f"0{new.serial.upper()}")
        assert not probing.serves(HOST, old.serial)
        assert not probing.serves("portal.harbour.example", new.serial)


def test_one_edge_that_lags_is_enough_to_wait(
    settings: Any, tmp_path: Path, leaves: tuple[Leaf, Leaf]
) -> None:
    old, new = leaves
    with ExitStack() as stack:
        settings.EDGE_PROBES = [
            stack.enter_context(edge(new, tmp_path)),
            stack.enter_context(edge(old, tmp_path)),
        ]
        assert not probing.serves(HOST, new.serial)
        settings.EDGE_PROBES = settings.EDGE_PROBES[:1]
        assert probing.serves(HOST, new.serial)


def test_a_dead_or_silent_edge_serves_nothing(settings: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(probing, "HANDSHAKE_SECONDS", 0.2)
    settings.EDGE_PROBES = [f"127.0.0.1:{free_port()}"]
    assert not probing.serves(HOST, "1")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EDGE_PROBES = [f"127.0.0.1:{silent.getsockname()[1]}"]
        assert not probing.serves(HOST, "1")


def test_the_first_public_address_is_asked_unless_probes_are_named(settings: Any) -> None:
    settings.EDGE_PROBES, settings.EDGE_IPV4, settings.EDGE_HTTPS_PORT = (
        [],
        ["192.0.2.1", "192.0.2.2"],
        8443,
    )
    assert probing.edges() == [("192.0.2.1", 8443)]
    settings.EDGE_PROBES = ["edge-1.example:444", "192.0.2.9", "[2001:db8::1]:445"]
    assert probing.edges() == [("edge-1.example", 444), ("192.0.2.9", 8443), ("2001:db8::1", 445)]


def test_without_an_edge_nothing_is_served(settings: Any) -> None:
    settings.EDGE_PROBES, settings.EDGE_IPV4 = [], []
    assert not probing.serves(HOST, "1")
