"""Who sees, who pays, who is told."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from modules.invoices.models import BillingDetails, Invoice, TransferReport
from modules.invoices.models.invoices import InvoiceQuerySet, word_of
from portal.people.models import Client, Company, Right, Staff
from portal.people.owned import OwnedRecord, people_seeing, sees


@dataclass(frozen=True)
class Seen:
    """Which invoices a client sees, owner by owner: its own first, then those of its companies.

    Attributes:
        parts: one condition for each owner.
        payable: of these, where it may pay.
        whole: the words ("company-3") of the owners of whom nothing is hidden from it: their kept sums are
            what it may know.
        rest: the conditions of the others, whose sums are counted from what it sees.
    """

    parts: tuple[Q, ...]
    payable: tuple[Q, ...]
    whole: tuple[str, ...]
    rest: tuple[Q, ...]

    def only(self, company: Company) -> "Seen":
        """What of it is this company's."""
        its = Q(company=company)
        return Seen(
            parts=tuple(part & its for part in self.parts),
            payable=tuple(part & its for part in self.payable),
            whole=tuple(word for word in self.whole if word == word_of(company)),
            rest=tuple(part & its for part in self.rest),
        )


def seen_by(client: Client) -> Seen:
    """Its own invoices, and those of companies as far as it sees their money; one question."""
    hidden = (
        Invoice.objects.filter(company=OuterRef("company_id"))
        .exclude(private_to=[])
        .exclude(private_to__contains=[client.pk])
    )
    acting = client.memberships.filter(rights__contains=list(InvoiceQuerySet.needs))
    found = [
        (one, InvoiceQuerySet.part_for(one), one.sees_from is not None or one.hides)
        for one in acting.annotate(hides=Exists(hidden)).order_by("company_id")
    ]
    own = Q(client=client)
    return Seen(
        parts=(own, *(part for _, part, _ in found)),
        payable=(own, *(part for one, part, _ in found if Right.PAY in one.rights)),
        whole=(word_of(client), *(f"company-{one.company_id}" for one, _, is_cut in found if not is_cut)),
        rest=tuple(part for _, part, is_cut in found if is_cut),
    )


def clients_of(invoice: OwnedRecord, *, paying: bool = False) -> list[Client]:
    """Those who may sign in today and see the invoice or quote; `paying`: and may pay (accept) it."""
    rights = [Right.PAY] if paying else []
    return list(people_seeing(invoice, *rights).with_access().order_by("pk"))


def may_pay(invoice: OwnedRecord, client: Client) -> bool:
    """Whether this client may pay it: its own, or its company's with the right."""
    return sees(client, invoice, Right.PAY)


def may_answer(quote: OwnedRecord, client: Client) -> bool:
    """Whether this client may accept or decline it: who may pay may commit to paying."""
    return may_pay(quote, client)


def managers() -> list[Staff]:
    """Who hears of money at the agency: its owners and admins."""
    return list(
        Staff.objects.filter(is_active=True, role__in=[Staff.Role.OWNER, Staff.Role.ADMIN]).order_by("pk")
    )


def possible_owners(staff: Staff) -> tuple[list[Company], list[Client]]:
    """Companies, and the clients who stand alone, of those whom this person serves; not who lost access."""
    alone = Client.objects.served_by(staff).with_access().filter(companies__isnull=True)
    return list(Company.objects.served_by(staff).order_by("name", "pk")), list(alone.order_by("name", "pk"))


def details_of(owner: Company | Client) -> BillingDetails | None:
    """How this owner is named on invoices; None: by its name alone."""
    whose = {"company": owner} if isinstance(owner, Company) else {"client": owner}
    return BillingDetails.objects.filter(**whose).first()


def reports_with_proof(staff: Staff) -> QuerySet[TransferReport]:
    """Every "I have paid" that came with a file, of the invoices that this person may see."""
    served = Invoice.objects.served_by(staff).values("pk")
    return TransferReport.objects.filter(proof__isnull=False, invoice__in=served).select_related("proof")
