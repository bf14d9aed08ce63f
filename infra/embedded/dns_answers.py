"""What the DNS server of demo and tests answers: true to its zones, or a failure or a lie if told so."""

from __future__ import annotations

import random
import time

import dnslib
from dnslib import QTYPE, RCODE, RR, DNSRecord

from infra.embedded.dns_zones import Record, Zones, caa_parts

# SERVFAIL, REFUSED, NXDOMAIN: the answer says so. TIMEOUT: no answer. LAG: a late one. The rest are lies:
# another name's records, records nobody asked for, another question's id, cut off over TCP too, no DNS at all,
# thousands of records.
FAILURES = ("SERVFAIL", "REFUSED", "NXDOMAIN", "NOTIMP", "FORMERR")
LIES = ("OTHER_NAME", "EXTRA", "WRONG_ID", "TRUNCATED", "GARBAGE", "HUGE")
ODD = (*FAILURES, "TIMEOUT", "LAG", *LIES)
LONGEST_CHAIN = 12
SMALLEST_UDP, LARGEST_UDP = 512, 1232
FORGED = "127.6.6.6"


def reply(packet: bytes, zones: Zones, *, over_tcp: bool) -> bytes | None:
    """The answer to a question as octets; None: say nothing."""
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
