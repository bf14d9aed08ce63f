"""What an operator may do to an agency. Each act needs a reason and leaves an entry, or does nothing."""

from datetime import datetime, timedelta

from django.db import transaction

from kit import clock
from kit.refused import Refused
from tenants.accounts.models import Account
from tenants.agencies.models import Agency, AgencyState
from tenants.billing.models import LIVE, AgencySubscription
from tenants.operators.models import Entry
from tenants.plans import Plan
from tenants.routing import hosts

LONGEST_EXTENSION = timedelta(days=90)
# "Gone" is the end of a removal, which is a longer story than a press on a button.
STATES = [state for state in AgencyState if state != AgencyState.GONE]


class NotPossible(Refused):
    """The agency is not in a state for this."""


def change_plan(agency_id: int, *, plan: Plan, operator: Account, reason: str) -> Agency:
    """Put an agency on another plan, at once.

    Raises:
        NotPossible: it is gone, or pays for its plan.
    """
    with transaction.atomic():
        agency = _locked(agency_id)
        if AgencySubscription.objects.filter(agency=agency, status__in=LIVE).exists():
            raise NotPossible("This agency pays for its plan: change that under Billing.", field="plan")
        _note(agency, operator, "plan", Plan(agency.plan).label, plan.label, reason)
        agency.plan = plan
        agency.save(update_fields=["plan"])
    hosts.forget_all()
    return agency


def change_state(agency_id: int, *, state: AgencyState, operator: Account, reason: str) -> Agency:
    """Move an agency to another state of its life.

    Raises:
        NotPossible: it is gone, or is to be; a trial is to begin that has no end; it has stopped paying, so
            that it would be read-only again minutes later.
    """
    with transaction.atomic():
        agency = _locked(agency_id)
        if state not in STATES:
            raise NotPossible("An agency is not removed from here.", field="state")
        if state == AgencyState.TRIAL and (not agency.trial_ends_at or agency.trial_ends_at <= clock.now()):
            raise NotPossible("Its trial is over: make the trial longer instead.", field="state")
        unpaid = AgencySubscription.objects.filter(agency=agency).exclude(status__in=["", *LIVE])
        if state in (AgencyState.ACTIVE, AgencyState.PAST_DUE) and unpaid.exists():
            raise NotPossible("It has stopped paying: give it a plan under Billing instead.", field="state")
        _note(agency, operator, "state", AgencyState(agency.state).label, state.label, reason)
        agency.state = state
        agency.save(update_fields=["state"])
    hosts.forget_all()
    return agency


def extend_trial(agency_id: int, *, days: int, operator: Account, reason: str) -> Agency:
    """Let a trial, running or over, go on for so many days from its end or from now, whichever is later.

    Raises:
        NotPossible: the agency pays already, is suspended or gone, or it would be more than 90 days from now.
    """
    with transaction.atomic():
        agency = _locked(agency_id)
        if agency.state not in (AgencyState.TRIAL, AgencyState.READ_ONLY):
            raise NotPossible("Only a trial, or an agency that is read-only after one, can be tried longer.")
        now = clock.now()
        until = max(agency.trial_ends_at or now, now) + timedelta(days=days)
        if until > now + LONGEST_EXTENSION:
            raise NotPossible("That is more than 90 days from now.", field="days")
        _note(agency, operator, "trial", _day(agency.trial_ends_at), _day(until), reason)
        agency.trial_ends_at, agency.state = until, AgencyState.TRIAL
        agency.save(update_fields=["trial_ends_at", "state"])
    hosts.forget_all()
    return agency


def make_operator(account: Account, *, reason: str) -> None:
    """Let a login open the operators' pages."""
    with transaction.atomic():
        Account.objects.filter(pk=account.pk).update(is_operator=True)
        Entry.objects.create(
            operator_id=account.pk, operator=account.email, verb="operator", after="made", reason=reason
        )


def _locked(agency_id: int) -> Agency:
    agency = Agency.objects.select_for_update().get(pk=agency_id)
    if agency.state == AgencyState.GONE:
        raise NotPossible("This agency is gone.")
    return agency


def _note(agency: Agency, operator: Account, verb: str, before: str, after: str, reason: str) -> None:
    Entry.objects.create(
        operator_id=operator.pk,
        operator=operator.email,
        agency=agency,
        verb=verb,
        before=before,
        after=after,
        reason=reason,
    )


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else ""
