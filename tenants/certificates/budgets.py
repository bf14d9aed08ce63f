"""The limits of certificate authorities, kept here before they have to (Let's Encrypt's, which others exceed)."""

from dataclasses import dataclass
from functools import lru_cache
from math import floor
from typing import Any

from django.db import connection
from publicsuffixlist import PublicSuffixList

from kit import clock
from tenants.certificates.models import Budget

HOUR, DAY = 3600, 86_400


@dataclass(frozen=True)
class Limit:
    """At most `most` orders at once, and that many again within `seconds`."""

    kind: str
    words: str
    most: int
    seconds: int


LIMITS = (
    Limit("orders", "orders of our account", 300, 3 * HOUR),
    Limit("domain", "orders for one registered domain", 50, 7 * DAY),
    Limit("name", "orders for one name", 5, 7 * DAY),
)


@dataclass(frozen=True)
class Used:
    """How much of an allowance is spent; of a kind with many, the one spent most."""

    kind: str
    words: str
    key: str
    used: int
    most: int


def take(directory: str, host: str) -> float:
    """Take one order for that name at that CA out of every allowance, or out of none.

    The seconds to wait until it would be granted; 0.0 if it was.
    """
    keys = [f"orders {directory}", f"domain {directory} {registered(host)}", f"name {directory} {host}"]
    values: list[Any] = [keys, [x.most for x in LIMITS], [float(x.seconds) for x in LIMITS], clock.now()]
    with connection.cursor() as cursor:
        cursor.execute("SELECT public.certificates_take(%s, %s, %s, %s)", values)
        return float(cursor.fetchone()[0])


def used(directory: str) -> list[Used]:
    """What is spent at that CA."""
    now, found = clock.now(), []
    for limit in LIMITS:
        row = Budget.objects.filter(key__startswith=f"{limit.kind} {directory}").order_by("-full_at").first()
        spent = 0
        if row and row.full_at > now:
            # A part that has grown back does not allow one more before it is whole.
            left = limit.seconds - (row.full_at - now).total_seconds()
            spent = limit.most - max(floor(left * limit.most / limit.seconds + 1e-6), 0)
        about = str(row.key).rpartition(" ")[2] if row and limit.kind != "orders" else ""
        found.append(Used(limit.kind, limit.words, about, spent, limit.most))
    return found


def is_spent(directory: str) -> bool:
    """Whether our account may not order anything at that CA now."""
    return any(one.kind == "orders" and one.used >= one.most for one in used(directory))


def forget_old() -> int:
    """Delete allowances that are whole again; how many."""
    deleted, _ = Budget.objects.filter(full_at__lt=clock.now()).delete()
    return deleted


def registered(host: str) -> str:
    """The domain that somebody registered: one label below a public suffix. Others are their own."""
    return _suffixes().privatesuffix(host) or host


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
