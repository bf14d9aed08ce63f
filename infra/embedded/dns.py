"""A DNS server for demo and tests, on loopback: authoritative for its zones, and a resolver for whoever asks
with recursion. Several of them may disagree; each can fail or lie for a name (`Zones.fail`).

    zones = Zones()
    zones.add_zone("agency.test", {"ns1.agency.test": "127.0.0.1"})
    zones.set("portal.agency.test", ("CNAME", "key.to.portico.test"))
    with serve("127.0.0.1", 0, zones) as server: …server.port

A question without recursion for a name in none of its zones is REFUSED, and a CNAME is followed only inside its
zone, as real name servers do; with recursion every record is found, zones or not.
"""

from __future__ import annotations

import argparse
import contextlib
import socketserver
import threading
from pathlib import Path
from typing import Self

from infra.embedded.dns_answers import FORGED, ODD, reply
from infra.embedded.dns_zones import BadRecord, Record, Zones
from infra.embedded.processes import Failed

__all__ = ["FORGED", "ODD", "BadRecord", "DnsServer", "Record", "Zones", "serve"]


class DnsServer:
    """One name server, UDP and TCP on the same port, until `stop()`."""

    def __init__(self, address: str, port: int, zones: Zones) -> None:
        self.address, self.zones = address, zones
        self._servers = _bound(address, port, zones)
        self.port = int(self._servers[0].socket.getsockname()[1])
        for server in self._servers:
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def log(self) -> list[tuple[str, str, bool]]:
        """Questions so far: name, type, whether recursion was asked for."""
        return self.zones.log

    def stop(self) -> None:
        """Close both sockets; twice is fine."""
        for server in self._servers:
            server.shutdown()
            server.server_close()
        self._servers = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def serve(address: str = "127.0.0.1", port: int = 0, zones: Zones | None = None) -> DnsServer:
    """Start a server; port 0 takes one that is free for UDP and TCP.

    Raises:
        OSError: the wanted port is taken.
    """
    return DnsServer(address, port, zones if zones is not None else Zones())


class _Tcp(socketserver.ThreadingTCPServer):
    daemon_threads, allow_reuse_address, block_on_close, request_queue_size = True, True, False, 128
    zones: Zones


class _Udp(socketserver.ThreadingUDPServer):
    daemon_threads, block_on_close = True, False
    zones: Zones


def _bound(address: str, port: int, zones: Zones) -> list[socketserver.TCPServer]:
    for _ in range(1 if port else 50):
        tcp = _Tcp((address, port), _OverTcp)
        tcp.zones = zones
        try:
            udp = _Udp((address, tcp.server_address[1]), _OverUdp)
        except OSError:
            tcp.server_close()
            if port:
                raise
            continue
        udp.zones = zones
        return [tcp, udp]
    raise Failed(f"{address} has no port that is free for both UDP and TCP.")


class _OverUdp(socketserver.BaseRequestHandler):
    server: _Udp

    def handle(self) -> None:
        asked, line = self.request
        answer = reply(asked, self.server.zones, over_tcp=False)
        if answer:
            with contextlib.suppress(OSError):
                line.sendto(answer, self.client_address)


class _OverTcp(socketserver.BaseRequestHandler):
    server: _Tcp

    def handle(self) -> None:
        self.request.settimeout(30)
        with contextlib.suppress(OSError):
            while length := int.from_bytes(self._exactly(2)):
                answer = reply(self._exactly(length), self.server.zones, over_tcp=True)
                if answer is None:
                    self._exactly(1)  # no answer: keep the line open until the other side gives up
                    return
                self.request.sendall(len(answer).to_bytes(2) + answer)

    def _exactly(self, count: int) -> bytes:
        found = b""
        while len(found) < count:
            more = self.request.recv(count - len(found))
            if not more:
                raise ConnectionResetError
            found += more
        return found


def main() -> None:
    """Serves a file of records until stopped."""
    words = argparse.ArgumentParser(
        prog="python -m infra.embedded.dns", description="DNS for demo and tests."
    )
    words.add_argument("file", type=Path)
    words.add_argument("--address", default="127.0.0.1")
    words.add_argument("--port", type=int, required=True)
    asked = words.parse_args()
    with serve(asked.address, asked.port, Zones(asked.file)):
        threading.Event().wait()


if __name__ == "__main__":
    main()
