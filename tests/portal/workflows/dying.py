"""A worker that is killed (SIGKILL, by itself) while it does a step: `…dying RUN STEP before|inside|after`."""

import os
import signal
import sys
from typing import Any

import django


def _die(*args: Any, **kwargs: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(run: str, step: str, moment: str) -> None:
    """Do the step, and be killed at the moment."""
    django.setup()
    from portal.workflows import doing, running
    from tenants.agencies.current import inside
    from tenants.agencies.models import Agency

    agency = Agency.objects.get(slug="northwind").current()
    if moment == "before":
        doing.act_for = _die  # type: ignore[assignment]
    if moment == "inside":
        running.note = _die
    with inside(agency):
        running.take_step(int(run), step)
    if moment == "after":
        _die()


if __name__ == "__main__":
    main(*sys.argv[1:4])
