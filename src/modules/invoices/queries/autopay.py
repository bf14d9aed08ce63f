"""Automatic payment: what holds for an invoice, who agreed, what comes next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from kit.money import format_money
from modules.invoices.models import Autopay, Invoice, InvoiceSettings, Mandate, PayingTerms, Policy
from portal.agency import current_agency
from portal.payments.models import SavedMethod
from portal.payments.queries import saved_methods
from portal.people.models import Client, Company

MANDATE_VERSION = "2026-11"  # changed words are another version
_ONE = (
    "{agency} may charge my saved card or account for invoice {number}: every open part on its due date,"
    " at most {amount} in all. {agency} writes to me {days} days before each charge."
)
_ALL = (
    "{agency} may charge my saved card or account for every invoice to {owner}, on its due date."
    " {agency} writes to me {days} days before each charge, with the amount."
)
_END = " I can end this at any time in this portal."
_END_REQUIRED = " To end this I write to {agency}."


@dataclass(frozen=True)
class Standing:
    """What an invoice's page says of automatic payment."""

    policy: Policy
    mandate: Mandate | None
    method: SavedMethod | None
    row: Autopay | None
    words: str  # what agreeing means
    covers_all: bool  # agreeing is for all invoices of the owner

    @property
    def is_on(self) -> bool:
        """Whether it is charged by itself, as soon as there is something to charge."""
        return self.mandate is not None and not (self.row and self.row.is_off)

    @property
    def is_required(self) -> bool:
        return self.policy == Policy.REQUIRED

    @property
    def is_offered(self) -> bool:
        return self.policy != Policy.OFF

    @property
    def comes_by_itself(self) -> bool:
        """Nobody need do anything."""
        return self.is_on and not self.is_waiting_for_card

    @property
    def is_waiting_for_card(self) -> bool:
        """Agreed to, but nothing can be charged as it is."""
        if not self.is_on or self.row is None or not self.row.stopped:
            return self.is_on and self.method is None
        return self.row.method_id == (self.method.pk if self.method else None)


def policy_of(invoice: Invoice) -> tuple[Policy, bool]:
    """What holds for an invoice, and whether that was said for all invoices of its owner."""
    if invoice.autopay:
        return Policy(invoice.autopay), False
    terms = terms_of(invoice.owner)
    if terms is not None and terms.autopay:
        return Policy(terms.autopay), True
    return Policy(InvoiceSettings.load().autopay), False


def owner_policy(owner: Company | Client) -> Policy:
    """What holds for all invoices of an owner."""
    terms = terms_of(owner)
    return Policy(terms.autopay if terms and terms.autopay else InvoiceSettings.load().autopay)


def terms_of(owner: Company | Client) -> PayingTerms | None:
    """What was said for this owner, if anything."""
    return PayingTerms.objects.filter(**_whose(owner)).first()


def standing_of(invoice: Invoice) -> Standing:
    """Everything about the automatic payment of one invoice."""
    policy, covers_all = policy_of(invoice)
    return Standing(
        policy=policy,
        mandate=mandate_for(invoice) if policy != Policy.OFF else None,
        method=method_of(invoice.owner),
        row=Autopay.objects.filter(invoice=invoice).first(),
        words=words_for(invoice, covers_all=covers_all, is_required=policy == Policy.REQUIRED),
        covers_all=covers_all,
    )


def mandate_for(invoice: Invoice) -> Mandate | None:
    """The agreement that covers an invoice now; one of its own goes before the owner's."""
    owned = Q(invoice=None, company=invoice.company_id, client=invoice.client_id)
    found = Mandate.objects.active().filter(Q(invoice=invoice) | owned)
    return found.select_related("agreed_by").order_by("invoice_id", "-pk").first()


def mandate_of(owner: Company | Client) -> Mandate | None:
    """The agreement that covers all invoices of an owner."""
    found = Mandate.objects.active().filter(invoice=None, **_whose(owner))
    return found.select_related("agreed_by").order_by("-pk").first()


def method_of(owner: Company | Client) -> SavedMethod | None:
    """What is charged."""
    return next(iter(saved_methods(owner)), None)


def words_for(invoice: Invoice, *, covers_all: bool, is_required: bool) -> str:
    """What a client agrees to."""
    if covers_all:
        return owner_words(invoice.owner, is_required=is_required)
    amount = format_money(invoice.due_minor, invoice.currency)
    text = _ONE + (_END_REQUIRED if is_required else _END)
    return text.format(
        agency=current_agency().name, number=invoice.number, amount=amount, days=_notice_days()
    )


def owner_words(owner: Company | Client, *, is_required: bool) -> str:
    """What a client agrees to for all invoices."""
    text = _ALL + (_END_REQUIRED if is_required else _END)
    return text.format(agency=current_agency().name, owner=owner, days=_notice_days())


def covered(today: date) -> QuerySet[Invoice]:
    """Open invoices that somebody agreed to have charged, due today or soon enough to be announced."""
    active = Mandate.objects.active()
    companies = active.filter(invoice=None, company__isnull=False).values("company_id")
    clients = active.filter(invoice=None, client__isnull=False).values("client_id")
    single = active.filter(invoice__isnull=False).values("invoice_id")
    agreed = Q(pk__in=single) | Q(company__in=companies) | Q(client__in=clients)
    until = today + timedelta(days=_notice_days())
    found: QuerySet[Invoice] = Invoice.objects.open().filter(
        agreed, next_due_on__lte=until, is_processing=False, is_disputed=False
    )
    return found.exclude(autopay_standing__is_off=True).order_by("pk")


def amount_until(invoice: Invoice, day: date) -> int:
    """What is open of all parts due by a day; never more than is owed."""
    parts = [part for part in invoice.instalments.all() if part.open_minor > 0]
    if not parts:
        return invoice.due_minor
    # What stands beside the plan, a late fee, comes with the last part.
    if all(part.due_on is not None and part.due_on <= day for part in parts):
        return invoice.due_minor
    due = sum(part.open_minor for part in parts if part.due_on is not None and part.due_on <= day)
    return min(due, invoice.due_minor)


def is_being_charged(invoice: Invoice) -> bool:
    """Whether its next payment comes by itself, so that nobody is asked for it."""
    if mandate_for(invoice) is None:  # the usual case, in one question
        return False
    standing = standing_of(invoice)
    if not standing.is_on or standing.method is None:
        return False
    return not (standing.row and standing.row.stopped and standing.is_waiting_for_card)


def charged_among(invoices: Sequence[Invoice]) -> set[int]:
    """Which of these are paid by themselves next; one question where nobody agreed to that."""
    companies = [invoice.company_id for invoice in invoices if invoice.company_id]
    clients = [invoice.client_id for invoice in invoices if invoice.client_id]
    owned = Q(company__in=companies) | Q(client__in=clients)
    covered = Q(invoice__in=[invoice.pk for invoice in invoices]) | (Q(invoice=None) & owned)
    if not invoices or not Mandate.objects.active().filter(covered).exists():
        return set()
    return {invoice.pk for invoice in invoices if is_being_charged(invoice)}


def _notice_days() -> int:
    return InvoiceSettings.load().notice_days


def _whose(owner: Company | Client) -> dict[str, Company | Client | None]:
    if isinstance(owner, Company):
        return {"company": owner, "client": None}
    return {"client": owner, "company": None}
