"""Where a name leads, whose it is, and that no name server can make a diagnosis fail or hang."""

import json
import random
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from infra.embedded.dns import ODD, serve
from tenants.certificates.models import AcmeAccount
from tenants.domains import finding, providers
from tenants.domains.diagnosis import Report, diagnose
from tests.tenants.domains.dns_rig import (
    EDGE,
    EDGE_6,
    HOST,
    OTHERS_TARGET,
    PROOF,
    TARGET,
    ZONE,
    Rig,
    running,
)

pytestmark = pytest.mark.django_db
BOUND = 10.0  # seconds; a promise of the interface, not a measurement


@pytest.fixture
def rig(settings: Any) -> Iterator[Rig]:
    with running(settings) as started:
        yield started


def test_a_cname_to_the_target_leads_here(rig: Rig) -> None:
    rig.publish(HOST, ("CNAME", TARGET))
    report = rig.look()
    assert (report.routing, report.ownership, report.caa, report.zone) == ("cname", "missing", "ok", ZONE)
    assert report.leads_here and report.points_here_at_all and report.points_to_target
    assert report.is_good(needs_txt=False) and not report.is_good(needs_txt=True)
    assert [(seen.address, seen.name, seen.is_authoritative) for seen in report.servers] == [
        ("127.0.0.2", "ns1.agency.test", True), ("127.0.0.3", "ns2.agency.test", True),
        ("127.0.0.1", "", False), ("127.0.0.4", "", False),
    ]  # fmt: skip
    assert report.situations(needs_txt=False) == []


def test_name_servers_are_asked_without_recursion_and_resolvers_with(rig: Rig) -> None:
    rig.publish(HOST, ("CNAME", TARGET))
    rig.look()
    for zones, recursive in [(rig.source[0], False), (rig.source[1], False), (rig.caches[0], True)]:
        asked = {kind for name, kind, recursion in zones.log if name == HOST and recursion is recursive}
        assert {"A", "AAAA"} <= asked
        assert not [line for line in zones.log if line[2] is not recursive]


def test_addresses_of_the_edge_lead_here_but_prove_nothing(rig: Rig) -> None:
    rig.publish(HOST, ("A", EDGE), ("AAAA", EDGE_6))
    report = rig.look()
    assert (report.routing, report.leads_here, report.points_here_at_all, report.points_to_target) == (
        "alias", True, True, False,
    )  # fmt: skip


def test_another_agencys_target_is_ours_but_does_not_lead_here(rig: Rig) -> None:
    rig.publish(HOST, ("CNAME", OTHERS_TARGET))
    rig.publish(f"_portal-verify.{HOST}", ("TXT", PROOF))
    report = rig.look()
    assert report.points_here_at_all
    assert not (report.leads_here or report.points_to_target or report.is_good(needs_txt=True))


def test_one_name_server_that_says_otherwise_proves_nothing(rig: Rig) -> None:
    rig.publish(HOST, ("CNAME", TARGET))
    rig.source[1].set(HOST, ("A", EDGE))
    assert not rig.look().points_to_target


def test_resolvers_alone_prove_nothing(rig: Rig) -> None:
    for zones in rig.caches:
        zones.set(HOST, ("CNAME", TARGET))
        zones.set(f"_portal-verify.{HOST}", ("TXT", PROOF))
    report = rig.look()
    assert (report.routing, report.ownership) == ("no_record", "missing")
    assert not (report.points_to_target or report.leads_here)


def test_the_txt_record_has_to_be_at_every_name_server(rig: Rig) -> None:
    rig.publish(f"_portal-verify.{HOST}", ("TXT", "v=spf1 -all"), ("TXT", PROOF))
    assert rig.look().ownership == "ok"
    rig.source[1].delete(f"_portal-verify.{HOST}")
    report = rig.look()
    assert report.ownership == "missing"
    assert [seen.has_proof for seen in report.servers] == [True, False, True, True]
    rig.publish(f"_portal-verify.{HOST}", ("TXT", f' "{PROOF}" '))
    assert rig.look().ownership == "ok"


