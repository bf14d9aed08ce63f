"""What modules ask: may this client use this?"""

from datetime import datetime
from enum import StrEnum

from django.db.models import F, Min

from portal.entitlements.models import Entitlement, EntitlementQuerySet
from portal.people.models import Client, Company


class Access(StrEnum):
    """How far somebody may use a thing."""

    NONE = "none"
    LIMITED = "limited"  # what was begun may be read; nothing new (a payment is a week late)
    FULL = "full"


def access_to(client: Client, key: str) -> Access:
    """How far the client may use `key`, by itself or through one of its companies; the best grant counts."""
    found = Entitlement.objects.visible_to(client).usable().filter(key=key)
    limits = set(found.values_list("limited_at", flat=True))
    if None in limits:
        return Access.FULL
    return Access.LIMITED if limits else Access.NONE


def may_use(client: Client, key: str) -> bool:
    """Whether `key` is open for the client at all, limited or in full."""
    return access_to(client, key) != Access.NONE


def open_keys(client: Client, *, kind: str = "") -> dict[str, Access]:
    """Everything that is open for the client, with how far; `kind` narrows, e.g. "courses.course"."""
    found = Entitlement.objects.visible_to(client).usable()
    if kind:
        found = found.filter(key__startswith=f"{kind}:")
    opened: dict[str, Access] = {}
    for key, limited_at in found.values_list("key", "limited_at"):
        if limited_at is None or key not in opened:
            opened[key] = Access.FULL if limited_at is None else Access.LIMITED
    return opened


def owner_keys(owner: Company | Client) -> set[str]:
    """What is open for exactly this owner; a client's companies are not looked at."""
    return set(of_owner(owner).usable().values_list("key", flat=True))


def grants_of(owner: Company | Client, key: str) -> int:
    """For how many reasons the owner may use `key` right now."""
    return of_owner(owner).usable().filter(key=key).count()


def of_owner(owner: Company | Client) -> EntitlementQuerySet:
    """Every entitlement of exactly this owner."""
    field = "company" if isinstance(owner, Company) else "client"
    found: EntitlementQuerySet = Entitlement.objects.filter(**{field: owner})
    return found


def opened_since(client: Client, key: str) -> datetime | None:
    """The moment from which drip content counts; None: it is not open.

    That of the first reason which still stands, later by as long as it was paused: pauses stop the clock.
    """
    found = Entitlement.objects.visible_to(client).usable().filter(key=key)
    begun: datetime | None = found.aggregate(begun=Min(F("since") + F("paused_for")))["begun"]
    return begun
