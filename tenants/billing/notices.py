"""What the owners are told of their plan by mail, each thing once."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from kit import clock
from tenants.accounts.models import Account, Role
from tenants.agencies.models import Agency, AgencyState
from tenants.billing.models import AgencySubscription, BillingNotice, Status
from tenants.billing.standing import export_ends, grace_ends
from tenants.mail.operations import write_plainly

TOLD_BEFORE = timedelta(days=3)
EXPORT_TOLD_BEFORE = timedelta(days=14)
PATH = "/plan/"

WORDS = {
    "past-due": (
        "The payment for {agency} did not go through",
        "We could not collect the payment for your plan {plan}. Everything works on until {grace}.\n\n"
        "Please see to your card until then: the console leads you to it. We try again by ourselves, too.",
    ),
    "grace-ends-soon": (
        "{agency} becomes read-only soon",
        "The payment for your plan {plan} is still open. On {grace} your portal becomes read-only: your "
        "clients can still see everything, but nobody can change anything.\n\nNothing is deleted.",
    ),
    "read-only": (
        "{agency} is read-only now",
        "Your plan {plan} is not paid any more, so your portal is read-only: your clients can still see "
        "everything, but nobody can change anything. As soon as you choose a plan, it goes on where it "
        "stopped.\n\nWe keep everything for you to export until {export}.",
    ),
    "export-ends-soon": (
        "{agency}: export what you want to keep",
        "Your portal has been read-only for a while. We keep everything for you to export until {export}; "
        "after that we may remove it. Choose a plan and everything goes on.",
    ),
    "comp-ends-soon": (
        "Your free {plan} for {agency} ends soon",
        "We gave you the plan {plan} for nothing until {comp}. If you want to go on with it, choose a plan "
        "before that day. Otherwise your portal becomes read-only then; nothing is deleted.",
    ),
    "plan-began": (
        "{agency} is on {plan} now",
        "Thank you. Your plan is {plan}. Invoices and your card are on the page “Plan and billing”.",
    ),
}


def tell(row: AgencySubscription, agency: Agency) -> None:
    """Write what is due now. Part of the caller's transaction, so that it is told if and only if it is so."""
    for kind, about in _due(row, agency):
        _, is_new = BillingNotice.objects.get_or_create(agency=agency, kind=kind, about=about)
        if is_new:
            _write(kind, row, agency)


def _due(row: AgencySubscription, agency: Agency) -> list[tuple[str, datetime]]:
    now, due = clock.now(), []
    grace, export = grace_ends(row), export_ends(row)
    if agency.state == AgencyState.PAST_DUE and row.past_due_since and grace:
        due.append(("past-due", row.past_due_since))
        if now >= grace - TOLD_BEFORE:
            due.append(("grace-ends-soon", row.past_due_since))
    if agency.state == AgencyState.READ_ONLY and row.read_only_since and export:
        due.append(("read-only", row.read_only_since))
        if export - EXPORT_TOLD_BEFORE <= now < export:
            due.append(("export-ends-soon", row.read_only_since))
    if row.comp_until and not row.is_live and row.comp_until - TOLD_BEFORE <= now < row.comp_until:
        due.append(("comp-ends-soon", row.comp_until))
    if row.status in (Status.ACTIVE, Status.TRIALING) and row.began_at:
        due.append(("plan-began", row.began_at))
    return due


def _write(kind: str, row: AgencySubscription, agency: Agency) -> None:
    current = agency.current()
    subject, words = WORDS[kind]
    moments = {"grace": grace_ends(row), "export": export_ends(row), "comp": row.comp_until}
    said = {key: _day(moment, current.tzinfo) for key, moment in moments.items()}
    said |= {"agency": agency.name, "plan": current.plan.label}
    text = f"{words.format(**said)}\n\n{current.console_url(PATH)}"
    owners = Account.objects.filter(
        memberships__agency=agency, memberships__role=Role.OWNER, is_active=True
    ).distinct()
    for owner in owners:
        kind_of_mail = f"billing/{kind}"
        write_plainly(
            kind_of_mail, owner.email, subject=subject.format(**said), text=text, do="Plan and billing"
        )


def _day(moment: datetime | None, zone: ZoneInfo) -> str:
    if moment is None:
        return ""
    local = moment.astimezone(zone)
    return f"{local:%A}, {local.day} {local:%B %Y}"
