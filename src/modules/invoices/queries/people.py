"""Who sees, who pays, who is told."""

from dataclasses import dataclass

from django.db.models import QuerySet

from modules.invoices.models import BillingDetails, Invoice, TransferReport
from modules.invoices.models.invoices import word_of
from portal.people.models import Client, Company, Right, Staff
from portal.people.owned import OwnedRecord


@dataclass(frozen=True)
class Seen:
    """Whose invoices a client sees, and which of them it may pay, as owners' words ("company-3")."""

    whose: tuple[str, ...]
    payable: tuple[str, ...]


def seen_by(client: Client) -> Seen:
    """Its own invoices, and those of companies for which it may see money; one question."""
    own = word_of(client)
    rights = client.memberships.order_by("company_id").values_list("company_id", "rights")
    seen = [(f"company-{pk}", found) for pk, found in rights if Right.VIEW_MONEY in found]
    return Seen(
        (own, *(word for word, _ in seen)), (own, *(word for word, found in seen if Right.PAY in found))
    )


def clients_of(invoice: OwnedRecord, *, paying: bool = False) -> list[Client]:
    """Those who may sign in today and see the invoice or quote; `paying`: and may pay (accept) it."""
    clients = Client.objects.with_access()
    if invoice.client_id:
        return list(clients.filter(pk=invoice.client_id))
    rights = [Right.VIEW_MONEY, Right.PAY] if paying else [Right.VIEW_MONEY]
    return list(
        clients.filter(
            memberships__company=invoice.company_id, memberships__rights__contains=rights
        ).order_by("pk")
    )


def may_pay(invoice: OwnedRecord, client: Client) -> bool:
    """Whether this client may pay it: its own, or its company's with the right."""
    if invoice.client_id:
        return bool(invoice.client_id == client.pk)
    return client.may(Right.PAY, invoice.company) and client.may(Right.VIEW_MONEY, invoice.company)


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
