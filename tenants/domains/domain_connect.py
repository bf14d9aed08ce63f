"""Domain Connect: the DNS provider sets our records itself after one click (domainconnect.org, version 2.2).

The zone's `_domainconnect` TXT record names the provider's settings; the provider knows our template
(infra/domain_connect) under settings.DOMAIN_CONNECT_PROVIDER and DOMAIN_CONNECT_SERVICE.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from django.conf import settings

from tenants.domains.answers import printable
from tenants.domains.asking import Asker
from tenants.domains.fetching import NotFetched, fetch, fetch_json, is_fetchable
from tenants.domains.finding import resolvers

# For everything: one TXT look-up and two small documents.
SECONDS = 4.0
LONGEST_NAME = 60


@dataclass(frozen=True)
class Offer:
    """A provider that can set the records: its name for people, and where to send them."""

    provider: str
    url: str


def offer(host: str, *, zone: str, target: str, proof: str = "", return_to: str = "") -> Offer | None:
    """Whether the zone's provider can set our records, and where; None where it is not offered.

    Asks the network for up to ten seconds: not to be called inside a transaction, nor at every page view.

    Args:
        host: the claimed name; a zone's own name cannot have a CNAME, so nothing is offered for it.
        zone: the zone it is in, as the diagnosis found it.
        target: where its CNAME is to lead.
        proof: the value of the TXT record, "" if this claim needs none.
        return_to: where the provider sends the person afterwards.
    """
    key = target.removesuffix(f".{settings.EDGE_ZONE}")
    is_below = bool(zone) and host.endswith(f".{zone}")
    if not (settings.DOMAIN_CONNECT_PROVIDER and is_below) or key == target or "." in key:
        return None
    with ThreadPoolExecutor(1, "domain-connect") as thread:
        found = thread.submit(asyncio.run, _provider(zone)).result()
    if found is None:
        return None
    provider, address = found
    asked = {"domain": zone, "host": host.removesuffix(f".{zone}"), "key": key, "groupId": "portal"}
    if proof:
        asked |= {"proof": proof, "groupId": "portal,proof"}
    if return_to:
        asked["redirect_uri"] = return_to
    return Offer(provider, f"{address}{_template()}/apply?{urlencode(asked)}")


async def _provider(zone: str) -> tuple[str, str] | None:
    """The name and the address for people of a provider that knows our template."""
    asker = Asker(SECONDS)
    try:
        async with asyncio.timeout(2 * SECONDS):
            texts = (await asker.first(resolvers(), f"_domainconnect.{zone}", "TXT")).texts()
            if len(texts) != 1:
                return None
            found = await fetch_json(asker, f"https://{texts[0].strip().rstrip('/')}/v2/{zone}/settings")
            for_people, for_us = str(found.get("urlSyncUX")).rstrip("/"), str(found.get("urlAPI")).rstrip("/")
            if not is_fetchable(for_people):
                return None
            await fetch(asker, f"{for_us}{_template()}")
    except (NotFetched, TimeoutError):
        return None
    name = found.get("providerDisplayName") or found.get("providerName") or "your DNS provider"
    return printable(str(name))[:LONGEST_NAME], for_people


def _template() -> str:
    provider, service = (
        quote(settings.DOMAIN_CONNECT_PROVIDER, ""),
        quote(settings.DOMAIN_CONNECT_SERVICE, ""),
    )
    return f"/v2/domainTemplates/providers/{provider}/services/{service}"
