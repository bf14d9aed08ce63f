"""The client or company that a page is about."""

from django.shortcuts import get_object_or_404

from portal.http import Request
from portal.people.models import Client, Company


def client_of(request: Request, client_id: int) -> Client:
    """The client, or 404: unknown, erased, or not one whom this person serves."""
    return get_object_or_404(Client.objects.served_by(request.staff).filter(erased_at=None), pk=client_id)


def company_of(request: Request, company_id: int) -> Company:
    """The company, or 404: unknown, or not one that this person looks after."""
    return get_object_or_404(Company.objects.served_by(request.staff), pk=company_id)