def test_a_wildcard_cname_into_our_zone_is_no_proof_by_txt(rig: Rig) -> None:
    rig.publish(f"*.{ZONE}", ("CNAME", TARGET))
    report = rig.look()
    assert (report.routing, report.is_wildcard, report.ownership) == ("cname", True, "missing")


def test_an_apex_is_not_asked_for_wildcards_of_the_registry(rig: Rig) -> None:
    rig.publish(ZONE, ("A", EDGE))
    report = diagnose(ZONE, target=TARGET, proof=PROOF)
    assert (report.routing, report.zone, report.is_wildcard) == ("alias", ZONE, False)


def test_the_zone_of_an_alias_is_its_own_not_its_targets(rig: Rig) -> None:
    rig.publish(HOST, ("CNAME", TARGET))
    assert rig.look().zone == ZONE


def test_a_zone_cut_below_the_domain_is_found(rig: Rig) -> None:
    for zones in rig.everywhere:
        zones.add_zone("clients.agency.test", {"ns.clients.agency.test": "127.0.0.3"})
    rig.publish("portal.clients.agency.test", ("CNAME", TARGET))
    report = rig.look("portal.clients.agency.test")
    assert (report.zone, report.routing) == ("clients.agency.test", "cname")
    assert [seen.name for seen in report.servers if seen.is_authoritative] == ["ns.clients.agency.test"]


def test_a_report_from_an_older_version_is_still_read() -> None:
    assert Report.from_json({"routing": "cname", "servers": [], "gone": 1}).routing == "cname"


@pytest.mark.parametrize(
    ("records", "status", "problem"),
    [
        ([], "none", ""),
        (['0 issue "letsencrypt.org"'], "ok", ""),
        (['0 issue "LetsEncrypt.org; validationmethods=dns-01, HTTP-01"'], "ok", ""),
        (['0 issue "letsencrypt.org; accounturi=https://ca.test/acct/7"'], "ok", ""),
        (['0 issue "digicert.com"', '0 issue "letsencrypt.org"'], "ok", ""),
        (['0 issuewild "digicert.com"', '0 iodef "mailto:x@agency.test"'], "ok", ""),
        (['0 issue "digicert.com"'], "forbid", "issuer"),
        (['0 issue ";"'], "forbid", "issuer"),
        (['0 issue "evil-letsencrypt.org"'], "forbid", "issuer"),
        (['0 issue "letsencrypt.org; validationmethods=dns-01"'], "forbid", "parameters"),
        (['0 issue "letsencrypt.org; accounturi=https://ca.test/acct/8"'], "forbid", "parameters"),
        (['0 issue "letsencrypt.org"', '128 tbs "unknown"'], "forbid", "critical"),
    ],
)
def test_caa_is_judged_as_an_authority_would(rig: Rig, records: list[str], status: str, problem: str) -> None:
    AcmeAccount.objects.create(
        directory="https://ca.test/dir", url="https://ca.test/acct/7", sealed_key=b"", key_name="k"
    )
    rig.publish(HOST, ("A", EDGE))
    rig.publish(ZONE, *[("CAA", record) for record in records])
    report = rig.look()
    assert (report.caa, report.caa_problem, report.caa_at) == (status, problem, ZONE if records else "")
    assert report.is_good(needs_txt=False) == (status != "forbid")


def test_our_targets_caa_goes_before_the_customers_parent(rig: Rig) -> None:
    rig.publish(HOST, ("CNAME", TARGET))
    rig.publish(ZONE, ("CAA", '0 issue "digicert.com"'))
    report = rig.look()
    assert (report.caa, report.caa_at) == ("ok", TARGET)


def test_caa_that_cannot_be_asked_forbids_an_order(rig: Rig) -> None:
    rig.publish(HOST, ("A", EDGE))
    rig.fail(ZONE, "SERVFAIL", kind="CAA")
    report = rig.look()
    assert (report.caa, report.leads_here, report.is_good(needs_txt=False)) == ("error", True, False)


