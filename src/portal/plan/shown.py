"""What the page "Plan and billing" prints. Everything is read while outside the agency."""

from dataclasses import dataclass
from datetime import datetime

from kit import clock
from kit.money import Money, format_money, from_stripe
from tenants.agencies.current import CurrentAgency
from tenants.agencies.models import AgencyState
from tenants.billing.buying import SHORTEST_TRIAL
from tenants.billing.models import AgencySubscription, Interval, PlanInvoice, Status
from tenants.billing.prices import all_prices
from tenants.billing.refreshing import subscription_of
from tenants.billing.standing import export_ends, grace_ends
from tenants.gateway.client import is_configured
from tenants.plans import Plan

# status of an invoice → words, tone
INVOICE_WORDS = {
    "paid": ("Paid", "positive"),
    "open": ("Open", "warning"),
    "draft": ("Being made", ""),
    "void": ("Void", ""),
    "uncollectible": ("Not paid", "negative"),
}


@dataclass(frozen=True)
class Offer:
    """One plan as a card: its price and what its button does ("" for none)."""

    plan: Plan
    price: str
    per: str
    interval: str
    is_current: bool
    do: str
    is_primary: bool


@dataclass(frozen=True)
class InvoiceLine:
    """One invoice of ours."""

    id: str
    number: str
    day: datetime
    amount: str
    words: str
    tone: str
    has_paper: bool


@dataclass(frozen=True)
class Shown:
    """The agency's plan: the row, and how the page puts it."""

    row: AgencySubscription
    agency: CurrentAgency
    is_sold: bool
    prices: dict[tuple[Plan, Interval], Money]
    invoices: list[InvoiceLine]

    @property
    def grace_ends(self) -> datetime | None:
        return grace_ends(self.row)

    @property
    def export_ends(self) -> datetime | None:
        return export_ends(self.row)

    @property
    def is_comped(self) -> bool:
        return self.row.is_comped(clock.now())

    @property
    def keeps_trial(self) -> bool:
        """Whether what is left of the trial stays free if a plan is bought now; too short a rest does not."""
        ends = self.agency.trial_ends_at
        return ends is not None and ends > clock.now() + SHORTEST_TRIAL

    @property
    def price(self) -> str:
        """What it pays each period, without coupons; "" for nothing."""
        if not self.row.is_live or not self.row.currency:
            return ""
        return f"{_amount(self.row.minor, self.row.currency)} a {self.row.interval}"

    @property
    def next_price(self) -> str:
        """What it pays each period when what is planned begins."""
        return f"{_amount(self.row.pending_minor, self.row.currency)} a {self.row.pending_interval}"

    @property
    def owed(self) -> str:
        """What the upgrade that waits costs now."""
        return owed(self.row)

    @property
    def owes(self) -> bool:
        """Whether an invoice of its plan is open that the agency has to see to."""
        return self.row.status in (Status.PAST_DUE, Status.UNPAID)

    @property
    def state(self) -> tuple[str, str]:
        """The state in words, and the tone of its badge."""
        if self.agency.state == AgencyState.READ_ONLY:
            return "Read-only", "negative"
        if self.agency.state == AgencyState.PAST_DUE:
            return "Payment open", "warning"
        if self.agency.state == AgencyState.TRIAL:
            return "Trial", "notice"
        if self.row.is_live and self.row.cancel_at_period_end:
            return "Ends soon", "warning"
        if self.row.status == Status.TRIALING:
            return "Trial, then paid", "notice"
        return ("Free", "notice") if self.is_comped else ("Active", "positive")

    def offers(self, interval: Interval) -> list[Offer]:
        """Every plan with its price by the month or by the year."""
        return [self._offer(plan, interval) for plan in Plan]

    def _offer(self, plan: Plan, interval: Interval) -> Offer:
        is_current = self.row.is_live and plan == self.row.plan and interval == self.row.interval
        price = self.prices[(plan, interval)]
        return Offer(
            plan=plan,
            price=format_money(price.minor, price.currency, "en"),
            per=interval.value,
            interval=interval.value,
            is_current=is_current,
            do=self._do(plan, interval) if self.is_sold else "",
            is_primary=not self.row.is_live and not self.owes and plan == self.agency.plan,
        )

    def _do(self, plan: Plan, interval: Interval) -> str:
        row = self.row
        if not row.is_live:
            return f"Choose {plan.label}"
        assert row.plan is not None
        is_fixed = row.pending_plan is not None or row.cancel_at_period_end or self.owes
        if is_fixed or (plan == row.plan and interval == row.interval):
            return ""
        if row.interval == Interval.YEAR and interval == Interval.MONTH and plan >= row.plan:
            return "Pay by the month" if plan == row.plan else ""
        if plan < row.plan:
            return f"Go down to {plan.label}"
        return "Pay by the year" if plan == row.plan else f"Upgrade to {plan.label}"


def owed(row: AgencySubscription) -> str:
    """What an upgrade that waits costs now."""
    return _amount(row.waiting_minor, row.currency) if row.currency else ""


def load(agency: CurrentAgency) -> Shown:
    """Read it all; outside any agency."""
    # A trial bought brings an invoice of nothing: no paper that anybody wants.
    wanted = PlanInvoice.objects.filter(agency_id=agency.id).exclude(status="draft").exclude(minor=0)
    invoices = wanted[:24]
    return Shown(
        row=subscription_of(agency.id),
        agency=agency,
        is_sold=is_configured() and agency.state != AgencyState.SUSPENDED,
        prices=all_prices(),
        invoices=[_line(one) for one in invoices],
    )


def _amount(minor: int, currency: str) -> str:
    return format_money(from_stripe(minor, currency), currency, "en")


def _line(invoice: PlanInvoice) -> InvoiceLine:
    words, tone = INVOICE_WORDS.get(invoice.status, (invoice.status, ""))
    return InvoiceLine(
        id=invoice.stripe_id,
        number=invoice.number or invoice.stripe_id,
        day=invoice.created_at,
        amount=_amount(invoice.minor, invoice.currency),
        words=words,
        tone=tone,
        has_paper=invoice.status != "draft",
    )
