"""What an operator may do to a claim. Each act needs a reason and leaves an entry, or does nothing."""

from collections.abc import Callable
from typing import Any

from django.db import transaction

from tenants.accounts.models import Account
from tenants.domains import operations
from tenants.domains.models import OVER, Domain, DomainState
from tenants.operators.models import Entry

# By the button's name: what it says, and what is done.
ACTS: dict[str, tuple[str, Callable[..., Any]]] = {
    "check": ("Look at the DNS now", lambda pk, by, reason: operations.check_now(pk, by=by)),
    "retry": ("Ask for the certificate now", lambda pk, by, reason: operations.check_now(pk, by=by)),
    "block": ("Block", lambda pk, by, reason: operations.block(pk, by=by, reason=reason)),
    "unblock": ("Unblock", lambda pk, by, reason: operations.unblock(pk, by=by, reason=reason)),
}


def possible(domain: Domain) -> list[str]:
    """The acts that its state allows, by their names in ACTS."""
    if domain.state in OVER:
        return []
    if domain.state == DomainState.BLOCKED:
        return ["unblock"]
    return ["retry" if domain.state == DomainState.ISSUE_RETRY else "check", "block"]


def act(domain_id: int, what: str, *, operator: Account, reason: str) -> Domain:
    """Do one of ACTS.

    Raises:
        Domain.DoesNotExist: there is none.
        Refused: its state does not allow it.
    """
    with transaction.atomic():
        before = Domain.objects.get(pk=domain_id)
        ACTS[what][1](domain_id, operator.email, reason)
        Entry.objects.create(
            operator_id=operator.pk,
            operator=operator.email,
            agency_id=before.agency_id,
            verb=f"domain {what}",
            before=before.get_state_display(),
            after=before.host[:80],
            reason=reason,
        )
    return before
