"""Several things at the same moment, in threads with connections of their own."""

import threading
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from django.db import connections

from kit.refused import Refused
from tenants.agencies.current import CurrentAgency, inside

WAIT_SECONDS = 60


def outcomes(*works: Callable[[], object], agency: CurrentAgency | None = None) -> list[object]:
    """What each returned or raised, in their order. Inside `agency`, if there is one; none may hang."""
    start, found = threading.Barrier(len(works)), list[object]([None] * len(works))

    def run(place: int) -> None:
        try:
            with inside(agency) if agency else nullcontext():
                connections["default"].ensure_connection()  # there before the race begins
                start.wait(timeout=WAIT_SECONDS)
                found[place] = works[place]()
        except BaseException as error:
            found[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[place], daemon=True) for place in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_SECONDS)
    assert not any(thread.is_alive() for thread in threads), "one of them hangs"
    return found


def at_once(*works: Callable[[], object], agency: CurrentAgency | None = None) -> list[Any]:
    """What each returned or was refused with, in their order; any other error of one is raised here."""
    found = outcomes(*works, agency=agency)
    for one in found:
        if isinstance(one, BaseException) and not isinstance(one, Refused):
            raise one
    return found
