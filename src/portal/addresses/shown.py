"""A claim as its page shows it. Everything is read while outside the agency; templates ask no database."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.conf import settings

from kit import clock
from portal.addresses import records, servers
from portal.addresses.records import WantedRecord
from portal.addresses.words import STATES, Reason, StateWords, reason_of, txt_reason
from tenants.agencies.current import outside_agencies
from tenants.domains.models import LINKED, OVER, Domain, DomainState
from tenants.domains.queries import DomainView, view
from tenants.domains.situations import Explained

_AT_WORK = frozenset({DomainState.VERIFIED, DomainState.ISSUING, DomainState.DEPLOYING})
_WANTS_RECORDS = frozenset({DomainState.PENDING_DNS, DomainState.DEGRADED})


@dataclass(frozen=True)
class Finding:
    """Something about its DNS in words, with the records that the page does not show anyway."""

    explained: Explained
    records: list[WantedRecord]


@dataclass(frozen=True)
class Shown:
    """One claim: the row, what `tenants.domains` says of it, and how the page puts it."""

    domain: Domain
    view: DomainView

    @property
    def id(self) -> int:
        return self.view.id

    @property
    def host(self) -> str:
        return self.view.host

    @property
    def state(self) -> DomainState:
        return self.view.state

    @property
    def words(self) -> StateWords:
        """The state in words."""
        return STATES[self.state]

    @property
    def title(self) -> str:
        is_looked_for = self.state == DomainState.PENDING_DNS and self.view.report is not None
        if is_looked_for and self.is_almost_there:
            return "Now the proof that it is yours"
        if is_looked_for and self.troubles:
            return str(self.troubles[0].title)
        return self.words.title.format(host=self.view.shown)

    @property
    def note(self) -> str:
        return self.words.note.format(host=self.view.shown)

    @property
    def is_almost_there(self) -> bool:
        """Whether the name leads here and only the TXT record is missing."""
        return bool(self.view.report and self.view.report.leads_here and self.view.needs_txt)

    @property
    def is_at_work(self) -> bool:
        """Whether something is being done for it at this moment, or is about to be."""
        if self.view.is_over or self.state == DomainState.BLOCKED:
            return False
        now, domain = clock.now(), self.domain
        is_held = bool(domain.lease_until and domain.lease_until > now)
        is_due = bool(domain.next_try_at and domain.next_try_at <= now)
        return self.state in _AT_WORK or is_held or is_due

    @property
    def next_try_at(self) -> datetime | None:
        """When it is looked at again by itself; None: nothing is planned, or it is happening now."""
        is_waiting = self.view.may_look and not self.is_at_work
        return self.view.next_try_at if is_waiting else None

    @property
    def wants_records(self) -> bool:
        """Whether something is to be put into the DNS."""
        return self.state in _WANTS_RECORDS

    @cached_property
    def zone(self) -> str:
        return records.zone_of(self.host, self.view.zone)

    @property
    def may_be_connected(self) -> bool:
        """Whether it makes sense to ask the DNS provider to add the records by itself."""
        is_known = bool(settings.DOMAIN_CONNECT_PROVIDER and self.view.zone) and self.host != self.zone
        return is_known and self.state == DomainState.PENDING_DNS and not self.is_almost_there

    @cached_property
    def ways(self) -> list[records.Way]:
        """The records that lead the name here, while they are wanted."""
        if not self.wants_records:
            return []
        leads_here = self.view.report.leads_here if self.view.report else None
        return records.ways_of(self.host, self.view.target, zone=self.zone, leads_here=leads_here)

    @cached_property
    def proof(self) -> WantedRecord | None:
        """The TXT record, if this claim still needs one."""
        if not (self.state == DomainState.PENDING_DNS and self.view.needs_txt):
            return None
        why = txt_reason(self.domain.txt_reason, self.view.shown)
        is_there = self.view.report.ownership == "ok" if self.view.report else None
        return records.proof_of(self.domain, zone=self.zone, why=why, is_there=is_there)

    @cached_property
    def servers(self) -> list[servers.Asked]:
        """What each name server answered, the zone's own first."""
        return servers.asked(self.view.report) if self.view.report else []

    @property
    def reason(self) -> Reason | None:
        """What stands in the way, in words, where it is not the DNS."""
        return reason_of(self.domain.problem, self.view.shown, is_live=self.view.is_linked)

    @property
    def troubles(self) -> list[Explained]:
        """What is to be mended in its DNS, the first thing first."""
        return [one for one in self.view.explained if not one.is_note]

    @cached_property
    def findings(self) -> list[Finding]:
        """What was found in the DNS, where that is news: something is wanted of it, or stands in the way."""
        if not (self.wants_records or self.reason) or not self.troubles:
            return []
        wanted = [record for way in self.ways for record in way.records] + [self.proof]
        known = {(one.type, one.name, one.value) for one in wanted if one}
        return [Finding(one, self._other_records(one, known)) for one in self.view.explained]

    def _other_records(self, explained: Explained, known: set[tuple[str, str, str]]) -> list[WantedRecord]:
        others = [one for one in explained.records if (one.type, one.name, one.value) not in known]
        return [
            WantedRecord(one.type, one.name, records.short_name(one.name, self.zone), one.value)
            for one in others
        ]

    @cached_property
    def version(self) -> str:
        """Changes with whatever the page shows, times of looking excepted."""
        domain, held = self.domain, self.view.certificate
        parts = [domain.state, domain.problem, domain.problem_detail, domain.txt_reason, domain.is_primary]
        parts += [domain.grace_until, held and held.serial, held and held.renew_at, self.is_at_work]
        text = json.dumps([*parts, domain.report], sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@outside_agencies()
def load_all(agency_id: int) -> list[Shown]:
    """Every claim of an agency that is open, and the last one of each name that is over: main address first."""
    claims = Domain.objects.filter(agency_id=agency_id).order_by("-claimed_at", "-pk")
    rows: dict[str, Domain] = {}
    for row in sorted(
        claims, key=lambda row: (row.state in OVER, row.state not in LINKED, not row.is_primary)
    ):
        rows.setdefault(row.host, row)
    return [Shown(row, view(row)) for row in rows.values()]


@outside_agencies()
def load(agency_id: int, domain_id: int) -> Shown:
    """One claim of an agency.

    Raises:
        Domain.DoesNotExist: the agency has no such claim.
    """
    domain = Domain.objects.get(agency_id=agency_id, pk=domain_id)
    return Shown(domain, view(domain))
