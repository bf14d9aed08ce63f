"""take(): the one question that limited code asks."""

import hashlib
from datetime import timedelta
from typing import Any

from django.db import connection

from kit import clock

# Qualified: it is asked from inside agencies too, where `public` is not on the path.
_TAKE = """
INSERT INTO public.ratelimits_bucket AS b (key, full_at) VALUES (%(key)s, %(now)s + %(step)s)
ON CONFLICT (key) DO UPDATE SET full_at = greatest(b.full_at, %(now)s) + %(step)s
WHERE greatest(b.full_at, %(now)s) + %(step)s <= %(now)s + %(window)s
RETURNING 1
"""
_WAIT = "SELECT full_at FROM public.ratelimits_bucket WHERE key = %(key)s"


def take(key: str, *, most: int, per_seconds: int) -> float:
    """Take one of `most` within `per_seconds`; the seconds to wait, 0.0 if it was granted.

    The key says what is limited and for whom, e.g. `sign-in:a_northwind:maria@client.example`; only its
    hash is stored.
    """
    now, window = clock.now(), timedelta(seconds=per_seconds)
    step = window / most
    hashed = hashlib.sha256(key.encode()).hexdigest()
    values: dict[str, Any] = {"key": hashed, "now": now, "step": step, "window": window}
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, values)
        if cursor.fetchone():
            return 0.0
        cursor.execute(_WAIT, values)
        row = cursor.fetchone()
    return max((row[0] + step - window - now).total_seconds(), 0.001) if row else 0.001


def forget_old() -> int:
    """Delete buckets that are whole again; the number deleted."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM public.ratelimits_bucket WHERE full_at < %s", [clock.now()])
        return int(cursor.rowcount)
