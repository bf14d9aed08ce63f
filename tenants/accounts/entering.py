"""Signing a login in without its password: after a hand-over, or with an invitation's own new login."""

from allauth.account.internal.flows.login import record_authentication
from allauth.usersessions.models import UserSession
from django.contrib.auth import login
from django.http import HttpRequest

from tenants.accounts.models import Account

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def enter_as(request: HttpRequest, account: Account, *, method: str) -> None:
    """Sign in; the session gets a new key. Whether this may be, the caller has decided."""
    login(request, account, backend=BACKEND)
    record_authentication(request, account, method=method, email=account.email)
    UserSession.objects.create_from_request(request)
