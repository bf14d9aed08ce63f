"""What happened to a claim, in words that staff and operators read."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from tenants.domains.models import Domain, DomainEvent, TxtReason
from tenants.domains.situations import SITUATIONS

Words = Callable[[dict[str, Any]], str]


def record(domain: Domain, kind: str, actor: str = "", **details: Any) -> DomainEvent:
    """Write down that something happened; part of the caller's transaction. Details are JSON values."""
    if kind not in SENTENCES:
        raise KeyError(f"the timeline has no words for {kind}")
    return DomainEvent.objects.create(domain=domain, kind=kind, actor=actor, details=details)


def sentence(event: DomainEvent) -> str:
    """One sentence for staff. What it says of people is on `event.actor`."""
    words = SENTENCES.get(event.kind)
    return words(event.details) if words else event.kind.replace("_", " ").capitalize() + "."


def _day(details: dict[str, Any], key: str) -> str:
    moment = datetime.fromisoformat(details[key]) if details.get(key) else None
    return f"{moment.day} {moment:%B %Y}" if moment else "an unknown day"


def _why_txt(details: dict[str, Any]) -> str:
    reason = details.get("reason") or ""
    label = TxtReason(reason).label if reason in TxtReason.values else "somebody else might claim it"
    return f"{label[:1].lower()}{label[1:]}"


def _claimed(details: dict[str, Any]) -> str:
    if not details.get("reason"):
        return "Claimed."
    return f"Claimed. A TXT record is needed, too: {_why_txt(details)}."


def _checked(details: dict[str, Any]) -> str:
    titles = [SITUATIONS[code].title for code in details.get("codes") or [] if code in SITUATIONS]
    return f"DNS checked: {'; '.join(titles)}." if titles else "DNS checked: all is right."


def _failed(details: dict[str, Any]) -> str:
    said = details.get("detail") or details.get("code") or "it gave no reason"
    return f"The certificate authority refused: {said.rstrip('.')}."


def _postponed(details: dict[str, Any]) -> str:
    why = str(details.get("detail") or details.get("code") or "the certificate authority is busy")
    return f"The certificate has to wait: {why.rstrip('.')}."


def _released(details: dict[str, Any]) -> str:
    why = {
        "moved": "its DNS had led elsewhere for seven days",
        "plan": "the plan no longer includes a domain of your own",
        "agency_gone": "the agency is gone",
    }.get(details.get("reason", ""), "its owner changed")
    return f"Released: {why}. The portal answers on its default address."


def _told(details: dict[str, Any]) -> str:
    return f"We wrote to {details.get('people') or 'nobody'}: “{details.get('subject', '')}”."


def _blocked(details: dict[str, Any]) -> str:
    by = "by our team" if details.get("by_operator") else "by the certificate authority"
    reason = (details.get("reason") or details.get("detail") or "").rstrip(".")
    return f"Blocked {by}{': ' + reason if reason else ''}."


def _plain(words: str) -> Words:
    return lambda _details: words


SENTENCES: dict[str, Words] = {
    "claimed": _claimed,
    "txt_needed": lambda d: f"From now on a TXT record is needed: {_why_txt(d)}.",
    "checked": _checked,
    "verified": lambda d: f"Verified {'by the TXT record' if d.get('by') == 'txt' else 'by the CNAME'}.",
    "took_over": _plain("Verified by the TXT record; the name was taken over from another agency."),
    "lost": _plain("Another agency proved by its TXT record that the name is theirs. It was released here."),
    "contested": _plain("Another agency's TXT record is still in the DNS beside yours: remove it there."),
    "issuing": _plain("Asked the certificate authority for a certificate."),
    "issued": lambda d: f"Certificate issued, valid until {_day(d, 'not_after')}.",
    "renewed": lambda d: f"Certificate renewed, valid until {_day(d, 'not_after')}.",
    "renewal_failed": lambda d: (
        f"The renewal has to wait ({d.get('code') or 'no reason given'}). It is tried again."
    ),
    "issue_failed": _failed,
    "postponed": _postponed,
    "dns_changed": _plain("DNS has changed before the certificate was there: back to the records."),
    "certificate_lost": _plain("The certificate is missing: a new one is asked for."),
    "slow_edge": _plain("Our servers take longer than usual to install the certificate."),
    "active": _plain("Active: the portal answers here with a certificate."),
    "degraded": _plain("DNS no longer leads here."),
    "recovered": _plain("DNS leads here again."),
    "released": _released,
    "expired": _plain("Expired: its DNS was not set up within 30 days."),
    "removed": _plain("Removed."),
    "plan_ended": _plain("The claim ended: the plan does not include a domain of your own."),
    "agency_gone": _plain("The claim ended with the agency."),
    "blocked": _blocked,
    "unblocked": _plain("Unblocked; its DNS is checked anew."),
    "primary": _plain("Made the portal's main address."),
    "grace_started": lambda d: f"The plan no longer includes this domain: it stays until {_day(d, 'until')}.",
    "grace_ended": _plain("The plan includes this domain again: it stays."),
    "told": _told,
}
