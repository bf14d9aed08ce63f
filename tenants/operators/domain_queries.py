"""Which domains the operators' list shows, and in which order."""

from datetime import timedelta
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from kit import clock
from tenants.certificates.models import Bundle
from tenants.domains.models import Domain, DomainState
from tenants.operators.domain_forms import NEEDS_A_LOOK, ORDERS

# The step job looks every fifteen seconds: a claim that waits this long waits for a worker.
OVERDUE = timedelta(minutes=15)


def found(wanted: dict[str, Any]) -> QuerySet[Domain]:
    """The claims that were asked for, each with its agency and `certificate_until`."""
    until = Bundle.objects.filter(host=OuterRef("host")).values("not_after")
    rows = Domain.objects.select_related("agency").annotate(certificate_until=Subquery(until))
    if words := wanted.get("q", ""):
        by_agency = Q(agency__name__icontains=words) | Q(agency__slug__icontains=words)
        rows = rows.filter(Q(host__icontains=words) | by_agency)
    if agency := wanted.get("agency"):
        rows = rows.filter(agency=agency)
    state = wanted.get("state", "")
    if state == NEEDS_A_LOOK:
        rows = rows.filter(needs_a_look())
    elif state:
        rows = rows.filter(state=state)
    field, _ = ORDERS[wanted.get("order", "")]
    first = F(field.lstrip("-"))
    ordered = first.desc(nulls_last=True) if field.startswith("-") else first.asc(nulls_last=True)
    return rows.order_by(ordered, "-pk")


def needs_a_look() -> Q:
    """Delayed, blocked, changed, or waiting for a worker that does not come."""
    unwell = (DomainState.ISSUE_RETRY, DomainState.BLOCKED, DomainState.DEGRADED)
    return Q(state__in=unwell) | overdue()


def overdue() -> Q:
    """Claims whose step was due a while ago and that no worker has taken."""
    return Q(pk__in=Domain.objects.due().filter(next_try_at__lt=clock.now() - OVERDUE).values("pk"))
