"""The in-process cache between a host and its agency.

An entry lives for half a second, so every process is right within a second of any change without a
listener thread, and a busy host costs one look-up per half second. Misses are cached too, in a small
table, so that random hosts cannot grow it.
"""

import threading
import time
from collections.abc import Callable

from tenants.agencies.current import CurrentAgency, outside_agencies
from tenants.agencies.models import Agency
from tenants.domains.models import SERVING

LIFETIME_SECONDS = 0.5
MOST_ENTRIES = 10_000

_entries: dict[tuple[str, str], tuple[float, CurrentAgency | None]] = {}
_lock = threading.Lock()


def by_slug(slug: str) -> CurrentAgency | None:
    """The agency with this slug."""
    return _cached(("slug", slug), lambda: Agency.objects.reachable().filter(slug=slug).first())


def by_domain(domain: str) -> CurrentAgency | None:
    """The agency whose portal answers on this custom host."""
    serving = {"domains__host": domain, "domains__state__in": SERVING}
    return _cached(("domain", domain), lambda: Agency.objects.reachable().filter(**serving).first())


def by_id(agency_id: int) -> CurrentAgency | None:
    """The agency with this id, as jobs and API keys name it."""
    return _cached(("id", str(agency_id)), lambda: Agency.objects.reachable().filter(pk=agency_id).first())


def forget_all() -> None:
    """Drop the cache of this process, so that it sees its own change at once."""
    with _lock:
        _entries.clear()


def _cached(key: tuple[str, str], load: Callable[[], Agency | None]) -> CurrentAgency | None:
    now = time.monotonic()
    entry = _entries.get(key)
    if entry and entry[0] > now:
        return entry[1]
    with outside_agencies():
        row = load()
        found = row.current() if row else None
    with _lock:
        if len(_entries) >= MOST_ENTRIES:
            _entries.clear()
        _entries[key] = (now + LIFETIME_SECONDS, found)
    return found
