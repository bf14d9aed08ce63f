"""A worker that is killed (SIGKILL, by itself) while it books: `python -m …dying EVENT before|inside|after`."""

import os
import signal
import sys
from typing import Any

import django


def _die(*args: Any, **kwargs: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(event_pk: str, moment: str) -> None:
    """Work on the event, and be killed at the moment."""
    django.setup()
    from portal.payments import concerns, settling
    from tenants.gateway import inbox
    from tests.portal.payments import till

    assert till
    if moment == "before":
        settling.write = _die  # type: ignore[assignment]
    if moment == "inside":
        concerns.note_excess = _die
    if moment == "after":
        write = settling.write
        settling.write = lambda *words: _die(write(*words))  # type: ignore[assignment]
    inbox.apply(int(event_pk))


if __name__ == "__main__":
    main(*sys.argv[1:3])
