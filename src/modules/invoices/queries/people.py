"""Who sees, who pays, who is told."""

from modules.invoices.models import Invoice
from portal.people.models import Client, Company, Right, Staff


def clients_of(invoice: Invoice, *, paying: bool = False) -> list[Client]:
    """Those who may sign in today and see the invoice; `paying`: and may pay it."""
    clients = Client.objects.with_access()
    if invoice.client_id:
        return list(clients.filter(pk=invoice.client_id))
    rights = [Right.VIEW_MONEY, Right.PAY] if paying else [Right.VIEW_MONEY]
    return list(
        clients.filter(
            memberships__company=invoice.company_id, memberships__rights__contains=rights
        ).order_by("pk")
    )


def may_pay(invoice: Invoice, client: Client) -> bool:
    """Whether this client may pay it: its own, or its company's with the right."""
    if invoice.client_id:
        return bool(invoice.client_id == client.pk)
    return client.may(Right.PAY, invoice.company) and client.may(Right.VIEW_MONEY, invoice.company)


def managers() -> list[Staff]:
    """Who hears of money at the agency: its owners and admins."""
    return list(
        Staff.objects.filter(is_active=True, role__in=[Staff.Role.OWNER, Staff.Role.ADMIN]).order_by("pk")
    )


def possible_owners() -> tuple[list[Company], list[Client]]:
    """Companies, and the clients who stand alone; whoever lost access is left out."""
    alone = Client.objects.with_access().filter(companies__isnull=True).order_by("name", "pk")
    return list(Company.objects.order_by("name", "pk")), list(alone)
