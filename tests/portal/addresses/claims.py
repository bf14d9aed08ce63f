"""Claims in every state of their life, as rows: for the pages' tests and for looking at the pages."""

from datetime import timedelta
from typing import Any

from kit import clock
from tenants.agencies.models import Agency
from tenants.certificates.models import Bundle
from tenants.domains.diagnosis import Report
from tenants.domains.models import SERVING, Domain, DomainEvent, DomainState, Target, TxtReason

S = DomainState
TARGET_KEY = "k7m2q9w4x8zt"


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


def one_of_each(agency: Agency, report: Report, good: Report) -> dict[str, Domain]:
    """A claim in every state there is, and the forks of those that have some; by a name for each."""
    now, looked = clock.now(), {"checked_at": clock.now() - timedelta(seconds=40)}
    wrong = {"report": report.to_json(), **looked}
    right = {"report": good.to_json(), **looked}
    unwell = {"problem": "rateLimited", "problem_detail": "too many certificates (50) already issued", "attempts": 2}
    rows: dict[str, tuple[str, str, dict[str, Any]]] = {
        "fresh": ("portal.northwind.com", S.PENDING_DNS, {"next_try_at": now}),
        "wrong": ("portal.northwind-studio.com", S.PENDING_DNS, wrong),
        "txt": ("clients.northwind.design", S.PENDING_DNS, {"txt_reason": TxtReason.PAST_OWNER, **right}),
        "apex": ("northwind.studio", S.PENDING_DNS, wrong),
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
        name: make_claim(agency.pk, host, state, **{"is_primary": name == "active"} | values) for name, (host, state, values) in rows.items()
    }
