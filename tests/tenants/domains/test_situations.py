"""Each of the eighteen situations over real DNS: named, and explained so that somebody can act upon it."""

from collections.abc import Iterator
from typing import Any

import pytest

from tenants.domains.advice import ADVICE
from tenants.domains.advice_case import how_long, listed
from tenants.domains.report import Report
from tenants.domains.situations import SITUATIONS, Explained, Record, explain
from tests.tenants.domains.dns_rig import EDGE, EDGE_6, HOST, OTHERS_TARGET, PROOF, TARGET, ZONE, Rig, running

pytestmark = pytest.mark.django_db
CNAME = [Record("CNAME", HOST, TARGET)]
TXT = [Record("TXT", f"_portal-verify.{HOST}", PROOF)]


@pytest.fixture
def rig(settings: Any) -> Iterator[Rig]:
    with running(settings) as started:
        yield started


def told(report: Report, *, needs_txt: bool = False, host: str = HOST) -> list[Explained]:
    explained = explain(report, host=host, target=TARGET, proof=PROOF, needs_txt=needs_txt)
    for one in explained:
        for words in (one.title, one.found, one.fix):
            assert words.strip() and "  " not in words and "None" not in words and "()" not in words
    return explained


def first(rig: Rig, code: str, *, needs_txt: bool = False, host: str = HOST) -> Explained:
    explained = told(rig.look(host), needs_txt=needs_txt, host=host)
    assert explained[0].code == code
    return explained[0]


def test_there_are_eighteen_each_with_its_words() -> None:
    assert len(SITUATIONS) == 18
    assert list(SITUATIONS) == list(ADVICE)
    assert all(situation.code == code and situation.title for code, situation in SITUATIONS.items())


def test_all_is_well_needs_no_words(rig: Rig) -> None:
    rig.publish(HOST, ("CNAME", TARGET))
    assert told(rig.look()) == []


def test_no_record(rig: Rig) -> None:
    one = first(rig, "no_record")
    assert one.found.startswith(f"{HOST} has no record at your name servers.")
    assert "want only “portal”" in one.fix
    assert one.records == CNAME


def test_cname_elsewhere(rig: Rig) -> None:
    rig.publish(HOST, ("CNAME", "sites.other.test"))
    for zones in rig.caches:
        zones.set("sites.other.test", ("A", "127.0.0.77"))
    one = first(rig, "cname_elsewhere")
    assert one.found == "We found a CNAME to sites.other.test."
    assert one.fix == f"Change its value to {TARGET} at your DNS provider."
    assert one.records == CNAME


def test_cname_to_nothing(rig: Rig) -> None:
    rig.publish(HOST, ("CNAME", "gone.other.test"))
    assert first(rig, "cname_elsewhere").found == "We found a CNAME to gone.other.test."


def test_cname_to_another_agencys_target(rig: Rig) -> None:
    rig.publish(HOST, ("CNAME", OTHERS_TARGET))
    one = first(rig, "cname_elsewhere")
    assert OTHERS_TARGET in one.found and "another portal's" in one.found and TARGET in one.fix


def test_cname_appended_zone(rig: Rig) -> None:
    rig.publish(HOST, ("CNAME", f"{TARGET}.{ZONE}"))
    one = first(rig, "cname_appended_zone")
    assert f"{TARGET}.{ZONE}" in one.found and ZONE in one.found
    assert one.fix.endswith(f"with a dot at the end: {TARGET}.")
    assert one.records == [Record("CNAME", HOST, f"{TARGET}.")]


def test_name_with_the_zone_appended(rig: Rig) -> None:
    rig.publish(f"{HOST}.{ZONE}", ("CNAME", TARGET))
    one = first(rig, "cname_appended_zone")
    assert f"{HOST}.{ZONE}" in one.found
    assert "type only “portal”" in one.fix


def test_alias_works(rig: Rig) -> None:
    rig.publish(HOST, ("A", EDGE), ("AAAA", EDGE_6))
    one = first(rig, "alias_works")
    assert one.is_note and EDGE in one.found and one.fix.startswith("This record can stay as it is.")


def test_a_mixed(rig: Rig) -> None:
    rig.publish(HOST, ("A", EDGE), ("A", "127.0.0.77"))
    one = first(rig, "a_mixed")
    assert one.found == f"We found {EDGE}, which is ours, and 127.0.0.77, which is not."
    assert "Remove the A record of “portal” with the value 127.0.0.77" in one.fix
    assert one.records == [Record("A", HOST, EDGE)]


def test_a_elsewhere(rig: Rig) -> None:
    rig.publish(HOST, ("A", "127.0.0.77"))
    one = first(rig, "a_elsewhere")
    assert one.found == "We found an A record with the value 127.0.0.77, which is not ours."
    assert "Remove the A record of “portal”" in one.fix and "add the CNAME below" in one.fix
    assert one.records == CNAME


