"""A TLS client that may send any name, as no library lets one: what an edge answers to it."""

import secrets
import socket
import ssl
import struct
from dataclasses import dataclass

from cryptography import x509

ALERT, HANDSHAKE, CERTIFICATE = 21, 22, 11
UNRECOGNIZED_NAME, INTERNAL_ERROR = 112, 80


@dataclass(frozen=True)
class Answer:
    """Either the serial of the certificate presented (hexadecimal), or the alert; both empty: it hung up."""

    serial: str = ""
    alert: int | None = None


def odd_names(host: str, platform: str) -> list[bytes | None]:
    """What no certificate is for, beside one for the host and a wildcard of the platform."""
    here, ours = host.encode(), platform.encode()
    paths = [
        b"..",
        b".",
        b"../x",
        b"../../etc/passwd",
        b"../live/" + here,
        b"*." + ours,
        b".none",
        here + b"/",
    ]
    addresses = [b"127.0.0.1", b"::1", b"[::1]"]
    others = [b"unknown.example", b"a." + here, b"a.b." + ours, b"_x." + ours, here + b"..", here[:-1]]
    return [None, *paths, *addresses, *others, b"a" * 64 + b".example", b"a." * 127 + b"example"]


def ask(port: int, name: bytes | None, *, seconds: float = 5) -> Answer:
    """Say hello with this name, byte for byte (None: without one), and read until certificate or alert."""
    with socket.create_connection(("127.0.0.1", port), seconds) as connection:
        connection.sendall(hello(name))
        messages = b""
        while record := _record(connection):
            kind, body = record
            if kind == ALERT:
                return Answer(alert=body[1])
            messages += body
            if (serial := _serial(messages)) is not None:
                return Answer(serial=serial)
    return Answer()


def hello(name: bytes | None) -> bytes:
    """A ClientHello of TLS 1.2 (RFC 5246 §7.4.1.2), whose server certificate travels in the clear."""
    extensions = b"".join(
        struct.pack("!HH", number, len(body)) + body
        for number, body in (
            *(() if name is None else ((0, _vector(b"\0" + _vector(name))),)),
            (10, _vector(b"\x00\x1d\x00\x17")),
            (11, b"\x01\x00"),
            (13, _vector(b"\x04\x03\x08\x04\x04\x01")),
        )
    )
    ciphers = b"\xc0\x2b\xc0\x2f\xc0\x2c\xc0\x30"
    body = b"\x03\x03" + secrets.token_bytes(32) + b"\0" + _vector(ciphers) + b"\1\0" + _vector(extensions)
    message = b"\x01" + len(body).to_bytes(3, "big") + body
    return bytes([HANDSHAKE, 3, 1]) + _vector(message)


def get(port: int, host: str, path: str = "/", *, name: str = "", headers: str = "") -> tuple[int, str, str]:
    """Status, head and body of a GET by https, on a connection made for `name` (else for the host)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", port), 10) as plain,
        context.wrap_socket(plain, server_hostname=name or host.partition(":")[0]) as secure,
    ):
        return talk(secure, host, path, headers=headers)


def get_plain(port: int, host: str, path: str = "/", *, headers: str = "") -> tuple[int, str, str]:
    """Status, head and body of a GET by http."""
    with socket.create_connection(("127.0.0.1", port), 10) as plain:
        return talk(plain, host, path, headers=headers)


def talk(
    connection: socket.socket, host: str, path: str, *, method: str = "GET", headers: str = ""
) -> tuple[int, str, str]:
    """One request on an open connection, which is closed by it."""
    asked = f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n"
    connection.sendall(asked.encode("latin-1"))
    answer = b""
    while piece := connection.recv(65536):
        answer += piece
    head, _, body = answer.decode("latin-1").partition("\r\n\r\n")
    return int(head.split(" ", 2)[1]), head, body


def _vector(body: bytes) -> bytes:
    return struct.pack("!H", len(body)) + body


def _record(connection: socket.socket) -> tuple[int, bytes] | None:
    head = _exactly(connection, 5)
    body = _exactly(connection, int.from_bytes(head[3:5], "big")) if head else b""
    return (head[0], body) if body else None


def _exactly(connection: socket.socket, count: int) -> bytes:
    got = b""
    while len(got) < count:
        try:
            piece = connection.recv(count - len(got))
        except ConnectionResetError:
            return b""
        if not piece:
            return b""
        got += piece
    return got


def _serial(messages: bytes) -> str | None:
    while len(messages) >= 4:
        kind, length = messages[0], int.from_bytes(messages[1:4], "big")
        if len(messages) < 4 + length:
            return None
        if kind == CERTIFICATE:
            first = int.from_bytes(messages[7:10], "big")
            return f"{x509.load_der_x509_certificate(messages[10 : 10 + first]).serial_number:x}"
        messages = messages[4 + length :]
    return None
