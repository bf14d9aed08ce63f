"""Claims in every state of their life, as rows: for the pages' tests and for looking at the pages."""

from datetime import timedelta
from typing import Any

from kit import clock
from tenants.agencies.models import Agency
from tenants.certificates.models import Bundle
from tenants.domains import targets
from tenants.domains.models import SERVING, Domain, DomainEvent, DomainState, Target, TxtReason
from tenants.domains.report import Report, Seen

S = DomainState
EDGE = "203.0.113.7"


def seen(verdict: str, name: str = "", address: str = "192.0.2.53", **values: Any) -> Seen:
    """One server's answer."""
    usual: dict[str, Any] = {"rcode": "NOERROR", "chain": (), "addresses": (), "ttl": 300, "has_proof": False}
    return Seen(address, name, is_authoritative=bool(name), verdict=verdict, **usual | values)


def wrong_report(zone: str, agency_id: int) -> Report:
    """The provider added the zone at the end of the value, and an old address stands beside it."""
    typed = f"{targets.of(agency_id)}.{zone}"
    servers = (
        seen("appended", "ns11.domaincontrol.com", chain=(typed,)),
        seen("failed", "ns12.domaincontrol.com", rcode="TIMEOUT", has_proof=None),
        seen("cname_elsewhere", address="1.1.1.1", chain=(typed,), addresses=("198.51.100.20",)),
        seen("failed", address="8.8.8.8", rcode="SERVFAIL", has_proof=None),
    )
    return Report(
        routing="cname_appended_zone",
        host=f"portal.{zone}",
        servers=servers,
        zone=zone,
        provider="GoDaddy",
        stale_aaaa=("2001:db8::7",),
    )


def good_report(zone: str) -> Report:
    """Everything leads here."""
    servers = (
        seen("cname", "ada.ns.cloudflare.com", chain=("k7m2q9w4x8zt.to.portico.example",), addresses=(EDGE,)),
        seen("cname", address="1.1.1.1", chain=("k7m2q9w4x8zt.to.portico.example",), addresses=(EDGE,)),
    )
    return Report(routing="cname", host=f"portal.{zone}", servers=servers, zone=zone, provider="Cloudflare")


def make_claim(agency_id: int, host: str, state: str = S.PENDING_DNS, **values: Any) -> Domain:
    """A claim with its target, a certificate where it serves, and the beginning of its timeline."""
    now = clock.now()
    Target.objects.get_or_create(agency_id=agency_id)
    usual = {"claimed_by": "alice@northwind.example", "next_try_at": now + timedelta(minutes=4)}
    if state in SERVING:
        usual |= {"verified_at": now - timedelta(days=3)}
        make_bundle(host)
    domain = Domain.objects.create(agency_id=agency_id, host=host, state=state, **usual | values)
    DomainEvent.objects.create(domain=domain, kind="claimed", actor="alice@northwind.example")
    return domain


def make_bundle(host: str, *, days: float = 58) -> Bundle:
    """A certificate that lasts so many days more. Its bytes are none."""
    now = clock.now()
    end = now + timedelta(days=days)
    dates = {"not_before": now - timedelta(days=6), "not_after": end, "renew_at": now + (end - now) * 2 / 3}
    row = {"sealed": b"x", "key_name": "k1", "serial": "0a1b2c", **dates}
    return Bundle.objects.update_or_create(host=host, defaults=row)[0]


def one_of_each(agency: Agency) -> dict[str, Domain]:
    """A claim in every state there is, and the forks of those that have some; by a name for each."""
    now, looked = clock.now(), {"checked_at": clock.now() - timedelta(seconds=40)}
    wrong = {"report": wrong_report("northwind.com", agency.pk).to_json(), **looked}
    right = {"report": good_report("northwind.com").to_json(), **looked}
    apex = {"report": wrong_report("northwind.studio", agency.pk).to_json(), **looked}
    unwell = {
        "problem": "rateLimited",
        "problem_detail": "too many certificates (50) already issued",
        "attempts": 2,
    }
    rows: dict[str, tuple[str, str, dict[str, Any]]] = {
        "fresh": ("portal.northwind.com", S.PENDING_DNS, {"next_try_at": now}),
        "wrong": ("portal.northwind-studio.com", S.PENDING_DNS, wrong),
        "txt": ("clients.northwind.design", S.PENDING_DNS, {"txt_reason": TxtReason.PAST_OWNER, **right}),
        "apex": ("northwind.studio", S.PENDING_DNS, apex | {"txt_reason": TxtReason.BY_ADDRESS}),
        "verified": ("verified.northwind.com", S.VERIFIED, right),
        "issuing": ("issuing.northwind.com", S.ISSUING, right),
        "issue_retry": ("retry.northwind.com", S.ISSUE_RETRY, right | unwell),
        "deploying": ("deploying.northwind.com", S.DEPLOYING, right),
        "active": ("active.northwind.com", S.ACTIVE, {"next_try_at": now + timedelta(hours=20), **right}),
        "grace": (
            "grace.northwind.com", S.ACTIVE,
            {"grace_until": now + timedelta(days=9), "next_try_at": now + timedelta(hours=9), **right},
        ),
        "degraded": ("degraded.northwind.com", S.DEGRADED, {"bad_since": now - timedelta(days=2), **wrong}),
        "blocked": (
            "blocked.northwind.com", S.BLOCKED,
            {"problem": "rejectedIdentifier", "problem_detail": "The ACME server refuses to issue for this name"},
        ),
        "umlaut": ("xn--mnchen-3ya.example", S.ACTIVE, {"next_try_at": now + timedelta(hours=3), **right}),
        "released": ("released.northwind.com", S.RELEASED, {"next_try_at": None}),
        "expired": ("expired.northwind.com", S.EXPIRED, {"next_try_at": None}),
        "removed": ("removed.northwind.com", S.REMOVED, {"next_try_at": None}),
    }  # fmt: skip
    return {
        name: make_claim(agency.pk, host, state, **{"is_primary": name == "active"} | values)
        for name, (host, state, values) in rows.items()
    }
