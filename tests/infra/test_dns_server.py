"""The DNS server of demo and tests, asked by dnspython over UDP and TCP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import pytest

from infra.embedded.dns import FORGED, BadRecord, DnsServer, Zones, serve

HOST = "portal.agency.test"


@pytest.fixture
def server() -> Iterator[DnsServer]:
    zones = Zones()
    zones.add_zone("agency.test", {"ns1.agency.test": "127.0.0.1", "ns2.agency.test": "127.0.0.2"})
    zones.set(HOST, ("CNAME", "key.to.portico.test"))
    zones.set("*.to.portico.test", ("A", "127.0.0.9"))
    with serve("127.0.0.1", 0, zones) as started:
        yield started


def ask(
    server: DnsServer, name: str, kind: str, *, recursive: bool = True, tcp: bool = False
) -> dns.message.Message:
    question = dns.message.make_query(name, kind)
    if not recursive:
        question.flags &= ~dns.flags.RD
    over = dns.query.tcp if tcp else dns.query.udp
    return over(question, server.address, port=server.port, timeout=1)


def values(answer: dns.message.Message) -> list[str]:
    return sorted(str(record) for records in answer.answer for record in records)


@pytest.mark.parametrize("tcp", [False, True])
def test_a_resolver_follows_the_cname_into_the_wildcard(server: DnsServer, tcp: bool) -> None:
    assert values(ask(server, HOST, "A", tcp=tcp)) == ["127.0.0.9", "key.to.portico.test."]


def test_a_name_server_does_not_leave_its_zone(server: DnsServer) -> None:
    answer = ask(server, HOST, "A", recursive=False)
    assert values(answer) == ["key.to.portico.test."]
    assert answer.flags & dns.flags.AA
    assert ask(server, "x.to.portico.test", "A", recursive=False).rcode() == dns.rcode.REFUSED


def test_the_zone_is_found_from_any_name_below_it(server: DnsServer) -> None:
    answer = ask(server, "nothing.here.agency.test", "SOA")
    assert answer.rcode() == dns.rcode.NXDOMAIN
    assert [str(records.name) for records in answer.authority] == ["agency.test."]
    assert values(ask(server, "agency.test", "NS")) == ["ns1.agency.test.", "ns2.agency.test."]
    assert values(ask(server, "ns2.agency.test", "A")) == ["127.0.0.2"]


def test_a_wildcard_does_not_reach_below_a_name_that_exists(server: DnsServer) -> None:
    server.zones.set("*.agency.test", ("A", "127.0.0.7"))
    assert values(ask(server, "other.agency.test", "A")) == ["127.0.0.7"]
    assert ask(server, f"below.{HOST}", "A").rcode() == dns.rcode.NXDOMAIN


def test_every_type_comes_out_as_it_went_in(server: DnsServer) -> None:
    long = "v=" + "x" * 600
    server.zones.set(
        "t.agency.test", ("TXT", long), ("CAA", '128 issue "ca.example; a=b"'), ("MX", "10 m.a.test")
    )
    server.zones.add("t.agency.test", "AAAA", "::1")
    (text,) = [
        b"".join(record.strings).decode()
        for records in ask(server, "t.agency.test", "TXT", tcp=True).answer
        for record in records
    ]
    assert text == long
    assert values(ask(server, "t.agency.test", "CAA")) == ['128 issue "ca.example; a=b"']
    assert values(ask(server, "t.agency.test", "MX")) == ["10 m.a.test."]
    assert values(ask(server, "t.agency.test", "AAAA")) == ["::1"]


def test_what_does_not_fit_a_datagram_comes_over_tcp(server: DnsServer) -> None:
    server.zones.set("big.agency.test", *[("A", f"127.1.{n}.1") for n in range(200)])
    assert ask(server, "big.agency.test", "A").flags & dns.flags.TC
    assert len(values(ask(server, "big.agency.test", "A", tcp=True))) == 200


@pytest.mark.parametrize("how", ["SERVFAIL", "REFUSED", "NXDOMAIN"])
def test_it_fails_for_one_name_and_recovers(server: DnsServer, how: str) -> None:
    server.zones.fail(HOST, how)
    assert dns.rcode.to_text(ask(server, HOST, "A").rcode()) == how
    assert ask(server, "x.to.portico.test", "A").rcode() == dns.rcode.NOERROR
    server.zones.fail(HOST, "")
    assert ask(server, HOST, "A").rcode() == dns.rcode.NOERROR


@pytest.mark.parametrize("tcp", [False, True])
def test_it_keeps_silent(server: DnsServer, tcp: bool) -> None:
    server.zones.fail(HOST, "TIMEOUT", kind="A")
    with pytest.raises(dns.exception.Timeout):
        ask(server, HOST, "A", tcp=tcp)
    assert ask(server, HOST, "AAAA", tcp=tcp).rcode() == dns.rcode.NOERROR


def test_it_lies(server: DnsServer) -> None:
    server.zones.set(HOST, ("A", "127.0.0.9"))
    server.zones.fail(HOST, "OTHER_NAME")
    assert [str(r.name) for r in ask(server, HOST, "A").answer] == [f"not-{HOST}."]
    server.zones.fail(HOST, "EXTRA")
    assert values(ask(server, HOST, "A")) == ["127.0.0.9", FORGED]
    server.zones.fail(HOST, "TRUNCATED")
    assert ask(server, HOST, "A", tcp=True).flags & dns.flags.TC
    server.zones.fail(HOST, "HUGE")
    assert len(values(ask(server, HOST, "A", tcp=True))) > 3000
    for how in ("WRONG_ID", "GARBAGE"):
        server.zones.fail(HOST, how)
        with pytest.raises(dns.exception.DNSException):
            ask(server, HOST, "A")


def test_a_cname_loop_ends(server: DnsServer) -> None:
    server.zones.set("a.agency.test", ("CNAME", "b.agency.test"))
    server.zones.set("b.agency.test", ("CNAME", "a.agency.test"))
    assert "b.agency.test." in values(ask(server, "a.agency.test", "A"))


def test_two_servers_on_one_port_disagree(server: DnsServer) -> None:
    with serve("127.0.0.2", server.port) as other:
        other.zones.set(HOST, ("A", "127.0.0.5"))
        assert values(ask(other, HOST, "A")) == ["127.0.0.5"]
        assert values(ask(server, HOST, "A")) == ["127.0.0.9", "key.to.portico.test."]


def test_records_live_in_a_file_that_another_process_may_write(tmp_path: Path) -> None:
    file = tmp_path / "dns.json"
    page = Zones(file)
    with serve("127.0.0.1", 0, Zones(file)) as server:
        page.add_zone("agency.test")
        page.add(HOST, "A", "127.0.0.4", ttl=300)
        answer = ask(server, HOST, "A", recursive=False)
        assert (values(answer), answer.answer[0].ttl) == (["127.0.0.4"], 300)
        assert page.remove(HOST, "A") == 1
        assert ask(server, HOST, "A").rcode() == dns.rcode.NXDOMAIN
    assert [record.name for record in Zones(file).records()] == []
    assert Zones(file).zones() == ["agency.test"]


@pytest.mark.parametrize(
    ("kind", "value", "word"),
    [("A", "portal", "IPv4"), ("AAAA", "1.2.3.4", "IPv6"), ("CNAME", "http://x", "leads to a name"),
     ("CAA", "letsencrypt", "looks like"), ("PTR", "x", "no record type"), ("TXT", "x" * 5000, "4,000")],
)  # fmt: skip
def test_a_bad_record_is_refused_in_words(kind: str, value: str, word: str) -> None:
    with pytest.raises(BadRecord, match=word):
        Zones().add("a.test", kind, value)


def test_a_cname_stands_alone() -> None:
    zones = Zones()
    zones.add("a.test", "A", "127.0.0.1")
    with pytest.raises(BadRecord, match="stands alone"):
        zones.add("a.test", "CNAME", "b.test")
