"""From what was bought to what the agency may do. Pure: rows in, answer out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tenants.agencies.models import Agency, AgencyState
from tenants.billing.models import LIVE, AgencySubscription, Status
from tenants.plans import Plan

# A payment that fails: so long everything works on, and Stripe tries again.
GRACE = timedelta(days=14)
# Read-only for want of payment: so long we keep everything to be exported.
EXPORT_WINDOW = timedelta(days=90)
# Whom an operator put away does not come back by paying.
UNTOUCHED = frozenset({AgencyState.SUSPENDED, AgencyState.GONE})


@dataclass(frozen=True)
class Standing:
    """Plan and state that follow for the agency."""

    plan: Plan
    state: AgencyState


def standing(sub: AgencySubscription, agency: Agency, now: datetime) -> Standing | None:
    """What the agency is to be; None: leave it as it is, nothing was bought or given."""
    if agency.state in UNTOUCHED:
        return None
    bought = _bought(sub, now)
    if sub.is_comped(now):
        assert sub.comp_plan is not None
        given = Plan(sub.comp_plan)
        has_more = bought is not None and sub.is_live and bought.plan > given
        return Standing(bought.plan if has_more and bought else given, AgencyState.ACTIVE)
    if bought is not None and bought.state != AgencyState.READ_ONLY:
        return bought
    if agency.trial_ends_at is not None and agency.trial_ends_at > now:
        # Its trial was not over when it tried to buy, or when what we gave it ended.
        return Standing(Plan(agency.plan), AgencyState.TRIAL)
    if bought is None and sub.comp_until is not None:
        return Standing(Plan(agency.plan), AgencyState.READ_ONLY)
    return bought


def grace_ends(sub: AgencySubscription) -> datetime | None:
    """When a payment that is past due makes the agency read-only."""
    return sub.past_due_since + GRACE if sub.past_due_since else None


def export_ends(sub: AgencySubscription) -> datetime | None:
    """Until when a read-only agency's data is kept to be exported, whatever happens."""
    return sub.read_only_since + EXPORT_WINDOW if sub.read_only_since else None


def _bought(sub: AgencySubscription, now: datetime) -> Standing | None:
    if sub.status == Status.NONE or sub.plan is None:
        return None
    plan = Plan(sub.plan)
    if sub.status not in LIVE:
        return Standing(plan, AgencyState.READ_ONLY)
    if sub.status != Status.PAST_DUE:
        return Standing(plan, AgencyState.ACTIVE)
    until = grace_ends(sub)
    is_over = until is not None and until <= now
    return Standing(plan, AgencyState.READ_ONLY if is_over else AgencyState.PAST_DUE)
