"""The life of a claim: which state may follow which, and the only way from one to the next.

pending_dns ─▶ verified ─▶ issuing ─▶ deploying ─▶ active ⇄ degraded ─▶ released
    │             ▲          │  ▲                       blocked ◀─ any
    ▼             └──────────┴──┴─ issue_retry          removed ◀─ any
  expired
"""

from datetime import timedelta
from typing import Any

from django.db import connection, transaction

from kit import clock
from tenants.certificates import bundles
from tenants.domains import timeline
from tenants.domains.models import OVER, OWNING, Domain, DomainState, PastOwner
from tenants.routing import hosts

# So long another agency has to prove by TXT a name that was somebody's.
REMEMBERED = timedelta(days=90)

_S = DomainState
_ENDS = {_S.BLOCKED, _S.RELEASED, _S.REMOVED}
MAY_FOLLOW: dict[str, frozenset[str]] = {
    _S.PENDING_DNS: frozenset({_S.VERIFIED, _S.EXPIRED, _S.BLOCKED, _S.REMOVED}),
    _S.VERIFIED: frozenset({_S.ISSUING, _S.PENDING_DNS, *_ENDS}),
    _S.ISSUING: frozenset({_S.DEPLOYING, _S.ISSUE_RETRY, _S.PENDING_DNS, *_ENDS}),
    _S.ISSUE_RETRY: frozenset({_S.ISSUING, _S.PENDING_DNS, *_ENDS}),
    _S.DEPLOYING: frozenset({_S.ACTIVE, _S.ISSUING, *_ENDS}),
    _S.ACTIVE: frozenset({_S.DEGRADED, _S.ISSUING, *_ENDS}),
    _S.DEGRADED: frozenset({_S.ACTIVE, *_ENDS}),
    _S.BLOCKED: frozenset({_S.PENDING_DNS, _S.REMOVED}),
    **{state: frozenset() for state in OVER},
}


class NoWay(RuntimeError):
    """A claim was to go where its state does not lead, or was in another state by then: a bug, never bad input."""


def lock_name(host: str) -> None:
    """Wait for every other transaction that decides whose this name is; held until this one ends.

    Always before the rows of its claims, so that two that meet never wait for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"domains:{host}"])


def locked(domain_id: int) -> Domain:
    """The claim as it is now, its name and its row locked until the transaction ends.

    Raises:
        Domain.DoesNotExist: there is none.
    """
    lock_name(Domain.objects.values_list("host", flat=True).get(pk=domain_id))
    return Domain.objects.select_for_update(of=("self",)).select_related("agency").get(pk=domain_id)


def move(domain: Domain, to: DomainState, kind: str, *, actor: str = "", **details: Any) -> None:
    """Put a claim (loaded by `locked` in this transaction) into another state and say so in its timeline.

    A claim that stops owning its name loses the certificate with it, and the name is remembered as its
    agency's for 90 days. The whole row is saved; its next step is due at once unless it is over.

    Raises:
        NoWay: the table has no such way, nothing is locked, or the claim has moved meanwhile.
    """
    before = str(domain.state)
    if to not in MAY_FOLLOW[before]:
        raise NoWay(f"{domain}: {before} is not followed by {to}")
    if not connection.in_atomic_block:
        raise NoWay(f"{domain}: a move is part of a transaction")
    if not Domain.objects.filter(pk=domain.pk, state=before).update(state=to):
        raise NoWay(f"{domain}: is no longer {before}")
    domain.state, domain.state_since = to, clock.now()
    domain.attempts, domain.problem, domain.problem_detail = 0, "", ""
    domain.next_try_at = None if to in (*OVER, _S.BLOCKED) else clock.now()
    if before in OWNING and to not in OWNING:
        _let_go(domain)
    domain.save()
    timeline.record(domain, kind, actor, before=before, to=str(to), **details)
    # Other processes see it within a second by themselves.
    transaction.on_commit(hosts.forget_all)


def _let_go(domain: Domain) -> None:
    domain.verified_at = domain.bad_since = None
    bundles.forget(domain.host)
    remember(domain)


def remember(domain: Domain) -> None:
    """Keep in mind that the name was this agency's until now."""
    PastOwner.objects.update_or_create(
        host=domain.host, agency_id=domain.agency_id, defaults={"until": clock.now() + REMEMBERED}
    )
