"""The client that a page is about."""

from django.shortcuts import get_object_or_404

from portal.http import Request
from portal.people.models import Client


def client_of(request: Request, client_id: int) -> Client:
    """The client, or 404: unknown, or erased."""
    return get_object_or_404(Client.objects.filter(erased_at=None), pk=client_id)