# --- servers that fail, lag, loop and lie ----------------------------------------------------------------------


@pytest.mark.parametrize("how", [how for how in ODD if how not in ("LAG", "EXTRA", "NXDOMAIN")])
def test_no_answer_at_the_source_says_nothing(rig: Rig, how: str) -> None:
    rig.publish(HOST, ("CNAME", TARGET))
    for zones in rig.source:
        zones.fail("*", how)
    began = time.monotonic()
    report = rig.look()
    assert time.monotonic() - began < BOUND
    assert report.could_not_ask and not report.leads_here and not report.points_to_target
    assert {seen.verdict for seen in report.servers if seen.is_authoritative} == {"failed"}


@pytest.mark.parametrize("how", [how for how in ODD if how not in ("LAG", "NXDOMAIN")])
def test_everything_failing_or_lying_ends_in_time(rig: Rig, how: str) -> None:
    rig.publish(HOST, ("A", "127.0.0.77"))
    rig.fail("*", how)
    began = time.monotonic()
    report = rig.look()
    assert time.monotonic() - began < BOUND
    assert not (report.leads_here or report.points_here_at_all or report.is_good(needs_txt=False))
    assert report.situations(needs_txt=True)


def test_one_dead_name_server_and_one_dead_resolver_do_not_matter(rig: Rig) -> None:
    rig.publish(HOST, ("CNAME", TARGET))
    rig.source[0].fail("*", "TIMEOUT")
    rig.caches[1].fail("*", "TIMEOUT")
    report = rig.look()
    assert report.leads_here and report.points_to_target
    assert [seen.rcode for seen in report.servers] == ["TIMEOUT", "NOERROR", "NOERROR", "TIMEOUT"]


def test_a_signature_error_at_every_resolver_says_nothing(rig: Rig) -> None:
    rig.publish(HOST, ("CNAME", TARGET))
    for zones in rig.caches:
        zones.fail(HOST, "SERVFAIL")
    assert rig.look().could_not_ask


def test_a_late_answer_is_waited_for(rig: Rig) -> None:
    rig.publish(HOST, ("CNAME", TARGET))
    rig.source[0].fail(HOST, "LAG", seconds=0.9)
    assert rig.look().leads_here


def test_everybody_late_ends_in_time(rig: Rig) -> None:
    rig.publish(HOST, ("A", "127.0.0.77"))
    rig.fail("*", "LAG", seconds=1.2)
    began = time.monotonic()
    report = rig.look()
    assert time.monotonic() - began < BOUND
    assert report.routing in ("a_elsewhere", "dns_down")


def test_forged_records_beside_the_answer_are_passed_over(rig: Rig) -> None:
    rig.publish(HOST, ("CNAME", TARGET))
    for zones in rig.source:
        zones.fail(HOST, "EXTRA")
    report = rig.look()
    assert report.leads_here
    assert "127.6.6.6" not in json.dumps(report.to_json())


def test_an_answer_about_another_name_is_none(rig: Rig) -> None:
    rig.publish(HOST, ("CNAME", TARGET))
    rig.source[0].fail(HOST, "OTHER_NAME", kind="A")
    seen = rig.look().servers[0]
    assert (seen.rcode, seen.verdict, seen.addresses) == ("OTHER_NAME", "failed", ())


def test_a_huge_answer_is_not_read_and_a_large_one_makes_a_small_report(rig: Rig) -> None:
    rig.publish(HOST, *[("A", f"127.5.{number}.1") for number in range(250)])
    rig.source[0].fail(HOST, "HUGE", kind="A")
    report = rig.look()
    assert (report.servers[0].rcode, report.routing) == ("TOO_LARGE", "a_elsewhere")
    assert len(json.dumps(report.to_json())) < 8000


def test_a_loop_of_cnames_is_named(rig: Rig) -> None:
    rig.publish(HOST, ("CNAME", "a.agency.test"))
    rig.publish("a.agency.test", ("CNAME", HOST))
    assert rig.look().routing == "cname_chain"


