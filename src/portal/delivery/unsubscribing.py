"""Leaving what is not needed: one signed address per client, which works without signing in (RFC 8058)."""

import base64
import re

from django.conf import settings
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from portal.audit.operations import record
from portal.http import Request
from portal.mail.models import Message
from portal.module import Email
from portal.people.models import Client
from tenants.agencies.current import current_agency

NAME = re.compile(r"(?P<client>\d{1,15})-(?P<signature>[a-z2-7]{32})")


def may_unsubscribe(message: Message, email: Email) -> bool:
    """Whether this mail has to say how to get no more of its kind."""
    return message.client is not None and not email.is_transactional


def is_unwanted(message: Message, email: Email) -> bool:
    """Whether its recipient has said that they want no such mail."""
    return message.client is not None and not email.is_transactional and not message.client.wants_marketing


def address_of(client: Client) -> str:
    """The page on the portal that unsubscribes this client; never built from a request."""
    return current_agency().portal_url(
        f"/unsubscribe/{client.pk}-{_signature(client.pk, settings.SECRET_KEY)}/"
    )


def read(name: str) -> Client | None:
    """The client whom a signed name is for; None for whatever we have not signed here."""
    found = NAME.fullmatch(name)
    if found is None:
        return None
    pk = int(found["client"])
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    if not any(constant_time_compare(found["signature"], _signature(pk, key)) for key in keys):
        return None
    return Client.objects.filter(pk=pk).first()


@transaction.atomic
def choose(client: Client, *, wants: bool, request: Request | None = None) -> bool:
    """Say whether this client wants mails that are not needed; whether that changed something."""
    changed = Client.objects.filter(pk=client.pk).exclude(wants_marketing=wants).update(wants_marketing=wants)
    if changed:
        summary = "Wants news by mail again." if wants else "Unsubscribed from news by mail."
        change = {"wants_marketing": [not wants, wants]}
        record(
            "delivery.subscription_changed",
            client,
            by=client,
            summary=summary,
            change=change,
            request=request,
        )
    return bool(changed)


def _signature(client_id: int, secret: str) -> str:
    value = f"{current_agency().id} {client_id}"
    whole = salted_hmac("portal.unsubscribe", value, secret=secret, algorithm="sha256").digest()
    return base64.b32encode(whole[:20]).decode().lower()
