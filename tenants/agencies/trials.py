"""The end of a trial: owners are told before and at it; without a plan bought, the agency becomes read-only."""

from datetime import timedelta

from django.db import transaction

from kit import clock
from tenants.accounts.models import Account, Role
from tenants.agencies.models import Agency, AgencyState, TrialNotice
from tenants.mail.operations import write_plainly
from tenants.routing import hosts

TOLD_DAYS_BEFORE = (1, 3)
TOLD_BEFORE = timedelta(days=max(TOLD_DAYS_BEFORE))

_AFTER = "your clients can still see everything, but nobody can change anything"
SOON = (
    "Your trial of {plan} for {agency} ends on {day}.\n\n"
    f"After that your portal becomes read-only: {_AFTER} until you choose a plan. Nothing is deleted and "
    "nothing is charged by itself.\n\n{console}"
)
OVER = (
    "Your trial of {plan} for {agency} has ended.\n\n"
    f"Your portal is read-only now: {_AFTER}. As soon as you choose a plan, it goes on where it stopped. "
    "Nothing is deleted.\n\n{console}"
)


def tell_soon() -> int:
    """Write to the owners of trials that end within three days, and on the last day again; how many were told."""
    told = 0
    for agency in Agency.objects.trial_ending(clock.now() + TOLD_BEFORE):
        if agency.trial_ends_at and agency.trial_ends_at > clock.now():
            told += _tell_once(agency)
    return told


def end_expired() -> int:
    """Make agencies read-only whose trial is over; the number ended."""
    ended = 0
    for agency_id in Agency.objects.trial_ending(clock.now()).values_list("pk", flat=True):
        ended += _end(agency_id)
    if ended:
        hosts.forget_all()
    return ended


@transaction.atomic
def _tell_once(agency: Agency) -> bool:
    assert agency.trial_ends_at is not None
    # After a night in which nothing ran only the later one is due.
    left = agency.trial_ends_at - clock.now()
    days = next(days for days in TOLD_DAYS_BEFORE if left <= timedelta(days=days))
    _, is_new = TrialNotice.objects.get_or_create(
        agency=agency, trial_ends_at=agency.trial_ends_at, days_before=days
    )
    if is_new:
        subject = f"Your trial of {agency.name} ends soon"
        if days == 1:
            subject = f"The last day of your trial of {agency.name}"
        _write(agency, "agencies/trial-ends-soon", subject, SOON)
    return is_new


@transaction.atomic
def _end(agency_id: int) -> bool:
    # Asked again under the lock: a plan may have been bought, or the trial made longer, just now.
    agency = Agency.objects.select_for_update().trial_ending(clock.now()).filter(pk=agency_id).first()
    if agency is None:
        return False
    agency.state = AgencyState.READ_ONLY
    agency.save(update_fields=["state"])
    _write(agency, "agencies/trial-ended", f"Your trial of {agency.name} has ended", OVER)
    return True


def _write(agency: Agency, kind: str, subject: str, words: str) -> None:
    current = agency.current()
    assert agency.trial_ends_at is not None
    day = agency.trial_ends_at.astimezone(current.tzinfo)
    text = words.format(
        plan=current.plan.label,
        agency=agency.name,
        day=f"{day:%A}, {day.day} {day:%B %Y}",
        console=current.console_url("/plan/"),
    )
    owners = Account.objects.filter(
        memberships__agency=agency, memberships__role=Role.OWNER, is_active=True
    ).distinct()
    for owner in owners:
        write_plainly(kind, owner.email, subject=subject, text=text, do="See the plans")
