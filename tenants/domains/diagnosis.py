"""A look at a name's DNS: the zone's own name servers and the public resolvers, in parallel, in bounded time."""

import asyncio
import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from tenants.certificates.models import AcmeAccount
from tenants.domains import caa, judging, providers
from tenants.domains.answers import Reply
from tenants.domains.asking import Asker
from tenants.domains.finding import find_zone, resolvers
from tenants.domains.names import registered_domain
from tenants.domains.report import Report, Seen

__all__ = ["Report", "Seen", "diagnose"]

# All questions together. What was not answered by then has timed out.
SECONDS = 7.0
PROOF_LABEL = "_portal-verify"
MOST_ADDRESSES, MOST_TEXTS, LONGEST_TEXT = 16, 12, 120


def diagnose(host: str, *, target: str, proof: str) -> Report:
    """Look where a host leads and whether it is proved; within ten seconds, and whatever servers answer.

    Reads one table and asks the network: not to be called inside a transaction.

    Args:
        host: the name, in A-labels.
        target: the name that the agency's CNAMEs are to lead to.
        proof: the value of the claim's TXT record.
    """
    accounts = list(AcmeAccount.objects.exclude(url="").values_list("url", flat=True))
    look = _Look(host, target.lower().rstrip("."), proof, accounts)
    # In a thread of its own: the caller's may have an event loop already.
    with ThreadPoolExecutor(1, "diagnosis") as thread:
        return thread.submit(asyncio.run, look.report()).result()


class _Look:
    def __init__(self, host: str, target: str, proof: str, accounts: Sequence[str]) -> None:
        self.host, self.target, self.proof, self.accounts = host, target, proof, accounts
        self.proof_host = f"{PROOF_LABEL}.{host}"

    async def report(self) -> Report:
        """All there is to find out."""
        self.asker = Asker(SECONDS)
        self.zone = await find_zone(self.asker, self.host)
        servers = [*self.zone.servers, *resolvers()]
        four, six, texts, is_wildcard, verdict = await asyncio.gather(
            self.asker.all(servers, self.host, "A"),
            self.asker.all(servers, self.host, "AAAA"),
            self.asker.all(servers, self.proof_host, "TXT"),
            self._is_wildcard(),
            caa.look(self.asker, self.host, self.zone, self.accounts),
        )
        four, six = await self._followed(four, "A"), await self._followed(six, "AAAA")
        seen = tuple(map(self._seen, four, six, texts))
        report = Report(
            routing=judging.routing(seen, is_missing=self.zone.is_missing),
            host=self.host,
            servers=seen,
            ownership=self._ownership(texts),
            txt_found=tuple(sorted(self._texts(texts))[:MOST_TEXTS]),
            caa=verdict.status,
            caa_at=verdict.at,
            caa_records=verdict.records,
            caa_problem=verdict.problem,
            stale_aaaa=tuple(self._stale(six)[:MOST_ADDRESSES]),
            is_wildcard=is_wildcard,
            zone=self.zone.apex,
            name_servers=self.zone.name_servers,
            provider=providers.of(self.zone.name_servers),
        )
        appended = await self._appended(report)
        is_appended = f"{self.host}.{self.zone.apex}" in appended
        return replace(
            report, appended=appended, routing="cname_appended_zone" if is_appended else report.routing
        )

    def _stale(self, six: Sequence[Reply]) -> list[str]:
        # What only caches still have is not to be removed anywhere; authorities do not see it either.
        return judging.strangers(_addresses([reply for reply in six if reply.server.is_authoritative]))

    def _seen(self, four: Reply, six: Reply, text: Reply) -> Seen:
        addresses = _addresses([four, six])
        chain = four.chain or six.chain
        # A server that fails for one type only still says where the name leads.
        spoken = four if four.is_answer or not six.records else six
        return Seen(
            address=four.server.address,
            name=four.server.name,
            is_authoritative=four.server.is_authoritative,
            rcode=spoken.rcode,
            chain=chain,
            addresses=tuple(addresses[:MOST_ADDRESSES]),
            verdict=judging.verdict(
                spoken.rcode, chain, addresses, is_loop=spoken.is_loop, target=self.target
            ),
            ttl=spoken.ttl,
            has_proof=self.proof in map(_unquoted, text.texts()) if text.is_answer else None,
        )

    async def _followed(self, replies: list[Reply], kind: str) -> list[Reply]:
        """Replies with the rest of their CNAMEs: a name server answers for its own zone only."""
        open_ends = {r.chain[-1] for r in replies if r.chain and not r.records and r.server.is_authoritative}
        open_ends = {end for end in sorted(open_ends)[:4] if end != self.target}
        rest = {end: await self.asker.first(resolvers(), end, kind) for end in open_ends}
        return [_joined(r, rest[r.chain[-1]]) if r.chain and r.chain[-1] in rest else r for r in replies]

    async def _is_wildcard(self) -> bool:
        """Whether a name that nobody can have made, beside the host, is answered too."""
        if self.host in (self.zone.apex, registered_domain(self.host)):
            return False
        beside = f"x{secrets.token_hex(8)}.{self.host.partition('.')[2]}"
        reply = await self.asker.first(self.zone.servers or resolvers(), beside, "A")
        return reply.is_answer and bool(reply.records or reply.chain)

    def _texts(self, replies: Sequence[Reply]) -> set[str]:
        return {_unquoted(text)[:LONGEST_TEXT] for reply in replies for text in reply.texts()}

    def _ownership(self, replies: Sequence[Reply]) -> str:
        """By the zone's own servers alone: each one that answers has to have the record."""
        source = [reply for reply in replies if reply.server.is_authoritative and reply.is_answer]
        if source and all(self.proof in map(_unquoted, reply.texts()) for reply in source):
            return "ok"
        others = self._texts(source) - {self.proof}
        return "wrong" if others and self.proof not in self._texts(source) else "missing"

    async def _appended(self, report: Report) -> tuple[str, ...]:
        """Names at which a missing record stands instead, because the provider appended the zone once more."""
        if not self.zone.servers:
            return ()
        wanted = [(self.host, "A")] * (report.routing == "no_record")
        wanted += [(self.proof_host, "TXT")] * (report.ownership == "missing")
        names = [f"{name}.{self.zone.apex}" for name, _ in wanted]
        kinds = [kind for _, kind in wanted]
        replies = await asyncio.gather(
            *[self.asker.first(self.zone.servers, *pair) for pair in zip(names, kinds, strict=True)]
        )
        return tuple(name for name, reply in zip(names, replies, strict=True) if self._is_meant(reply))

    def _is_meant(self, reply: Reply) -> bool:
        return self.target in reply.chain or self.proof in map(_unquoted, reply.texts())


def _joined(reply: Reply, rest: Reply) -> Reply:
    chain = (*reply.chain, *rest.chain)
    is_loop = rest.is_loop or len(set(chain)) < len(chain)
    return replace(reply, chain=chain, records=rest.records, is_loop=is_loop)


def _addresses(replies: Sequence[Reply]) -> list[str]:
    return sorted({text for reply in replies if not reply.is_loop for text in reply.texts()})


def _unquoted(text: str) -> str:
    """Some providers' forms keep the quotes that a person pastes along."""
    return text.strip().strip('"').strip()