def test_a_elsewhere_at_the_domain_itself_offers_addresses(rig: Rig) -> None:
    rig.publish(ZONE, ("A", "127.0.0.77"))
    one = first(rig, "a_elsewhere", host=ZONE)
    assert "cannot have a CNAME" in one.fix
    assert one.records == [Record("A", ZONE, EDGE), Record("AAAA", ZONE, EDGE_6)]


def test_cloudflare_proxied(rig: Rig) -> None:
    rig.publish(HOST, ("A", "104.21.5.6"), ("A", "172.67.8.9"), ("AAAA", "2606:4700::6815:506"))
    explained = told(rig.look())
    assert [one.code for one in explained] == ["cloudflare_proxied"]
    assert "104.21.5.6 and 172.67.8.9" in explained[0].found and "orange cloud" in explained[0].found
    assert "grey cloud (“DNS only”)" in explained[0].fix and "“portal”" in explained[0].fix
    assert explained[0].records == CNAME


def test_stale_aaaa(rig: Rig) -> None:
    rig.publish(HOST, ("A", EDGE), ("AAAA", "2001:db8::77"))
    report = rig.look()
    assert not report.leads_here and not report.is_good(needs_txt=False)
    one = told(report)[0]
    assert (one.code, "2001:db8::77" in one.found) == ("stale_aaaa", True)
    assert "Remove the AAAA record of “portal”" in one.fix


def test_an_aaaa_that_only_caches_remember_does_not_matter(rig: Rig) -> None:
    rig.publish(HOST, ("A", EDGE))
    for zones in rig.caches:
        zones.set(HOST, ("A", EDGE), ("AAAA", "2001:db8::77"))
    assert rig.look().stale_aaaa == ()


def test_caa_forbids(rig: Rig) -> None:
    rig.publish(HOST, ("A", EDGE))
    rig.publish(ZONE, ("CAA", '0 issue "digicert.com"'))
    one = first(rig, "caa_forbids")
    assert f'{ZONE} has the CAA record 0 issue "digicert.com"' in one.found
    assert one.records == [Record("CAA", ZONE, '0 issue "letsencrypt.org"')]


def test_caa_that_nobody_knows(rig: Rig) -> None:
    rig.publish(HOST, ("A", EDGE))
    rig.publish(ZONE, ("CAA", '128 tbs "x"'))
    one = first(rig, "caa_forbids")
    assert "critical" in one.found and "begins with 128" in one.fix


def test_caa_of_a_wrong_cnames_target_is_not_the_agencys_to_mend(rig: Rig) -> None:
    rig.publish(HOST, ("CNAME", "sites.other.test"))
    for zones in rig.caches:
        zones.set("sites.other.test", ("A", "127.0.0.77"), ("CAA", '0 issue "digicert.com"'))
    assert [one.code for one in told(rig.look())] == ["cname_elsewhere"]


def test_caa_parameters(rig: Rig) -> None:
    rig.publish(HOST, ("A", EDGE))
    rig.publish(ZONE, ("CAA", '0 issue "letsencrypt.org; validationmethods=dns-01"'))
    one = first(rig, "caa_parameters")
    assert "validationmethods=dns-01" in one.found
    assert one.records == [Record("CAA", ZONE, '0 issue "letsencrypt.org"')]


def test_propagating_says_how_long(rig: Rig) -> None:
    rig.publish(HOST, ("CNAME", TARGET))
    rig.caches[1].set(HOST, ("CNAME", "sites.old.test"), ttl=7000)
    one = first(rig, "propagating")
    assert one.found == "Your name servers are right. 127.0.0.4 still answers with a CNAME to sites.old.test."
    assert "up to 2 hours more (its TTL)" in one.fix


def test_partial(rig: Rig) -> None:
    rig.publish(HOST, ("CNAME", TARGET))
    rig.source[1].set(HOST, ("A", "127.0.0.77"), ttl=600)
    one = first(rig, "partial")
    assert one.found == "ns1.agency.test leads here. ns2.agency.test answers with 127.0.0.77."
    assert "10 minutes" in one.fix and "ns2.agency.test too" in one.fix


def test_dns_down(rig: Rig) -> None:
    rig.publish(HOST, ("CNAME", TARGET))
    rig.source[0].fail("*", "SERVFAIL")
    rig.source[1].fail("*", "TIMEOUT")
    one = first(rig, "dns_down", needs_txt=True)
    assert (
        "ns1.agency.test answered with an error (SERVFAIL). ns2.agency.test did not answer in time."
        in one.found
    )
    assert "says nothing against your records" in one.fix


def test_dns_that_only_resolvers_refuse_hints_at_dnssec(rig: Rig) -> None:
    rig.publish(HOST, ("CNAME", TARGET))
    for zones in rig.caches:
        zones.fail(HOST, "SERVFAIL")
    one = first(rig, "dns_down")
    assert "Your name servers are right" in one.found and "DNSSEC" in one.fix


