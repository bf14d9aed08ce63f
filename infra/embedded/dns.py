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
import random
import socketserver
import threading
import time
from pathlib import Path
from typing import Self

import dnslib
from dnslib import QTYPE, RCODE, RR, DNSRecord

from infra.embedded.dns_zones import BadRecord, Record, Zones, caa_parts
from infra.embedded.processes import Failed

__all__ = ["ODD", "BadRecord", "DnsServer", "Record", "Zones", "serve"]

# SERVFAIL, REFUSED, NXDOMAIN: the answer says so. TIMEOUT: no answer. LAG: a late one. The rest are lies:
# another name's records, records nobody asked for, another question's id, cut off over TCP too, no DNS at all,
# thousands of records.
FAILURES = ("SERVFAIL", "REFUSED", "NXDOMAIN", "NOTIMP", "FORMERR")
LIES = ("OTHER_NAME", "EXTRA", "WRONG_ID", "TRUNCATED", "GARBAGE", "HUGE")
ODD = (*FAILURES, "TIMEOUT", "LAG", *LIES)
LONGEST_CHAIN = 12
SMALLEST_UDP, LARGEST_UDP = 512, 1232
FORGED = "127.6.6.6"


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
        answer = _reply(asked, self.server.zones, over_tcp=False)
        if answer:
            with contextlib.suppress(OSError):
                line.sendto(answer, self.client_address)


class _OverTcp(socketserver.BaseRequestHandler):
    server: _Tcp

    def handle(self) -> None:
        self.request.settimeout(30)
        with contextlib.suppress(OSError):
            while length := int.from_bytes(self._exactly(2)):
                answer = _reply(self._exactly(length), self.server.zones, over_tcp=True)
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


def _reply(packet: bytes, zones: Zones, *, over_tcp: bool) -> bytes | None:
    try:
        question = DNSRecord.parse(packet)
    except (dnslib.DNSError, ValueError, IndexError):
        return None
    zones.refresh()
    name, kind = str(question.q.qname).lower().rstrip("."), str(QTYPE.get(question.q.qtype))
    zones.log.append((name, kind, bool(question.header.rd)))
    how, seconds = zones.odd(name, kind)
    if how == "TIMEOUT":
        return None
    time.sleep(seconds)
    answer = question.reply(ra=1, aa=0)
    if how in FAILURES:
        answer.header.rcode = getattr(RCODE, how)
    else:
        _fill(answer, zones, name, kind, recursive=bool(question.header.rd))
    packed = _lie(how, answer, name) if how in LIES else bytes(answer.pack())
    if how in LIES and how != "HUGE":
        return packed
    return packed if over_tcp or len(packed) <= _room(question) else _cut(answer)


def _cut(answer: DNSRecord) -> bytes:
    # dnslib's own truncate() drops the question too; resolvers then take the answer for somebody else's.
    answer.header.tc = 1
    answer.rr, answer.auth, answer.ar = [], [], []
    return bytes(answer.pack())


def _room(question: DNSRecord) -> int:
    sizes = [int(extra.rclass) for extra in question.ar if extra.rtype == QTYPE.OPT]
    return max(SMALLEST_UDP, min(LARGEST_UDP, *sizes)) if sizes else SMALLEST_UDP


def _fill(answer: DNSRecord, zones: Zones, name: str, kind: str, *, recursive: bool) -> None:
    zone, current = zones.zone_of(name), name
    if zone is None and not recursive:
        answer.header.rcode = RCODE.REFUSED
        return
    answer.header.aa = int(zone is not None)
    for _ in range(LONGEST_CHAIN):
        found = zones.at(current)
        if found is None:
            answer.header.rcode = RCODE.NXDOMAIN
            break
        wanted = [record for record in found if record.type == kind or kind == "ANY"]
        alias = [record for record in found if record.type == "CNAME"]
        for record in wanted or alias[:1]:
            answer.add_answer(_written(record))
        if wanted or not alias:
            break
        current = alias[0].value
        if not recursive and zones.zone_of(current) != zone:
            return
    if not answer.rr or answer.rr[-1].rtype == QTYPE.CNAME:
        _add_soa(answer, zones, current)


def _add_soa(answer: DNSRecord, zones: Zones, name: str) -> None:
    zone = zones.zone_of(name)
    for record in zones.at(zone) or [] if zone else []:
        if record.type == "SOA":
            answer.add_auth(_written(record))


def _written(record: Record) -> RR:
    return RR(
        record.name, getattr(QTYPE, record.type), ttl=record.ttl, rdata=_rdata(record.type, record.value)
    )


def _rdata(kind: str, value: str) -> dnslib.RD:
    if kind == "TXT":
        octets = value.encode()
        return dnslib.TXT([octets[i : i + 255] for i in range(0, len(octets), 255)] or [b""])
    if kind == "CAA":
        return dnslib.CAA(*caa_parts(value))
    if kind == "SOA":
        first, mail, *times = value.split()
        return dnslib.SOA(first, mail, tuple(int(number) for number in times))
    if kind == "MX":
        preference, host = value.split()
        return dnslib.MX(host, int(preference))
    return getattr(dnslib, kind)(value)


def _lie(how: str, answer: DNSRecord, name: str) -> bytes:
    forged = dnslib.A(FORGED)
    if how == "OTHER_NAME":
        answer.rr = [RR(f"not-{name}", QTYPE.A, ttl=60, rdata=forged)]
    elif how == "EXTRA":
        answer.add_answer(RR("bank.example", QTYPE.A, ttl=60, rdata=forged))
        answer.add_ar(RR(name, QTYPE.A, ttl=60, rdata=forged))
    elif how == "WRONG_ID":
        answer.header.id = (answer.header.id + 1) % 65536
    elif how == "TRUNCATED":
        return _cut(answer)
    elif how == "GARBAGE":
        return random.randbytes(40)
    elif how == "HUGE":
        for number in range(3500):
            answer.add_answer(
                RR(name, QTYPE.A, ttl=60, rdata=dnslib.A(f"127.7.{number >> 8}.{number & 255}"))
            )
    return bytes(answer.pack())


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