def test_a_loop_through_a_foreign_zone_is_named(rig: Rig) -> None:
    rig.publish(HOST, ("CNAME", "a.elsewhere.test"))
    for zones in rig.caches:
        zones.set("a.elsewhere.test", ("CNAME", HOST))
    assert rig.look().routing == "cname_chain"


def test_an_endless_chain_ends(rig: Rig) -> None:
    rig.publish(HOST, ("CNAME", "n0.agency.test"))
    for number in range(60):
        rig.publish(f"n{number}.agency.test", ("CNAME", f"n{number + 1}.agency.test"))
    report = rig.look()
    assert not report.leads_here
    assert report.routing in ("cname_chain", "cname_elsewhere")


def test_strangers_texts_fit_the_database(rig: Rig) -> None:
    rig.publish(f"_portal-verify.{HOST}", ("TXT", "a\x00b\x1b[31m\u202e" + "x" * 900))
    report = rig.look()
    assert (report.ownership, len(report.txt_found[0])) == ("wrong", 120)
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::jsonb", [json.dumps(report.to_json())])


def test_names_with_odd_octets_are_only_odd(rig: Rig) -> None:
    rig.publish(HOST, ("A", "127.0.0.77"))
    for zones in rig.everywhere:
        zones._zones[ZONE] = {
            "n\x00s.agency.test": "127.0.0.2",
            "a..b": "127.0.0.3",
            "x" * 70 + ".test": "::1",
        }
    assert rig.look().routing in ("a_elsewhere", "dns_down")


def test_name_servers_inside_our_network_are_not_asked(settings: Any, rig: Rig) -> None:
    for zones in rig.caches:
        zones.add_zone(ZONE, {"ns1.agency.test": "127.0.0.2", "ns2.agency.test": "10.0.0.5"})
    rig.publish(HOST, ("CNAME", TARGET))
    assert [seen.address for seen in rig.look().servers if seen.is_authoritative] == ["127.0.0.2"]
    settings.DNS_RESOLVERS = ["192.0.2.1"]
    inside = [
        "127.0.0.2",
        "10.0.0.5",
        "169.254.169.254",
        "::1",
        "fd00::1",
        "::ffff:10.0.0.1",
        "224.0.0.1",
        "0.0.0.0",
    ]
    assert not any(map(finding.may_be_asked, inside))
    assert finding.may_be_asked("1.1.1.1") and finding.may_be_asked("2606:4700::1111")


def test_random_octets_are_no_answer(rig: Rig) -> None:
    random.seed(1)
    rig.publish(HOST, ("CNAME", TARGET))
    rig.source[0].fail("*", "GARBAGE")
    report = rig.look()
    assert report.servers[0].has_failed and report.leads_here


def test_it_works_where_an_event_loop_is_running(rig: Rig) -> None:
    import asyncio

    rig.publish(HOST, ("CNAME", TARGET))

    async def inside() -> Report:
        from asgiref.sync import sync_to_async

        return await sync_to_async(rig.look)()

    assert asyncio.run(inside()).leads_here


def test_nobody_listening_says_nothing(rig: Rig, settings: Any) -> None:
    with serve("127.0.0.5") as gone:
        settings.DNS_RESOLVERS = [f"127.0.0.5:{gone.port}"]
    report = rig.look()
    assert report.could_not_ask and all(seen.has_failed for seen in report.servers)


@pytest.mark.parametrize(
    ("server", "provider"),
    [("ada.ns.cloudflare.com", "Cloudflare"), ("ns01.domaincontrol.com", "GoDaddy"),
     ("ns-1.awsdns-2.co.uk", "AWS Route 53"),
     ("dns1.registrar-servers.com", "Namecheap"), ("curitiba.ns.porkbun.com", "Porkbun"), ("ns1.agency.test", "")],
)  # fmt: skip
def test_the_provider_is_told_from_its_name_servers(server: str, provider: str) -> None:
    assert providers.of([server]) == provider