def test_txt_missing(rig: Rig) -> None:
    rig.publish(HOST, ("CNAME", TARGET))
    one = first(rig, "txt_missing", needs_txt=True)
    assert one.found == f"There is no TXT record _portal-verify.{HOST} yet."
    assert "its Name is “_portal-verify.portal”" in one.fix
    assert one.records == TXT


def test_txt_missing_at_one_name_server(rig: Rig) -> None:
    rig.publish(HOST, ("CNAME", TARGET))
    rig.source[0].set(f"_portal-verify.{HOST}", ("TXT", PROOF))
    assert "at ns2.agency.test yet; others have it" in first(rig, "txt_missing", needs_txt=True).found


def test_txt_with_the_zone_appended(rig: Rig) -> None:
    rig.publish(HOST, ("CNAME", TARGET))
    rig.publish(f"_portal-verify.{HOST}.{ZONE}", ("TXT", PROOF))
    one = first(rig, "txt_missing", needs_txt=True)
    assert f"_portal-verify.{HOST}.{ZONE}" in one.found and "type only “_portal-verify.portal”" in one.fix


def test_txt_wrong(rig: Rig) -> None:
    rig.publish(HOST, ("CNAME", TARGET))
    rig.publish(f"_portal-verify.{HOST}", ("TXT", "pv1-another"))
    one = first(rig, "txt_wrong", needs_txt=True)
    assert "“pv1-another”" in one.found and PROOF in one.fix
    assert one.records == TXT


def test_a_txt_that_could_not_be_asked_is_not_called_missing(rig: Rig) -> None:
    rig.publish(HOST, ("CNAME", TARGET))
    rig.fail(f"_portal-verify.{HOST}", "REFUSED")
    (one,) = told(rig.look(), needs_txt=True)
    assert (one.code, f"TXT record _portal-verify.{HOST}" in one.found) == ("dns_down", True)


def test_wildcard(rig: Rig) -> None:
    rig.publish(f"*.{ZONE}", ("CNAME", TARGET))
    explained = told(rig.look(), needs_txt=True)
    assert [one.code for one in explained] == ["txt_missing", "wildcard"]
    assert explained[0].found == f"There is no TXT record _portal-verify.{HOST} yet."
    assert f"*.{ZONE} answers for every name" in explained[1].found
    assert explained[1].records == TXT


def test_a_wildcard_that_leads_elsewhere_can_stay(rig: Rig) -> None:
    rig.publish(f"*.{ZONE}", ("A", "127.0.0.77"))
    one = first(rig, "a_elsewhere")
    assert f"the answer comes from *.{ZONE}: leave that" in one.fix


def test_cname_chain(rig: Rig) -> None:
    rig.publish(HOST, ("CNAME", f"www.{ZONE}"))
    rig.publish(f"www.{ZONE}", ("CNAME", TARGET))
    report = rig.look()
    assert report.leads_here and report.points_to_target
    one = told(report)[0]
    assert (one.code, one.is_note) == ("cname_chain", True)
    assert f"{HOST} → www.{ZONE} → {TARGET}" in one.found


def test_cname_chain_in_a_circle(rig: Rig) -> None:
    rig.publish(HOST, ("CNAME", f"www.{ZONE}"))
    rig.publish(f"www.{ZONE}", ("CNAME", HOST))
    one = first(rig, "cname_chain")
    assert "circle" in one.found and f"{HOST} → www.{ZONE} → {HOST}" in one.found
    assert not one.is_note and one.records == CNAME


def test_no_zone(rig: Rig) -> None:
    one = first(rig, "no_zone", host="portal.never-bought.test")
    assert one.found == "The DNS knows no domain never-bought.test."
    assert "registered, not expired" in one.fix


def test_the_provider_is_named(rig: Rig) -> None:
    for zones in rig.everywhere:
        zones.add_zone(ZONE, {"ada.ns.cloudflare.com": "127.0.0.2", "bob.ns.cloudflare.com": "127.0.0.3"})
    rig.publish(HOST, ("CNAME", "sites.other.test"))
    report = rig.look()
    assert report.provider == "Cloudflare"
    assert told(report)[0].fix == f"Change its value to {TARGET} at Cloudflare."


def test_a_name_with_umlauts_is_shown_as_people_write_it(rig: Rig) -> None:
    host = "xn--bro-hoa.agency.test"
    one = first(rig, "no_record", host=host)
    assert one.found.startswith("büro.agency.test") and one.records == [Record("CNAME", host, TARGET)]


def test_durations_and_lists_read_like_words() -> None:
    assert [how_long(seconds) for seconds in (0, 1, 60, 61, 3600, 3601, 86400, 90000)] == [
        "1 minute", "1 minute", "1 minute", "2 minutes", "1 hour", "2 hours", "1 day", "2 days",
    ]  # fmt: skip
    assert [listed("a"), listed("ab"), listed("abc"), listed("abcdef")] == [
        "a", "a and b", "a, b and c", "a, b, c and 3 more",
    ]  # fmt: skip
