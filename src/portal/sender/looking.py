"""A look at the DNS of a sending domain: the zone's own name servers first, public resolvers where those pass on.

Asked by the same code as portals' own domains. A question without an answer says nothing about a record.
"""

import asyncio
import re

from django.conf import settings

from portal.sender.models import SenderDomain
from portal.sender.records import GOOD, LONGEST_FOUND, MISSING, UNKNOWN, WRONG, Finding, Record, wanted
from tenants.domains.answers import Reply
from tenants.domains.asking import Asker
from tenants.domains.finding import Zone, find_zone, resolvers
from tenants.domains.names import registered_domain

SECONDS = 8.0
TAG = re.compile(r"\s*([a-zA-Z]+)\s*=\s*([^;]*)")


def look(domain: SenderDomain) -> dict[str, Finding]:
    """What stands in the DNS now, by record; at most eight seconds."""
    return asyncio.run(_look(domain))


async def _look(domain: SenderDomain) -> dict[str, Finding]:
    asker = Asker(SECONDS)
    zone = await find_zone(asker, domain.domain)
    if zone.is_missing:
        bought = registered_domain(domain.domain)
        words = f"The DNS knows no domain {bought}. Check the spelling, and that it is registered."
        return {record.key: Finding(MISSING, words) for record in wanted(domain)}
    found = await asyncio.gather(*[_judged(asker, zone, record, domain) for record in wanted(domain)])
    return {record.key: finding for record, finding in zip(wanted(domain), found, strict=True)}


async def _judged(asker: Asker, zone: Zone, record: Record, domain: SenderDomain) -> Finding:
    reply = await _ask(asker, zone, record.name, record.kind)
    if record.key == "dmarc" and reply.is_answer and not _of_version(reply, "v=DMARC1"):
        # Without one of its own, the one of the registered domain counts (RFC 7489 §6.6.3).
        reply = await _ask(asker, zone, f"_dmarc.{registered_domain(domain.domain)}", "TXT")
    if not reply.is_answer:
        return Finding(UNKNOWN, "The name servers did not answer. This says nothing against the record.")
    judge = {"dkim": _dkim, "mx": _mx, "spf": _spf, "dmarc": _dmarc}[record.key]
    return judge(reply, record)


async def _ask(asker: Asker, zone: Zone, name: str, kind: str) -> Reply:
    if zone.servers:
        reply = await asker.first(zone.servers, name, kind)
        # A name server speaks for its own zone only: where a CNAME leads out of it, resolvers go on.
        if reply.is_answer and (reply.records or not reply.chain):
            return reply
    return await asker.first(resolvers(), name, kind)


def _dkim(reply: Reply, record: Record) -> Finding:
    texts = _of_version(reply, "v=DKIM1") or [text for text in _texts(reply) if "p=" in text]
    if not texts:
        return _missing(reply, record)
    if len(texts) > 1:
        return Finding(WRONG, f"{record.name} has {len(texts)} DKIM records. Leave only the one below.")
    tags = {name.lower(): "".join(value.split()) for name, value in TAG.findall(texts[0])}
    key = "".join(record.value.partition("p=")[2].split())
    if tags.get("p", "") == key and tags.get("k", "rsa") == "rsa" and "y" not in tags.get("t", "").split(":"):
        return Finding(GOOD, "The key is there.")
    if tags.get("p") == "":
        return Finding(WRONG, "The key has been withdrawn: the record has no value after p=. Put it back.")
    if key.startswith(tags.get("p", "")) and len(tags.get("p", "")) > 100:
        return Finding(
            WRONG,
            "The key is cut off. Some providers take only 255 characters a line: paste the value again, or split "
            "it into two parts in quotes.",
        )
    return Finding(WRONG, "Another key stands there. Replace the value by the one below.")


def _mx(reply: Reply, record: Record) -> Finding:
    targets = [text.split()[-1].rstrip(".").lower() for text in _texts(reply) if text.split()]
    if not targets:
        return _missing(reply, record)
    if settings.INTAKE_HOST in targets:
        others = [target for target in targets if target != settings.INTAKE_HOST]
        if not others:
            return Finding(GOOD, "Reports come to us.")
        return Finding(
            WRONG, f"It also leads to {_some(others)}. Remove that record: reports would get lost there."
        )
    return Finding(WRONG, f"It leads to {_some(targets)}. Change it to {settings.INTAKE_HOST}.")


def _spf(reply: Reply, record: Record) -> Finding:
    texts = _of_version(reply, "v=spf1")
    if not texts:
        return _missing(reply, record)
    if len(texts) > 1:
        return Finding(WRONG, "There are two SPF records, and with two none counts. Merge them into one.")
    terms = texts[0].lower().split()
    if f"include:{settings.MAIL_SPF}" in terms or f"+include:{settings.MAIL_SPF}" in terms:
        return Finding(GOOD, "Our servers may send for it.")
    return Finding(
        WRONG, f"It does not name our servers: add include:{settings.MAIL_SPF} before the last word."
    )


def _dmarc(reply: Reply, record: Record) -> Finding:
    texts = _of_version(reply, "v=DMARC1")
    if not texts:
        return Finding(MISSING, "There is none. Large mail providers want one from whoever sends many mails.")
    tags = {name.lower(): value.strip().lower() for name, value in TAG.findall(texts[0])}
    if len(texts) > 1 or tags.get("p") not in ("none", "quarantine", "reject"):
        return Finding(
            WRONG,
            f"It cannot be read: “{texts[0][:LONGEST_FOUND]}”. There must be one, with p=none or stricter.",
        )
    return Finding(GOOD, f"It says p={tags['p']}. Our signature fits it.")


def _missing(reply: Reply, record: Record) -> Finding:
    others = _texts(reply)
    if others:
        return Finding(MISSING, f"Only something else stands at {record.name}: “{_some(others)}”.")
    return Finding(
        MISSING, f"There is no {record.kind} record at {record.name}. A new one can take an hour to be seen."
    )


def _of_version(reply: Reply, version: str) -> list[str]:
    return [text for text in _texts(reply) if text.replace(" ", "").lower().startswith(version.lower())]


def _texts(reply: Reply) -> list[str]:
    return [text.strip().strip('"').strip() for text in reply.texts()]


def _some(values: list[str]) -> str:
    return ", ".join(values)[:LONGEST_FOUND]
