"""The eighteen situations of DNS, each made on real name servers: is it named, and does it cost an order?"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bench.domain_rig import ADDRESS, ELSEWHERE, LAGGING, Rig

CLOUDFLARE, STALE = "104.16.0.9", "2001:db8::5"
OTHER_CA = '0 issue "other-ca.example"'
CONDITION = '0 issue "demo-ca.localhost; validationmethods=dns-01"'
Make = Callable[[Rig, str, str], None]


@dataclass(frozen=True)
class Made:
    """One situation: its code, how its DNS is made (rig, host, target), whether the name must not be issued for."""

    code: str
    make: Make
    is_wrong: bool = True
    needs_txt: bool = False


def _records(*records: tuple[str, str]) -> Make:
    return lambda rig, host, target: rig.say(
        host, *((kind, value.format(target=target, zone=host.partition(".")[2])) for kind, value in records)
    )


def _propagating(rig: Rig, host: str, target: str) -> None:
    rig.say(host, ("CNAME", target))
    rig.resolver.set(host, ("A", ELSEWHERE))


def _partial(rig: Rig, host: str, target: str) -> None:
    rig.say(host, ("CNAME", target))
    rig.ns2.set(host, ("A", ELSEWHERE))


def _chain(rig: Rig, host: str, target: str) -> None:
    alias = f"alias.{host.partition('.')[2]}"
    rig.say(alias, ("CNAME", target))
    rig.say(host, ("CNAME", alias))


def _wildcard(rig: Rig, host: str, target: str) -> None:
    rig.say(f"*.{host.partition('.')[2]}", ("CNAME", target))


def _txt(value: str) -> Make:
    def make(rig: Rig, host: str, target: str) -> None:
        rig.say(host, ("CNAME", target))
        if value:
            rig.say(f"_portal-verify.{host}", ("TXT", value))

    return make


def _down(rig: Rig, host: str, target: str) -> None:
    rig.say(host, ("CNAME", target))
    rig.fail(host, "SERVFAIL")


def _no_zone(rig: Rig, host: str, target: str) -> None:
    for zones in (rig.ns1, rig.ns2, rig.resolver):
        zones.remove_zone(host.partition(".")[2])


SITUATIONS = (
    Made("no_record", lambda rig, host, target: None),
    Made("cname_elsewhere", _records(("CNAME", "sites.other.test"))),
    Made("cname_appended_zone", _records(("CNAME", "{target}.{zone}"))),
    Made("alias_works", _records(("A", ADDRESS)), is_wrong=False),
    Made("a_mixed", _records(("A", ADDRESS), ("A", ELSEWHERE))),
    Made("a_elsewhere", _records(("A", ELSEWHERE))),
    Made("cloudflare_proxied", _records(("A", CLOUDFLARE))),
    Made("stale_aaaa", _records(("A", ADDRESS), ("AAAA", STALE))),
    Made("caa_forbids", _records(("A", ADDRESS), ("CAA", OTHER_CA))),
    Made("caa_parameters", _records(("A", ADDRESS), ("CAA", CONDITION))),
    Made("propagating", _propagating),
    Made("partial", _partial),
    Made("dns_down", _down),
    Made("txt_missing", _txt(""), needs_txt=True),
    Made("txt_wrong", _txt("pv1-of-somebody-else"), needs_txt=True),
    Made("wildcard", _wildcard, needs_txt=True),
    Made("cname_chain", _chain, is_wrong=False),
    Made("no_zone", _no_zone),
)
assert len({one.code for one in SITUATIONS}) == len(SITUATIONS) == 18
assert ADDRESS != LAGGING


def hosts() -> Iterable[tuple[Made, str]]:
    """Each situation with a name in a zone of its own."""
    return [(one, f"portal.{one.code.replace('_', '-')}.test") for one in SITUATIONS]
